"""RFC 6749 §3.1 — what the authorization endpoint reads, and how."""

from typing import Any

import pytest

from tests import doors
from tests.doors import Door
from tests.parties import CALLBACK, Enrol
from tests.person import Person
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 6749 §3.1")

PARAMETERS = [
    "response_type",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "max_age",
    "response_mode",
    "login_hint",
    "id_token_hint",
    "acr_values",
    "ui_locales",
    "claims",
    "claims_locales",
    "display",
    "request",
    "request_uri",
    "registration",
    "interaction",
    "something_unknown",
]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_get_and_post_do_the_same(rp: RelyingParty, someone: Person, method: str) -> None:
    rp.tokens()  # signed in and agreed
    assert rp.ask(someone, method=method).outcome == "code"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("name", PARAMETERS)
def test_a_parameter_sent_twice_is_refused(rp: RelyingParty, name: str, method: str) -> None:
    once = rp.asking().value(name) or "1"
    twice: dict[str, Any] = {name: [once, once]}
    assert rp.ask(method=method, **twice).outcome == "invalid_request"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"redirect_uri": [CALLBACK, "https://evil.example/"]}, id="good then evil"),
        pytest.param({"redirect_uri": ["https://evil.example/", CALLBACK]}, id="evil then good"),
        pytest.param({"redirect_uri": [CALLBACK, CALLBACK]}, id="the same redirect_uri"),
    ],
)
def test_two_redirect_uris_are_never_followed(
    rp: RelyingParty, changes: dict[str, Any], method: str
) -> None:
    assert rp.ask(method=method, **changes).outcome == "shown"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_two_clients_are_never_believed(
    rp: RelyingParty, other_rp: RelyingParty, method: str
) -> None:
    for second in (rp.client_id, other_rp.client_id):
        assert rp.ask(method=method, client_id=[rp.client_id, second]).outcome == "shown"


@pytest.mark.parametrize("name", ["scope", "prompt", "max_age", "nonce", "login_hint", "claims"])
def test_an_empty_parameter_counts_as_absent(rp: RelyingParty, name: str) -> None:
    empty: dict[str, Any] = {name: ""}
    rp.tokens()
    assert rp.ask(**empty).outcome == "code"


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "response_type", "code_challenge"])
def test_an_empty_required_parameter_is_missing(rp: RelyingParty, name: str) -> None:
    expected = "shown" if name in {"client_id", "redirect_uri"} else "invalid_request"
    empty: dict[str, Any] = {name: ""}
    absent: dict[str, Any] = {name: None}
    assert rp.ask(**empty).outcome == expected
    assert rp.ask(**absent).outcome == expected


def test_an_unknown_parameter_is_ignored(rp: RelyingParty) -> None:
    rp.tokens()
    assert rp.ask(utm_source="newsletter", audience="x").outcome == "code"


def test_a_post_with_a_query_is_read_from_its_body_alone(rp: RelyingParty, someone: Person) -> None:
    """Two sources are never merged: what the query adds has no effect, or is refused."""
    rp.tokens()
    asked = rp.asking(scope="openid")
    url = f"{rp.address('authorization')}?scope=openid+profile&state=evil&prompt=consent"
    arrival = rp.arrival(asked, someone.browser.send("POST", url, asked.parameters))
    assert arrival.outcome in {"code", "shown"}


@pytest.mark.parametrize(
    ("more", "kind", "outcome"),
    [
        pytest.param(b"", doors.FORM, "page", id="a form"),
        pytest.param(b"", f"{doors.FORM}; charset=UTF-8", "page", id="a form in UTF-8"),
        pytest.param(b"", f"{doors.FORM}; charset=latin-1", "shown", id="another charset"),
        pytest.param(b"", "application/json", "shown", id="json"),
        pytest.param(b"", "text/plain", "shown", id="text"),
        pytest.param(b"", "multipart/form-data; boundary=x", "shown", id="multipart"),
        pytest.param(b"", "", "shown", id="no type"),
        pytest.param(b"&x=\xff", doors.FORM, "shown", id="not ASCII"),
        pytest.param(b"&x=%zz", doors.FORM, "shown", id="broken escape"),
        pytest.param(b"&x=1" * 100, doors.FORM, "shown", id="too many parameters"),
        pytest.param(b"&x=" + b"1" * 70_000, doors.FORM, "shown", id="too large"),
        pytest.param(b"&x=%FF", doors.FORM, "invalid_request", id="not UTF-8"),
        pytest.param(b"&x=%00", doors.FORM, "invalid_request", id="NUL"),
    ],
)
def test_a_body_is_a_form_in_utf_8(
    rp: RelyingParty, way_in: Door, more: bytes, kind: str, outcome: str
) -> None:
    asked = rp.asking()
    body = doors.encoded(asked.parameters).encode() + more
    sent = way_in.post(rp.address("authorization"), body=body, headers={"Content-Type": kind})
    assert rp.arrival(asked, sent).outcome == outcome


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_served(rp: RelyingParty, way_in: Door, method: str) -> None:
    answer = way_in.send(method, rp.url(rp.asking()))
    assert answer.status_code == 405
    assert set(str(answer.headers["Allow"]).split(", ")) >= {"GET", "POST"}


def test_head_shows_where_get_would_go(rp: RelyingParty, way_in: Door) -> None:
    url = rp.url(rp.asking(response_type="bogus"))
    answer = way_in.send("HEAD", url)
    assert (answer.status_code, answer.body) == (303, b"")


def test_a_long_query_is_refused_in_words(rp: RelyingParty, way_in: Door) -> None:
    query = doors.encoded(rp.asking(state="s" * 20_000).parameters)
    assert way_in.get(f"{rp.address('authorization')}?{query}").status_code == 414


def test_a_request_as_long_as_allowed_travels_through_the_sign_in(
    enrol: Enrol, someone: Person
) -> None:
    rp, state = enrol(), "s" * 4_096
    arrival = rp.authorize(someone, state=state)
    assert (arrival.outcome, arrival.parameters["state"]) == ("code", state)
