"""OIDC Native-SSO §3, §4: applications of one publisher share a sign-in on one device."""

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from accounts import consent, people, sessions
from authserver import registrar, resources
from authserver.grants import native_sso
from config import policy
from config.policy import NativeSso
from tests.doors import Response, Value
from tests.parties import LOOPBACK, Enrol
from tests.person import Person
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("OIDC Native-SSO §3, §4")
SCOPE = "openid email device_sso"
Tokens = dict[str, Any]


@pytest.fixture(autouse=True)
def acknowledged() -> Iterator[None]:
    """Put the draft in force, and let go of what was read under another policy."""
    with policy.replaced(native_sso=NativeSso(draft=7)):
        resources.evict()
        yield
    resources.evict()


@pytest.fixture
def group() -> str:
    return f"apps of {secrets.token_hex(4)}"


@pytest.fixture
def first(enrol: Enrol, group: str) -> RelyingParty:
    return enrol(**native(group))


@pytest.fixture
def second(enrol: Enrol, group: str) -> RelyingParty:
    return enrol(**native(group))


def native(group: str, **more: Any) -> dict[str, Any]:
    return {
        "token_endpoint_auth_method": "none",
        "application_type": "native",
        "redirect_uris": [LOOPBACK],
        "grant_types": ["authorization_code", "refresh_token", native_sso.TOKEN_EXCHANGE],
        "scope": f"{SCOPE} profile offline_access",
        "native_sso_group": group,
        **more,
    }


def exchange(rp: RelyingParty, held: Tokens, **changes: Value) -> Response:
    usual: dict[str, Value] = {
        "grant_type": native_sso.TOKEN_EXCHANGE,
        "audience": rp.issuer,
        "subject_token": held["id_token"],
        "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
        "actor_token": held["device_secret"],
        "actor_token_type": "urn:openid:params:token-type:device-secret",
    }
    return rp.post("token", usual | changes)


def error(answer: Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["error"])


def test_the_second_application_is_signed_in_without_a_page(
    first: RelyingParty, second: RelyingParty, someone: Person
) -> None:
    held = first.tokens(someone, scope=SCOPE)
    answer = exchange(second, held)
    assert answer.status_code == 200, answer.text
    got = answer.json()
    assert got["issued_token_type"] == "urn:ietf:params:oauth:token-type:access_token"
    assert got["scope"].split() == SCOPE.split()
    before, after = first.claims(held["id_token"]), second.claims(got["id_token"])
    same = ("sub", "sid", "auth_time", "acr", "amr")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert second.userinfo(got["access_token"]).json()["email"] == someone.email
    assert second.refresh(got["refresh_token"]).status_code == 200


def test_what_it_gets_opens_a_third_and_stays_good_when_refreshed(
    first: RelyingParty, second: RelyingParty, someone: Person
) -> None:
    held = exchange(second, first.tokens(someone, scope=SCOPE)).json()
    assert exchange(first, held).status_code == 200
    refreshed = second.refresh(held["refresh_token"]).json()
    assert exchange(first, refreshed).status_code == 200


def test_the_person_finds_the_second_application_among_those_they_connected(
    first: RelyingParty, second: RelyingParty, someone: Person
) -> None:
    got = exchange(second, first.tokens(someone, scope=SCOPE)).json()
    assert consent.covers(someone.subject, second.client_id, SCOPE.split())
    assert consent.withdraw(someone.subject, second.client_id)
    assert second.userinfo(got["access_token"]).status_code == 401


def test_what_the_person_took_back_is_not_given_again_behind_their_back(
    first: RelyingParty, second: RelyingParty, someone: Person
) -> None:
    held = first.tokens(someone, scope=SCOPE)
    assert exchange(second, held).status_code == 200
    consent.withdraw(someone.subject, second.client_id)
    answer = exchange(second, held)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert not consent.covers(someone.subject, second.client_id, ["openid"])
    second.tokens(someone, scope=SCOPE)  # on the page, where they agree anew
    assert exchange(second, held).status_code == 200


