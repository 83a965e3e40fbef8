"""OIDC Core §3.3 — a code and an ID token together, and an ID token alone (§3.2)."""

import base64
import hashlib
import time
from collections.abc import Callable
from typing import Any

import pytest
import time_machine

from accounts import consent, people, sessions
from authserver import clients
from tests.parties import Enrol
from tests.person import Person
from tests.rp import Arrival, RelyingParty
from tokens import epochs

pytestmark = pytest.mark.spec("OIDC Core §3.3")

HYBRID: dict[str, Any] = {
    "response_types": ["code", "code id_token"],
    "grant_types": ["authorization_code", "implicit", "refresh_token"],
}
IMPLICIT: dict[str, Any] = {
    "response_types": ["id_token"],
    "grant_types": ["implicit"],
    "token_endpoint_auth_method": "none",
}
PROTOCOL = {"iss", "sub", "aud", "iat", "exp", "auth_time", "acr", "amr", "sid", "nonce"}


@pytest.fixture
def hybrid(enrol: Enrol) -> RelyingParty:
    """Return a client of both flows."""
    return enrol(**HYBRID)


@pytest.fixture
def implicit(enrol: Enrol) -> RelyingParty:
    """Return a client that wants nothing but to know who is there."""
    return enrol(**IMPLICIT)


def told(rp: RelyingParty, arrival: Arrival) -> dict[str, Any]:
    """Return what the answer's ID token says."""
    return rp.claims(arrival.parameters["id_token"])


def half(text: str) -> str:
    """Return the left half of a SHA-256 in base64url."""
    return (
        base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:16]).rstrip(b"=").decode()
    )


@pytest.mark.spec("OIDC Core §3.3.2.11")
def test_the_id_token_is_bound_to_the_code_and_the_state(hybrid: RelyingParty) -> None:
    arrival = hybrid.authorize(response_type="code id_token")
    claims = told(hybrid, arrival)
    assert set(claims) == {*PROTOCOL, "c_hash", "s_hash"}
    assert claims["c_hash"] == half(arrival.code)
    assert claims["s_hash"] == half(arrival.parameters["state"])
    assert claims["nonce"] == arrival.asked.value("nonce")


def test_without_a_state_there_is_no_hash_of_one(hybrid: RelyingParty) -> None:
    assert "s_hash" not in told(hybrid, hybrid.authorize(response_type="code id_token", state=None))


@pytest.mark.spec("OIDC Core §3.3.3.6")
def test_both_id_tokens_are_about_the_same(hybrid: RelyingParty) -> None:
    arrival = hybrid.authorize(response_type="code id_token")
    first = told(hybrid, arrival)
    second = hybrid.claims(hybrid.redeem(arrival).json()["id_token"])
    for name in ("iss", "sub", "aud", "auth_time", "sid", "acr", "nonce"):
        assert first[name] == second[name], name


def test_the_code_has_its_challenge(hybrid: RelyingParty) -> None:
    arrival = hybrid.authorize(response_type="code id_token")
    assert hybrid.redeem(arrival, code_verifier="x" * 43).json()["error"] == "invalid_grant"
    arrival = hybrid.ask(response_type="code id_token", code_challenge=None)
    assert (arrival.outcome, arrival.mode) == ("invalid_request", "fragment")


@pytest.mark.spec("OIDC Core §3.2")
def test_an_id_token_alone_needs_no_challenge(implicit: RelyingParty) -> None:
    without: dict[str, Any] = {"code_challenge": None, "code_challenge_method": None}
    for challenge in ({}, without):
        arrival = implicit.authorize(response_type="id_token", scope="openid", **challenge)
        claims = told(implicit, arrival)
        assert (arrival.outcome, set(claims)) == ("id_token", {*PROTOCOL, "s_hash"})


@pytest.mark.spec("OIDC Core §5.4")
def test_an_id_token_alone_says_what_the_scopes_ask_for(
    implicit: RelyingParty, someone: Person
) -> None:
    claims = told(implicit, implicit.authorize(response_type="id_token", scope="openid email"))
    assert (claims["email"], claims["email_verified"]) == (someone.email, True)
    assert "name" not in claims


