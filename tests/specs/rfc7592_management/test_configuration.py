"""RFC 7592 §2 — a client reads, changes and removes itself, and nothing else."""

import secrets
from typing import Any

import pytest

from authserver import clients, models, registrar
from config import policy
from tests import registrations
from tests.parties import CALLBACK, Enrol
from tests.registrations import Newcomer

pytestmark = pytest.mark.spec("RFC 7592 §2")


def test_reading_shows_what_is_registered_and_no_secret(newcomer: Newcomer) -> None:
    told = newcomer.register(client_name="Notebook", client_uri="https://app.example/")
    answer = newcomer.manage("GET", told)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    shown = answer.json()
    assert "client_secret" not in shown
    assert told["client_secret"] not in answer.text
    same = {k: v for k, v in told.items() if not k.startswith("client_secret")}
    assert shown == same


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("token", ["", "wrong", "as_ra_" + "A" * 43])
def test_without_its_token_nothing_is_said(newcomer: Newcomer, method: str, token: str) -> None:
    told = newcomer.register()
    document = {"client_id": told["client_id"], **registrations.WEB} if method == "PUT" else None
    answer = newcomer.manage(method, told, document, token=token)
    assert answer.status_code == 401
    assert (answer.headers["WWW-Authenticate"] or "").startswith("Bearer")
    assert newcomer.manage("GET", told).status_code == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_another_clients_token_opens_nothing(newcomer: Newcomer, method: str) -> None:
    told, other = newcomer.register(), newcomer.register()
    document = {"client_id": told["client_id"], **registrations.WEB} if method == "PUT" else None
    answer = newcomer.manage(method, told, document, token=other["registration_access_token"])
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


@pytest.mark.parametrize("token", ["", "x"])
def test_a_client_an_operator_registered_has_no_configuration_here(
    newcomer: Newcomer, enrol: Enrol, token: str
) -> None:
    client_id = enrol().client_id
    models.Client.objects.filter(pk=client_id).update(registration_token_digest="")
    told = {"registration_client_uri": f"{newcomer.address}?client_id={client_id}"}
    assert newcomer.manage("GET", told, token=token).status_code == 401


def test_a_client_has_to_be_named(newcomer: Newcomer) -> None:
    told = newcomer.register() | {"registration_client_uri": newcomer.address}
    assert newcomer.manage("GET", told).status_code == 400


@pytest.mark.parametrize("query", ["client_id=%00", "client_id=a&client_id=b", "client_id=%ff"])
def test_an_odd_name_is_refused(newcomer: Newcomer, query: str) -> None:
    told = {"registration_client_uri": f"{newcomer.address}?{query}"}
    assert newcomer.manage("GET", told, token="x").status_code == 400


def test_an_update_replaces_what_was_there(newcomer: Newcomer) -> None:
    told = newcomer.register(client_name="Old", tos_uri="https://app.example/tos")
    other = "https://app.example/other"
    answer = newcomer.put(told, client_name="New", redirect_uris=[other])
    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["client_name"], shown["redirect_uris"]) == ("New", [other])
    assert "tos_uri" not in shown
    assert "client_secret" not in shown
    assert shown["registration_access_token"] == told["registration_access_token"]
    assert newcomer.manage("GET", told).json() == shown
    rp = newcomer.party({**told, "redirect_uris": [other]})
    assert rp.redeem(rp.authorize()).status_code == 200