def test_without_the_scope_there_is_no_device_secret(first: RelyingParty, someone: Person) -> None:
    held = first.tokens(someone, scope="openid email")
    assert "device_secret" not in held
    assert "ds_hash" not in first.claims(held["id_token"])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"audience": None}, "invalid_request", id="no audience"),
        pytest.param({"audience": "https://x.example"}, "invalid_request", id="other audience"),
        pytest.param({"subject_token": None}, "invalid_request", id="no ID token"),
        pytest.param({"actor_token": None}, "invalid_request", id="no device secret"),
        pytest.param(
            {"subject_token_type": "urn:ietf:params:oauth:token-type:access_token"},
            "invalid_request",
            id="an access token",
        ),
        pytest.param(
            {"actor_token_type": "urn:ietf:params:oauth:token-type:jwt"},
            "invalid_request",
            id="another actor",
        ),
        pytest.param(
            {"requested_token_type": "urn:ietf:params:oauth:token-type:saml2"},
            "invalid_request",
            id="wants SAML",
        ),
        pytest.param({"actor_token": "as_ds_nonsense"}, "invalid_grant", id="forged secret"),
        pytest.param({"subject_token": "e30.e30.e30"}, "invalid_grant", id="forged ID token"),
        pytest.param({"scope": "openid profile"}, "invalid_scope", id="more than granted"),
        pytest.param({"resource": "https://x.example"}, "invalid_target", id="unknown resource"),
    ],
)
def test_anything_else_is_refused(
    first: RelyingParty,
    second: RelyingParty,
    someone: Person,
    changes: dict[str, str],
    expected: str,
) -> None:
    held = first.tokens(someone, scope=SCOPE)
    assert error(exchange(second, held, **changes)) == (400, expected)
    assert exchange(second, held).status_code == 200, "and nothing was spent"


def test_a_stolen_id_token_is_nothing_without_its_own_secret(
    first: RelyingParty, second: RelyingParty, someone: Person, somebody_else: Person
) -> None:
    mine, theirs = first.tokens(someone, scope=SCOPE), first.tokens(somebody_else, scope=SCOPE)
    mixed = {"id_token": theirs["id_token"], "device_secret": mine["device_secret"]}
    assert error(exchange(second, mixed)) == (400, "invalid_grant")


def test_a_secret_goes_with_the_id_token_it_came_with(
    first: RelyingParty, second: RelyingParty, rp: RelyingParty, someone: Person
) -> None:
    once, again = first.tokens(someone, scope=SCOPE), first.tokens(someone, scope=SCOPE)
    elsewhere = rp.tokens(someone, scope="openid email")
    for id_token in (again["id_token"], elsewhere["id_token"]):
        mixed = {"id_token": id_token, "device_secret": once["device_secret"]}
        assert error(exchange(second, mixed)) == (400, "invalid_grant")


def test_an_application_that_left_the_group_opens_nothing(
    first: RelyingParty, second: RelyingParty, someone: Person
) -> None:
    held = first.tokens(someone, scope=SCOPE)
    registrar.update(first.client_id, native("another group"))
    assert error(exchange(second, held)) == (400, "invalid_grant")


def test_an_application_outside_the_group_is_refused(
    first: RelyingParty, enrol: Enrol, someone: Person
) -> None:
    held = first.tokens(someone, scope=SCOPE)
    stranger = enrol(**native(f"others {secrets.token_hex(4)}"))
    assert error(exchange(stranger, held)) == (400, "invalid_grant")
    web = enrol()
    assert error(exchange(web, held)) == (400, "unauthorized_client")


@pytest.mark.parametrize("way", ["session", "person", "consent", "client", "revoked"])
def test_it_ends_with_what_it_rests_on(
    first: RelyingParty, second: RelyingParty, someone: Person, way: str
) -> None:
    held = first.tokens(someone, scope=f"{SCOPE} offline_access")
    sid = first.claims(held["id_token"])["sid"]
    match way:
        case "session":
            assert sessions.end(sid)
        case "person":
            people.disable(someone.subject)
        case "consent":
            consent.withdraw(someone.subject, first.client_id)
        case "client":
            registrar.remove(first.client_id)
        case _:
            assert first.revoke(held["refresh_token"]).status_code == 200
    assert error(exchange(second, held)) == (400, "invalid_grant")


def test_what_was_issued_ends_with_the_session(
    first: RelyingParty, second: RelyingParty, someone: Person
) -> None:
    held = first.tokens(someone, scope=SCOPE)
    got = exchange(second, held).json()
    sessions.end(first.claims(held["id_token"])["sid"])
    assert second.userinfo(got["access_token"]).status_code == 401
    assert error(second.refresh(got["refresh_token"])) == (400, "invalid_grant")


def test_unless_the_draft_is_acknowledged_nothing_of_it_is_there(
    first: RelyingParty, second: RelyingParty, someone: Person
) -> None:
    held = first.tokens(someone, scope=SCOPE)
    with policy.replaced(native_sso=NativeSso()):
        resources.evict()
        assert error(exchange(second, held)) == (400, "unsupported_grant_type")
        assert first.ask(someone, scope=SCOPE).error == "invalid_scope"
        assert (
            "device_sso"
            not in first.door.get(f"{first.issuer}/.well-known/openid-configuration").json()[
                "scopes_supported"
            ]
        )