@pytest.mark.spec("OIDC Core §5.4")
def test_beside_a_code_it_says_nothing_of_the_person(hybrid: RelyingParty) -> None:
    claims = told(hybrid, hybrid.authorize(response_type="code id_token", scope="openid email"))
    assert "email" not in claims


@pytest.mark.spec("OIDC Core §5.5")
def test_a_single_claim_asked_for_is_told(hybrid: RelyingParty, someone: Person) -> None:
    arrival = hybrid.authorize(
        response_type="code id_token", scope="openid", claims='{"id_token":{"email":null}}'
    )
    assert told(hybrid, arrival)["email"] == someone.email


@pytest.mark.spec("OIDC Core §8")
def test_its_subject_is_the_clients_own(enrol: Enrol, someone: Person) -> None:
    rp = enrol(**HYBRID, subject_type="pairwise")
    arrival = rp.authorize(response_type="code id_token")
    claims = told(rp, arrival)
    assert claims["sub"] != someone.subject
    assert claims["sub"] == rp.claims(rp.redeem(arrival).json()["id_token"])["sub"]
    assert rp.ask(prompt="none", id_token_hint=arrival.parameters["id_token"]).outcome == "code"


@pytest.mark.spec("OIDC Core §3.2.2.6")
def test_a_silent_renewal_is_answered_without_a_page(implicit: RelyingParty) -> None:
    implicit.authorize(response_type="id_token")
    renewed = implicit.ask(response_type="id_token", prompt="none")
    assert (renewed.outcome, renewed.mode) == ("id_token", "fragment")


def test_a_hint_may_come_from_such_an_answer(implicit: RelyingParty) -> None:
    hint = implicit.authorize(response_type="id_token").parameters["id_token"]
    arrival = implicit.ask(response_type="id_token", prompt="none", id_token_hint=hint)
    assert arrival.outcome == "id_token"


def test_an_id_token_of_an_answer_is_no_access_token(hybrid: RelyingParty) -> None:
    token = hybrid.authorize(response_type="code id_token").parameters["id_token"]
    assert hybrid.userinfo(token).status_code == 401


CUT_OFF: dict[str, Callable[[str, str, str], object]] = {
    "password changed": lambda subject, _sid, _client: epochs.bump(epochs.PERSON, subject),
    "session ended": lambda _subject, sid, _client: sessions.end(sid),
    "person disabled": lambda subject, _sid, _client: people.disable(subject),
    "consent withdrawn": lambda subject, _sid, client: consent.withdraw(subject, client),
}


@pytest.mark.parametrize("cut_off", CUT_OFF.values(), ids=CUT_OFF)
def test_what_was_cut_off_gets_no_id_token(
    implicit: RelyingParty, someone: Person, cut_off: Callable[[str, str, str], object]
) -> None:
    sid = told(implicit, implicit.authorize(response_type="id_token"))["sid"]
    cut_off(someone.subject, sid, implicit.client_id)
    arrival = implicit.ask(response_type="id_token", prompt="none")
    assert arrival.outcome in {"login_required", "consent_required"}


def test_a_client_switched_off_this_instant_gets_none(
    implicit: RelyingParty, someone: Person
) -> None:
    """The client is remembered for a second; what it may still be told is asked of its epoch."""
    implicit.authorize(response_type="id_token")
    remembered = clients.find(implicit.client_id)
    assert remembered is not None
    epochs.bump(epochs.CLIENT, implicit.client_id)  # as another process's operator does
    arrival = implicit.ask(response_type="id_token", prompt="none")
    assert arrival.response.location.startswith(implicit.address("authorization"))
    again = someone.browser.send("GET", arrival.response.location)
    assert implicit.arrival(arrival.asked, again).outcome == "id_token"  # it is on, and read anew
    assert clients.find(implicit.client_id) is not remembered


def test_auth_time_is_when_this_session_began(hybrid: RelyingParty) -> None:
    first = told(hybrid, hybrid.authorize(response_type="code id_token"))
    with time_machine.travel(time.time() + 3600):
        later = told(hybrid, hybrid.authorize(response_type="code id_token"))
    assert later["auth_time"] == first["auth_time"]
    assert later["iat"] > first["iat"]
