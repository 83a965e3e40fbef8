"""RFC 6749 §4.1.2.1 — an error is shown until the redirect URI is known to be good, then sent."""

import re
from typing import Any

import pytest

from tests.browser import Page
from tests.parties import Enrol
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 6749 §4.1.2.1")

EVIL = "https://evil.example/cb"
SENTENCE = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]+")  # §5.2: the alphabet of error_description

SHOWN: dict[str, dict[str, Any]] = {
    "no client": {"client_id": None},
    "unknown client": {"client_id": "nobody"},
    "unknown client and evil address": {"client_id": "nobody", "redirect_uri": EVIL},
    "hostile client": {"client_id": '"><script>alert(1)</script>'},
    "client in other words": {"client_id": "n\u00f6body"},
    "no address for openid": {"redirect_uri": None},
    "evil address": {"redirect_uri": EVIL},
    "evil address and bogus type": {"redirect_uri": EVIL, "response_type": "bogus"},
    "evil address and bogus scope": {"redirect_uri": EVIL, "scope": "bogus"},
    "evil address and prompt none": {"redirect_uri": EVIL, "prompt": "none"},
    "evil address and request": {"redirect_uri": EVIL, "request": "garbage"},
    "evil address and form_post": {"redirect_uri": EVIL, "response_mode": "form_post"},
    "script as address": {"redirect_uri": "javascript:alert(1)", "response_mode": "form_post"},
}
SENT: dict[str, tuple[dict[str, Any], str]] = {
    "no type": ({"response_type": None}, "invalid_request"),
    "bogus type": ({"response_type": "bogus"}, "unsupported_response_type"),
    "token": ({"response_type": "token"}, "unsupported_response_type"),
    "id_token": ({"response_type": "id_token token"}, "unsupported_response_type"),
    "hybrid": ({"response_type": "code id_token"}, "unauthorized_client"),
    "hybrid with two spaces": ({"response_type": "code  id_token"}, "unsupported_response_type"),
    "hybrid with a token": ({"response_type": "code token"}, "unsupported_response_type"),
    "everything": ({"response_type": "code id_token token"}, "unsupported_response_type"),
    "none": ({"response_type": "none"}, "unsupported_response_type"),
    "code twice": ({"response_type": "code code"}, "unsupported_response_type"),
    "capitals": ({"response_type": "CODE"}, "unsupported_response_type"),
    "quotes": ({"response_type": '"\\'}, "unsupported_response_type"),
    "other alphabet": ({"response_type": "c\u00f6de"}, "invalid_request"),
    "unknown scope": ({"scope": "openid bogus"}, "invalid_scope"),
    "hostile scope": ({"scope": 'openid "\\'}, "invalid_scope"),
    "two spaces": ({"scope": "openid  email"}, "invalid_scope"),
    "no challenge": ({"code_challenge": None}, "invalid_request"),
    "unknown resource": ({"resource": "https://nowhere.example"}, "invalid_target"),
    "request object": ({"request": "e30.e30."}, "invalid_request_object"),
    "request_uri": ({"request_uri": "urn:x:1"}, "invalid_request_uri"),
    "registration": ({"registration": "{}"}, "registration_not_supported"),
    "unknown prompt": ({"prompt": "bogus"}, "invalid_request"),
    "prompt none and more": ({"prompt": "none login"}, "invalid_request"),
    "max_age in words": ({"max_age": "abc"}, "invalid_request"),
    "negative max_age": ({"max_age": "-1"}, "invalid_request"),
    "endless max_age": ({"max_age": "1e9999"}, "invalid_request"),
    "unknown display": ({"display": "wap"}, "invalid_request"),
    "claims that are no object": ({"claims": "[]"}, "invalid_request"),
    "control character": ({"login_hint": "a\nb"}, "invalid_request"),
    "nobody signed in": ({"prompt": "none"}, "login_required"),
}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("changes", SHOWN.values(), ids=SHOWN)
def test_an_error_nobody_can_be_trusted_with_is_shown(
    rp: RelyingParty, changes: dict[str, Any], method: str
) -> None:
    arrival = rp.ask(method=method, **changes)
    assert (arrival.outcome, arrival.response.status_code) == ("shown", 400)
    assert "evil" not in arrival.response.text
    assert "alert(1)" not in arrival.response.text
    assert Page(arrival.response).heading == "This request cannot be answered"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(("changes", "error"), SENT.values(), ids=SENT)
def test_any_other_error_is_sent(
    rp: RelyingParty, changes: dict[str, Any], error: str, method: str
) -> None:
    arrival = rp.ask(method=method, **changes)
    assert arrival.outcome == error
    assert arrival.response.status_code == 303
    assert SENTENCE.fullmatch(arrival.parameters["error_description"])


def test_the_address_may_be_left_out_where_there_is_one_and_no_openid(enrol: Enrol) -> None:
    rp = enrol()
    arrival = rp.authorize(redirect_uri=None, scope="profile")
    assert (arrival.outcome, arrival.uri) == ("code", rp.redirect_uri)
    assert rp.redeem(arrival).status_code == 200


def test_the_address_may_not_be_left_out_where_there_are_two(enrol: Enrol) -> None:
    rp = enrol(redirect_uris=["https://app.example/a", "https://app.example/b"])
    assert rp.ask(redirect_uri=None, scope="profile").outcome == "shown"


@pytest.mark.parametrize(
    ("metadata", "changes", "error"),
    [
        pytest.param(
            {"grant_types": ["client_credentials"], "response_types": []},
            {},
            "unauthorized_client",
            id="a client without the code grant",
        ),
        pytest.param({"scope": "openid"}, {"scope": "openid email"}, "invalid_scope", id="scope"),
    ],
)
def test_a_client_gets_only_what_it_is_registered_for(
    enrol: Enrol, metadata: dict[str, Any], changes: dict[str, Any], error: str
) -> None:
    assert enrol(**metadata).ask(**changes).outcome == error


def test_a_person_who_refuses_is_reported(rp: RelyingParty) -> None:
    assert rp.authorize(decision="deny").outcome == "access_denied"


def test_what_came_in_is_never_in_the_description(rp: RelyingParty) -> None:
    for name in ("response_type", "prompt", "scope", "max_age", "response_mode"):
        odd: dict[str, Any] = {name: "Xq7Zz"}
        arrival = rp.ask(**odd)
        assert "Xq7Zz" not in arrival.parameters["error_description"]
