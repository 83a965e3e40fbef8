"""OAuth 2.0 Multiple Response Types §3 — what an answer holds, for whom, and how it travels."""

from typing import Any

import pytest

from config import policy
from tests.browser import Page
from tests.parties import Enrol
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("OAuth 2.0 Multiple Response Types §3")

IMPLICIT: dict[str, Any] = {"response_types": ["id_token"], "grant_types": ["implicit"]}
HYBRID: dict[str, Any] = {
    "response_types": ["code", "code id_token"],
    "grant_types": ["authorization_code", "implicit"],
}
TYPES = {"id_token": IMPLICIT, "code id_token": HYBRID, "id_token code": HYBRID}


@pytest.fixture
def hybrid(enrol: Enrol) -> RelyingParty:
    """Return a client registered for `code` and `code id_token`."""
    return enrol(**HYBRID)


@pytest.mark.parametrize("mode", [None, "fragment", "form_post"])
@pytest.mark.parametrize("kind", TYPES)
def test_what_was_asked_for_comes_in_the_mode_asked(
    enrol: Enrol, kind: str, mode: str | None
) -> None:
    arrival = enrol(**TYPES[kind]).authorize(response_type=kind, response_mode=mode)
    assert set(arrival.outcome.split()) == set(kind.split())
    assert arrival.mode == (mode or "fragment")
    assert set(arrival.parameters) == {*kind.split(), "state", "iss", "session_state"}


@pytest.mark.parametrize("kind", TYPES)
def test_a_token_never_travels_in_a_query(enrol: Enrol, kind: str) -> None:
    arrival = enrol(**TYPES[kind]).ask(response_type=kind, response_mode="query")
    assert (arrival.outcome, arrival.mode) == ("invalid_request", "fragment")


def test_a_code_alone_may_travel_in_any_mode(hybrid: RelyingParty) -> None:
    for mode in ("query", "fragment", "form_post"):
        arrival = hybrid.authorize(response_mode=mode)
        assert (arrival.outcome, arrival.mode) == ("code", mode)
        assert hybrid.redeem(arrival).status_code == 200


def test_a_redirect_uri_with_a_query_keeps_it(enrol: Enrol) -> None:
    uri = "https://app.example/cb?tenant=a%20b"
    rp = enrol(**HYBRID, redirect_uris=[uri])
    arrival = rp.authorize(response_type="code id_token", redirect_uri=uri)
    assert arrival.response.location.startswith(f"{uri}#code=")


ERRORS: dict[str, tuple[dict[str, Any], str]] = {
    "no nonce": ({"nonce": None}, "invalid_request"),
    "empty nonce": ({"nonce": ""}, "invalid_request"),
    "no openid": ({"scope": "profile"}, "invalid_scope"),
    "bogus scope": ({"scope": "openid bogus"}, "invalid_scope"),
    "bogus mode": ({"response_mode": "bogus"}, "invalid_request"),
    "bogus prompt": ({"prompt": "bogus"}, "invalid_request"),
    "registration": ({"registration": "{}"}, "registration_not_supported"),
    "bad object": ({"request": "x"}, "invalid_request_object"),
    "nobody there": ({"prompt": "none"}, "login_required"),
}


@pytest.mark.parametrize(("changes", "error"), ERRORS.values(), ids=ERRORS)
@pytest.mark.parametrize("kind", TYPES)
def test_errors_travel_as_the_answer_would(
    enrol: Enrol, kind: str, changes: dict[str, Any], error: str
) -> None:
    arrival = enrol(**TYPES[kind]).ask(response_type=kind, **changes)
    assert (arrival.outcome, arrival.mode) == (error, "fragment")
    more = "session_state" if error == "login_required" else "error_uri"
    assert set(arrival.parameters) == {"error", "error_description", "state", "iss", more}


@pytest.mark.parametrize("kind", TYPES)
def test_an_error_is_posted_where_that_was_asked(enrol: Enrol, kind: str) -> None:
    arrival = enrol(**TYPES[kind]).ask(response_type=kind, response_mode="form_post", nonce=None)
    assert (arrival.outcome, arrival.mode) == ("invalid_request", "form_post")


@pytest.mark.parametrize("kind", TYPES)
def test_a_person_who_refuses_is_reported_there_too(enrol: Enrol, kind: str) -> None:
    arrival = enrol(**TYPES[kind]).authorize(response_type=kind, decision="deny")
    assert (arrival.outcome, arrival.mode) == ("access_denied", "fragment")


@pytest.mark.parametrize("kind", ["id_token", "code id_token"])
def test_a_type_is_for_those_who_registered_it(rp: RelyingParty, kind: str) -> None:
    arrival = rp.ask(response_type=kind)
    assert (arrival.outcome, arrival.mode) == ("unauthorized_client", "fragment")


def test_a_client_of_one_type_has_no_other(enrol: Enrol) -> None:
    assert enrol(**IMPLICIT).ask(response_type="code").outcome == "unauthorized_client"
    assert enrol(**HYBRID).ask(response_type="id_token").outcome == "unauthorized_client"


UNKNOWN = ["token", "code token", "code id_token token", "id_token token", "none", "ID_TOKEN"]


@pytest.mark.parametrize("kind", [*UNKNOWN, "id_token id_token", "code  id_token", " id_token"])
def test_no_other_type_is_known(hybrid: RelyingParty, kind: str) -> None:
    assert hybrid.ask(response_type=kind).outcome == "unsupported_response_type"


@pytest.mark.parametrize("kind", ["token", "code token", "id_token token"])
def test_who_asks_for_a_token_reads_the_fragment(hybrid: RelyingParty, kind: str) -> None:
    assert hybrid.ask(response_type=kind).mode == "fragment"


def test_the_answer_is_never_cached_and_sends_no_referrer(hybrid: RelyingParty) -> None:
    for mode in ("fragment", "form_post"):
        answer = hybrid.authorize(response_type="code id_token", response_mode=mode).response
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_a_posted_answer_holds_all_of_it(hybrid: RelyingParty) -> None:
    arrival = hybrid.authorize(response_type="code id_token", response_mode="form_post")
    page = Page(arrival.response)
    assert (len(page.forms), page.inline) == (1, [])
    assert hybrid.redeem(arrival).status_code == 200


@pytest.mark.spec("OIDC Core §3.2.2.5")
def test_an_access_token_in_a_url_is_for_the_policy_to_permit(enrol: Enrol) -> None:
    rules = policy.Responses(danger_access_token_in_url=True)
    with policy.replaced(responses=rules):
        rp = enrol(response_types=["id_token token"], grant_types=["implicit", "refresh_token"])
        arrival = rp.authorize(response_type="token id_token", scope="openid email")
    assert (arrival.outcome, arrival.mode) == ("id_token token", "fragment")
    given = arrival.parameters
    assert set(given) - {"state", "iss", "session_state", "id_token"} == {
        "access_token",
        "token_type",
        "expires_in",
        "scope",
    }
    assert (given["token_type"], given["scope"]) == ("Bearer", "openid email")
    assert int(given["expires_in"]) > 0
    assert rp.userinfo(given["access_token"]).status_code == 200
    assert "at_hash" in rp.claims(given["id_token"])
    assert rp.ask(response_type="id_token token").outcome == "unsupported_response_type"
