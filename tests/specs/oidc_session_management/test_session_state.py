"""OIDC Session Management §2, §3.2 — what an answer and the browser's cookie say together."""

import hashlib
import re

import pytest

from config import policy
from config.policy import Sessions
from tests import person as people
from tests.doors import Door, Response
from tests.parties import Enrol
from tests.person import Person
from tests.rp import Arrival, RelyingParty

pytestmark = pytest.mark.spec("OIDC Session Management §2")
NAME = "as_state"
ORIGIN = "https://app.example"


def said(arrival: Arrival) -> str:
    """Return the session_state of an answer."""
    return arrival.parameters["session_state"]


def fits(rp: RelyingParty, person: Person, state: str, origin: str = ORIGIN) -> bool:
    """Compare as the framed page does (§3.2)."""
    digest, salt = state.split(".")
    cookie = person.browser.jar.cookies.get(NAME)
    seen = " ".join((rp.client_id, origin, cookie.value if cookie else "", salt))
    return hashlib.sha256(seen.encode()).hexdigest() == digest


def test_the_first_answer_already_fits_the_cookie(rp: RelyingParty, someone: Person) -> None:
    state = said(rp.authorize())
    assert fits(rp, someone, state)
    assert " " not in state


def test_it_stays_while_the_session_does(rp: RelyingParty, someone: Person) -> None:
    state = said(rp.authorize())
    again = said(rp.ask(prompt="none"))
    assert again != state, "the salt is new"
    assert fits(rp, someone, state)
    assert fits(rp, someone, again)


def test_it_stays_when_the_person_proves_themselves_again(
    rp: RelyingParty, someone: Person
) -> None:
    state = said(rp.authorize())
    rp.authorize(prompt="login")
    assert fits(rp, someone, state)


def test_it_changes_at_sign_out(rp: RelyingParty, someone: Person) -> None:
    state = said(rp.authorize())
    someone.sign_out()
    assert not fits(rp, someone, state)


def test_it_changes_at_sign_out_by_a_client(rp: RelyingParty, someone: Person) -> None:
    arrival = rp.authorize()
    hint = rp.redeem(arrival).json()["id_token"]
    rp.end_session(id_token_hint=hint)
    assert not fits(rp, someone, said(arrival))


def test_it_changes_with_the_account_and_with_each_sign_in(
    rp: RelyingParty, someone: Person
) -> None:
    states = [said(rp.authorize())]
    someone.sign_out()
    states.append(said(rp.authorize()))
    someone.sign_out()
    other = people.registered(rp.door)
    someone.email = other.email
    states.append(said(rp.authorize()))
    assert [fits(rp, someone, state) for state in states] == [False, False, True]


def test_a_session_that_was_ended_elsewhere_is_noticed_at_the_next_page(
    rp: RelyingParty, someone: Person
) -> None:
    state = said(rp.authorize())
    someone.browser.jar.plant("as_session", "x" * 43)
    someone.browser.open(f"{rp.issuer}/")
    assert not fits(rp, someone, state)


def test_it_belongs_to_one_client_and_one_origin(
    rp: RelyingParty, other_rp: RelyingParty, someone: Person
) -> None:
    state = said(rp.authorize())
    assert not fits(other_rp, someone, state)
    assert not fits(rp, someone, state, origin="https://evil.example")


@pytest.mark.parametrize(
    ("uri", "origin"),
    [
        ("https://app.example:8443/cb", "https://app.example:8443"),
        ("https://app.example:443/cb", "https://app.example"),
        ("http://127.0.0.1:53111/cb", "http://127.0.0.1:53111"),
        ("http://[::1]:53111/cb", "http://[::1]:53111"),
    ],
)
def test_the_origin_is_written_as_browsers_do(
    enrol: Enrol, someone: Person, uri: str, origin: str
) -> None:
    kind = "native" if uri.startswith("http:") else "web"
    rp = enrol(redirect_uris=[uri], application_type=kind)
    assert fits(rp, someone, said(rp.authorize()), origin)


def test_an_address_without_an_origin_gets_none(enrol: Enrol) -> None:
    rp = enrol(redirect_uris=["com.example.app:/cb"], application_type="native")
    assert "session_state" not in rp.authorize().parameters


def test_without_openid_there_is_none(rp: RelyingParty) -> None:
    assert "session_state" not in rp.authorize(scope="profile", nonce=None).parameters


