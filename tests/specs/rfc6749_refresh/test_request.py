"""RFC 6749 §6 — who may refresh, what it may ask for, and what it cannot widen."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts import consent, people
from authserver import registrar
from tests.browser import Page
from tests.credentials import Nothing
from tests.person import Person
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 6749 §6")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        pytest.param({"refresh_token": None}, "invalid_request", id="none"),
        pytest.param({"refresh_token": ""}, "invalid_request", id="empty"),
        pytest.param({"refresh_token": "as_rt_x"}, "invalid_grant", id="garbage"),
        pytest.param({"refresh_token": ["x", "y"]}, "invalid_request", id="two"),
        pytest.param({"refresh_token": "\u00fc"}, "invalid_request", id="beyond ASCII"),
        pytest.param({"scope": "openid address"}, "invalid_scope", id="a scope not granted"),
        pytest.param({"scope": "bogus"}, "invalid_scope", id="an unknown scope"),
        pytest.param({"scope": '"'}, "invalid_scope", id="a hostile scope"),
        pytest.param({"resource": "https://nowhere.example"}, "invalid_target", id="resource"),
        pytest.param({"client_id": "somebody"}, "invalid_client", id="another client_id"),
    ],
)
def test_a_faulty_request_is_refused_and_turns_nothing(
    rp: RelyingParty, changes: dict[str, Any], error: str
) -> None:
    token = rp.tokens(scope="openid email")["refresh_token"]
    answer = rp.post("token", {"grant_type": "refresh_token", "refresh_token": token, **changes})
    assert answer.json()["error"] == error
    assert answer.status_code == (401 if error == "invalid_client" else 400)
    first = rp.refresh(token).json()["refresh_token"]
    assert first != token
    assert rp.refresh(first).status_code == 200


def test_a_narrower_scope_is_for_this_access_token_alone(rp: RelyingParty) -> None:
    tokens = rp.tokens(scope="openid email profile")
    narrow = rp.refresh(tokens["refresh_token"], scope="openid email").json()
    assert narrow["scope"] == "openid email"
    assert rp.introspect(narrow["access_token"]).json()["scope"] == "openid email"
    wide = rp.refresh(narrow["refresh_token"], scope="openid profile email")
    assert (wide.status_code, wide.json()["scope"]) == (200, "openid profile email")
    assert rp.refresh(wide.json()["refresh_token"]).json()["scope"] == "openid email profile"


def test_a_scope_without_openid_brings_no_id_token(rp: RelyingParty) -> None:
    tokens = rp.tokens(scope="openid email")
    assert "id_token" not in rp.refresh(tokens["refresh_token"], scope="email").json()


def test_the_client_has_to_prove_itself(rp: RelyingParty) -> None:
    token = rp.tokens()["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": token}
    answer = rp.post("token", form, proof=Nothing(client_id=rp.client_id))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert rp.refresh(token).status_code == 200


@pytest.mark.parametrize("kind", ["access_token", "id_token"])
def test_no_other_token_refreshes(rp: RelyingParty, kind: str) -> None:
    answer = rp.refresh(rp.tokens()[kind])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_a_code_refreshes_nothing(rp: RelyingParty) -> None:
    arrival = rp.authorize()
    assert rp.refresh(arrival.code).json()["error"] == "invalid_grant"
    assert rp.redeem(arrival).status_code == 200


CUT_OFF: dict[str, Callable[[RelyingParty, Person, str], object]] = {
    "disabled": lambda _, person, __: people.disable(person.subject),
    "deleted": lambda _, person, __: people.delete(person.subject),
    "disconnected": lambda rp, person, _: _disconnect(rp, person),
    "password changed": lambda _, person, __: _set_password(person),
    "client re-enabled": lambda rp, *_: (
        registrar.disable(rp.client_id),
        registrar.enable(rp.client_id),
    ),
    "revoked": lambda rp, _, token: rp.revoke(token),
}


@pytest.mark.spec("RFC 9700 §2.2.2")
@pytest.mark.parametrize("cut_off", CUT_OFF.values(), ids=CUT_OFF)
def test_what_rests_on_a_person_a_client_or_a_consent_dies_with_them(
    rp: RelyingParty,
    resource_server: RelyingParty,
    someone: Person,
    cut_off: Callable[[RelyingParty, Person, str], object],
) -> None:
    tokens = rp.tokens(scope="openid offline_access")
    cut_off(rp, someone, tokens["refresh_token"])
    answer = rp.refresh(tokens["refresh_token"])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert resource_server.is_dead(tokens["access_token"])
    assert rp.userinfo(tokens["access_token"]).status_code == 401


def _disconnect(rp: RelyingParty, person: Person) -> None:
    """Take the consent back, on the person's own pages."""
    page = person.browser.open(f"{rp.issuer}/")
    page = person.browser.open(Page(page).links["Account"])
    page = person.browser.open(Page(page).links["Applications"])
    form = next(f for f in Page(page).forms if f.fields.get("client_id") == rp.client_id)
    person.browser.submit(form)
    assert consent.of(person.subject) == []


def _set_password(person: Person) -> None:
    user = people.find(person.subject)
    assert user
    people.set_password(user, "Another-Horse8battery")
