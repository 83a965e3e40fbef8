"""RFC 9700 §4.16 — pages of the sign-in cannot be framed, scripted, or made to post elsewhere."""

import pytest

from tests.browser import Page
from tests.doors import Response
from tests.parties import Enrol
from tests.person import Person
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 9700 §4.16")


def policy(response: Response) -> dict[str, str]:
    """Return the rules of the page's Content-Security-Policy."""
    text = response.headers["Content-Security-Policy"] or ""
    return {rule.partition(" ")[0]: rule.partition(" ")[2] for rule in text.split("; ")}


def every_page(rp: RelyingParty, person: Person) -> dict[str, Response]:
    """Walk through the pages of a sign-in and return each."""
    browser, pages = person.browser, {}
    pages["sign in"] = browser.open(rp.url(rp.asking()))
    pages["consent"] = person.sign_in(pages["sign in"])
    person.decide(pages["consent"], "allow")
    pages["choose"] = browser.open(rp.url(rp.asking(prompt="select_account")))
    pages["prove"] = browser.open(rp.url(rp.asking(prompt="login")))
    return pages


def test_no_page_can_be_framed_or_run_scripts_of_others(rp: RelyingParty, someone: Person) -> None:
    pages = every_page(rp, someone)
    pages["refusal"] = someone.browser.open(rp.url(rp.asking(client_id="nobody")))
    for name, response in pages.items():
        rules = policy(response)
        assert response.headers["X-Frame-Options"] == "DENY", name
        assert rules["frame-ancestors"] == rules["default-src"] == "'none'", name
        assert rules["base-uri"] == "'none'", name
        assert rules.get("script-src", "'self'") == "'self'", name
        assert response.headers["X-Content-Type-Options"] == "nosniff", name
        assert "no-store" in str(response.headers["Cache-Control"]), name
        assert Page(response).inline == [], name


@pytest.mark.parametrize(
    ("uri", "source", "kind"),
    [
        ("https://app.example/cb", "https://app.example", "web"),
        ("https://app.example:8443/cb", "https://app.example:8443", "web"),
        ("http://127.0.0.1:53111/cb", "http://127.0.0.1:53111", "native"),
        ("http://[::1]:53111/cb", "http://*:53111", "native"),
        ("com.example.app:/cb", "com.example.app:", "native"),
    ],
)
def test_forms_may_end_at_exactly_the_validated_address(
    enrol: Enrol, someone: Person, uri: str, source: str, kind: str
) -> None:
    """Browsers apply form-action to the redirects that follow a form."""
    rp = enrol(redirect_uris=[uri, "https://other.example/cb"], application_type=kind)
    for name, response in every_page(rp, someone).items():
        assert policy(response)["form-action"] == f"'self' {source}", name


@pytest.mark.parametrize(
    "place",
    ["/", "/account/login/", "/account/login/?next=https://evil.example/cb", "/account/signup/"],
)
def test_other_pages_post_to_us_alone(rp: RelyingParty, someone: Person, place: str) -> None:
    response = someone.browser.open(f"{rp.issuer}{place}")
    assert policy(response)["form-action"] == "'self'"


def test_a_refused_address_gets_no_form(rp: RelyingParty, someone: Person) -> None:
    asked = rp.asking(redirect_uri="https://evil.example/cb")
    response = someone.browser.open(rp.url(asked))
    assert policy(response)["form-action"] == "'self'"


def test_a_made_up_interaction_admits_no_address(rp: RelyingParty, someone: Person) -> None:
    place = "/account/login/?next=%2Foauth2%2Fauthorize%3Finteraction%3Das_ix_made_up"
    response = someone.browser.open(f"{rp.issuer}{place}")
    assert policy(response)["form-action"] == "'self'"


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(
    rp: RelyingParty, someone: Person
) -> None:
    rp.authorize()
    cookies = someone.browser.jar.cookies
    readable = {"as_state"}  # what applications watch; it is a keyed hash that opens nothing
    hidden = {"as_session", "as_csrf", "as_browser", "as_accounts"}
    assert set(cookies) == hidden | readable
    for name, cookie in cookies.items():
        assert bool(cookie["httponly"]) is (name in hidden), name
        assert cookie["samesite"] == "Lax", name
        assert (cookie["path"], cookie["domain"]) == ("/", ""), name


def test_the_session_key_changes_at_sign_in(rp: RelyingParty, someone: Person) -> None:
    """A key that somebody else planted before is worth nothing afterwards."""
    rp.authorize()
    someone.sign_out()
    cookies = someone.browser.jar.cookies
    before = cookies["as_session"].value  # the next visitor's, whoever that is
    page = someone.browser.open(rp.url(rp.asking()))
    assert cookies["as_session"].value == before
    someone.sign_in(page)
    assert rp.ask(prompt="none").outcome == "code"
    planter = someone.elsewhere()
    planter.browser.jar.plant("as_session", before)
    assert rp.ask(planter, prompt="none").outcome == "login_required"