def test_an_application_on_another_site_changes_nothing(rp: RelyingParty, someone: Person) -> None:
    """In a frame on another site the session's own cookie is missing, this one is not."""
    state = said(rp.authorize())
    cookies = someone.browser.jar.cookies
    session = cookies.pop("as_session")
    someone.browser.open(f"{rp.issuer}/")
    someone.browser.open(rp.url(rp.asking(prompt="none")))
    cookies["as_session"] = session
    assert fits(rp, someone, state)


@pytest.mark.spec("OIDC Session Management §3.2")
def test_a_refusal_tells_it_too_so_that_a_sign_in_can_be_noticed(
    rp: RelyingParty, someone: Person
) -> None:
    state = said(rp.ask(prompt="none"))
    assert fits(rp, someone, state), "nobody is signed in, and the frame sees no cookie"
    rp.authorize()
    assert not fits(rp, someone, state)
    someone.sign_out()
    assert fits(rp, someone, state)


@pytest.mark.spec("OIDC Session Management §3.2")
def test_a_refusal_in_a_frame_on_another_site_fits_what_the_frame_sees(
    rp: RelyingParty, someone: Person
) -> None:
    """Else the application would be told `changed` and ask in circles."""
    rp.authorize()
    session = someone.browser.jar.cookies.pop("as_session")
    refusal = rp.ask(prompt="none")
    assert refusal.outcome == "login_required"
    assert fits(rp, someone, said(refusal))
    someone.browser.jar.cookies["as_session"] = session
    assert fits(rp, someone, said(refusal)), "and nothing has changed"


def test_the_cookie_says_nothing_about_the_person(rp: RelyingParty, someone: Person) -> None:
    rp.authorize()
    cookie = someone.browser.jar.cookies[NAME]
    first = cookie.value
    assert re.fullmatch(r"[\w-]{22}", first)
    assert not cookie["httponly"], "the framed page has to read it"
    someone.browser.jar.cookies.pop(NAME)
    someone.browser.open(f"{rp.issuer}/")
    assert someone.browser.jar.cookies[NAME].value == first, "it follows the session alone"
    someone.sign_out()
    rp.authorize()
    assert someone.browser.jar.cookies[NAME].value != first, "and not the person"


def page(door: Door, rp: RelyingParty) -> Response:
    return door.get(f"{rp.issuer}/oauth2/check-session")


@pytest.mark.spec("OIDC Session Management §3.2")
def test_anybody_may_frame_the_page_and_it_runs_one_script_of_ours(
    rp: RelyingParty, way_in: Door
) -> None:
    answer = page(way_in, rp)
    assert answer.status_code == 200
    assert (answer.headers["Content-Type"] or "").startswith("text/html")
    assert answer.headers["X-Frame-Options"] is None
    rules = answer.headers["Content-Security-Policy"] or ""
    assert "frame-ancestors" not in rules
    assert "default-src 'none'" in rules
    assert "script-src 'self'" in rules
    assert "unsafe" not in rules
    assert answer.headers.get_all("Content-Security-Policy") == [rules]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not answer.headers.get_all("Set-Cookie")
    assert re.findall(r"<script([^>]*)>(.*?)</script>", answer.text) == [
        (' src="/static/authserver/check_session.js"', "")
    ]
    assert NAME in answer.text


@pytest.mark.spec("OIDC Session Management §3.3")
def test_discovery_names_the_page(rp: RelyingParty, way_in: Door) -> None:
    assert rp.metadata["check_session_iframe"] == f"{rp.issuer}/oauth2/check-session"
    assert page(way_in, rp).status_code == 200


@pytest.mark.spec("OIDC Session Management §3.2")
def test_other_methods_are_refused(rp: RelyingParty, way_in: Door) -> None:
    answer = way_in.post(f"{rp.issuer}/oauth2/check-session", {})
    assert answer.status_code == 405
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_policy_switches_all_of_it_off(enrol: Enrol, someone: Person, way_in: Door) -> None:
    with policy.replaced(sessions=Sessions(check_session_iframe=False)):
        rp = enrol()
        assert "check_session_iframe" not in rp.metadata
        assert "session_state" not in rp.authorize().parameters
        assert NAME not in someone.browser.jar.cookies
        refusal = page(way_in, rp)
        assert (refusal.status_code, refusal.headers["X-Frame-Options"]) == (404, "DENY")
