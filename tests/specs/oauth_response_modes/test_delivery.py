"""OAuth 2.0 Form Post Response Mode §2 — how an answer travels to the client."""

import re

import pytest

from tests.browser import Page
from tests.doors import Door
from tests.parties import Enrol
from tests.rp import Arrival, RelyingParty

pytestmark = pytest.mark.spec("OAuth 2.0 Form Post Response Mode §2")

STATES = {
    "markup": "<script>alert('1')</script>&amp;\"'/>",
    "form encoding": "a+b%20c&d=e;f#g?h",
    "unicode": "ü€ \U0001f600 \u202e \ufeff",
    "white space": " \t\r\n leading and trailing ",
    "long": "x<&\"'" * 400,
}


@pytest.mark.parametrize("mode", ["query", "fragment", "form_post"])
@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_the_state_comes_back_unchanged(rp: RelyingParty, state: str, mode: str) -> None:
    for arrival in (
        rp.ask(response_mode=mode, state=state, response_type="bogus"),
        rp.authorize(response_mode=mode, state=state),
    ):
        assert (arrival.mode, arrival.parameters["state"]) == (mode, state)


@pytest.mark.parametrize("mode", ["query", "fragment", "form_post"])
def test_no_state_is_made_up(rp: RelyingParty, mode: str) -> None:
    assert "state" not in rp.authorize(response_mode=mode, state=None).parameters


@pytest.mark.parametrize("mode", ["web_message", "jwt", "query.jwt", "QUERY", "x y"])
def test_another_mode_is_refused_in_the_query(rp: RelyingParty, mode: str) -> None:
    arrival = rp.ask(response_mode=mode)
    assert (arrival.outcome, arrival.mode) == ("invalid_request", "query")


def test_the_metadata_lists_the_modes(rp: RelyingParty) -> None:
    assert sorted(rp.metadata["response_modes_supported"]) == ["form_post", "fragment", "query"]


def test_a_posted_answer_redeems(rp: RelyingParty) -> None:
    assert rp.redeem(rp.authorize(response_mode="form_post")).status_code == 200


def _posted(rp: RelyingParty) -> Arrival:
    arrival = rp.authorize(response_mode="form_post")
    assert arrival.mode == "form_post"
    return arrival


def test_the_page_works_without_scripts(rp: RelyingParty) -> None:
    page = Page(_posted(rp).response)
    assert [form.method for form in page.forms] == ["POST"]
    assert len(page.forms[0].buttons) == 1
    assert page.heading == "Back to the application"


def test_the_page_loads_nothing_foreign_and_holds_nothing_inline(
    rp: RelyingParty, way_in: Door
) -> None:
    page = Page(_posted(rp).response)
    assert page.inline == []
    assert [address for address in page.loads if not address.startswith(rp.issuer)] == []
    scripts = [address for address in page.loads if address.endswith(".js")]
    assert [way_in.get(address).status_code for address in scripts] == [200]


@pytest.mark.parametrize(
    ("uri", "source"),
    [
        ("https://app.example/cb", "https://app.example"),
        ("https://app.example:8443/cb?x=1", "https://app.example:8443"),
        ("http://127.0.0.1:8010/cb", "http://127.0.0.1:8010"),
    ],
)
def test_the_form_may_go_to_exactly_the_client(enrol: Enrol, uri: str, source: str) -> None:
    policy = _policy(_posted(enrol(redirect_uris=[uri])))
    assert policy["form-action"] == f"'self' {source}"
    assert policy["script-src"] == "'self'"
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"


@pytest.mark.parametrize("mode", ["query", "fragment", "form_post"])
@pytest.mark.parametrize("decision", ["allow", "deny"])
def test_nothing_is_kept_and_nothing_leaks_by_the_referrer(
    rp: RelyingParty, mode: str, decision: str
) -> None:
    response = rp.authorize(response_mode=mode, decision=decision).response
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Vary"] != "*"


@pytest.mark.spec("RFC 9700 §4.12")
@pytest.mark.parametrize("decision", ["allow", "deny"])
def test_a_post_ends_in_see_other(rp: RelyingParty, decision: str) -> None:
    """The consent form was posted; 307 would hand its fields to the client."""
    arrival = rp.authorize(decision=decision)
    assert arrival.response.status_code == 303
    assert arrival.response.body == b""


@pytest.mark.spec("RFC 9700 §4.12")
def test_a_posted_request_ends_in_see_other(rp: RelyingParty) -> None:
    rp.tokens()
    assert rp.ask(method="POST").response.status_code == 303


@pytest.mark.spec("RFC 9700 §4.2.4")
def test_the_pages_on_the_way_tell_the_client_nothing(rp: RelyingParty) -> None:
    rp.authorize()
    assert rp.person
    pages = [answer for answer in rp.person.browser.visited if answer.status_code == 200]
    assert [Page(page).heading.partition(" ")[0] for page in pages] == ["Sign", "Allow"]
    for page in pages:
        assert page.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}
        assert page.headers["Cache-Control"]
        assert "no-store" in str(page.headers["Cache-Control"])
        assert re.search(r"https?://(?!localhost:8000)", " ".join(Page(page).loads)) is None


def _policy(arrival: Arrival) -> dict[str, str]:
    text = arrival.response.headers["Content-Security-Policy"] or ""
    return {rule.partition(" ")[0]: rule.partition(" ")[2] for rule in text.split("; ")}