def test_what_was_read_can_be_sent_back(newcomer: Newcomer) -> None:
    told = newcomer.register(client_name="Same", **{"client_name#de": "Gleich"})
    shown = newcomer.manage("GET", told).json()
    answer = newcomer.manage("PUT", told, shown)
    assert (answer.status_code, answer.json()) == (200, shown)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": None}, "invalid_client_metadata"),
        ({"client_id": "other"}, "invalid_client_metadata"),
        ({"client_secret": "a secret of its own choice, 0123456789"}, "invalid_client_metadata"),
        ({"client_secret": ["x"]}, "invalid_client_metadata"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://app.example/cb"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://*.example/cb"]}, "invalid_redirect_uri"),
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"redirect_uris": None}, "invalid_redirect_uri"),
        ({"client_name": "Bank\u202e"}, "invalid_client_metadata"),
        ({"grant_types": ["client_credentials"]}, "invalid_client_metadata"),
        ({"jwks_uri": "http://169.254.169.254/"}, "invalid_client_metadata"),
    ],
)
def test_an_update_is_judged_like_a_registration(
    newcomer: Newcomer, changes: dict[str, Any], error: str
) -> None:
    told = newcomer.register()
    before = newcomer.manage("GET", told).json()
    answer = newcomer.put(told, **changes)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert newcomer.manage("GET", told).json() == before


def test_the_secret_it_has_may_be_named(newcomer: Newcomer) -> None:
    told = newcomer.register()
    answer = newcomer.put(told, client_secret=told["client_secret"])
    assert answer.status_code == 200
    assert clients.authenticated(told["client_id"], told["client_secret"])


def test_another_method_brings_another_secret(newcomer: Newcomer) -> None:
    told = newcomer.register(token_endpoint_auth_method="none")
    shown = newcomer.put(told, token_endpoint_auth_method="client_secret_post").json()
    assert shown["client_secret_expires_at"] == 0
    rp = newcomer.party({**told, **shown})
    assert rp.redeem(rp.authorize()).status_code == 200
    gone = newcomer.put(told, token_endpoint_auth_method="none").json()
    assert "client_secret" not in gone
    assert not models.ClientSecret.objects.filter(client_id=told["client_id"]).exists()


def test_the_token_changes_where_the_policy_says_so(newcomer: Newcomer) -> None:
    told = newcomer.register()
    with policy.replaced(registration=registrations.permitting(is_access_token_rotated=True)):
        shown = newcomer.put(told).json()
    assert shown["registration_access_token"] != told["registration_access_token"]
    assert newcomer.manage("GET", told).status_code == 401
    assert newcomer.manage("GET", shown).status_code == 200


def test_removal_ends_everything_and_the_id_stays_unused(newcomer: Newcomer) -> None:
    told = newcomer.register(grant_types=["authorization_code", "refresh_token"])
    rp = newcomer.party(told)
    tokens, code = rp.tokens(), rp.authorize()
    answer = newcomer.manage("DELETE", told)
    assert (answer.status_code, answer.body) == (204, b"")
    assert rp.userinfo(tokens["access_token"]).status_code == 401
    assert rp.refresh(tokens["refresh_token"]).status_code == 401
    assert rp.redeem(code).status_code == 401
    assert rp.ask().outcome == "shown"
    for method in ("GET", "DELETE"):
        assert newcomer.manage(method, told).status_code == 401
    assert newcomer.put(told).status_code == 401
    assert newcomer.register()["client_id"] != told["client_id"]
    # Even under its own name again, nothing of the old one counts.
    registrar.register(
        {"client_id": told["client_id"], "redirect_uris": [CALLBACK], "grant_types": WITH_REFRESH}
    )
    assert rp.userinfo(tokens["access_token"]).status_code == 401
    registrar.remove(told["client_id"])


WITH_REFRESH = ["authorization_code", "refresh_token"]


def test_its_pages_may_speak_to_it(newcomer: Newcomer) -> None:
    origin = f"https://{secrets.token_hex(6)}.example"
    told = newcomer.register(redirect_uris=[f"{origin}/cb"], token_endpoint_auth_method="none")
    headers = {"Origin": origin, "Access-Control-Request-Method": "PUT"}
    answer = newcomer.door.send("OPTIONS", told["registration_client_uri"], headers=headers)
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert "PUT" in (answer.headers["Access-Control-Allow-Methods"] or "")
    assert answer.headers["Access-Control-Allow-Credentials"] is None
