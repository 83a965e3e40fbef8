"""OIDC Core §3.1.2.4 — consent: in plain words, remembered, asked again for more, taken back."""

import html
import secrets
from typing import Any

import pytest

from tests.browser import Page
from tests.doors import Response
from tests.parties import Enrol
from tests.person import Person
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("OIDC Core §3.1.2.4")


def _asked(rp: RelyingParty, person: Person, **changes: Any) -> Response:
    """Return the consent page; the person signs in where they must."""
    page = person.browser.open(rp.url(rp.asking(**changes)))
    page = person.sign_in(page) if Page(page).form_with("login") else page
    assert Page(page).form_with("allow"), page.text
    return page


def test_it_says_who_asks_for_what_in_plain_words(enrol: Enrol, someone: Person) -> None:
    page = _asked(enrol(client_name="Notebook"), someone, scope="openid email offline_access")
    assert Page(page).heading == "Allow Notebook?"
    assert someone.email in page.text
    for words in ("Know who you are", "See your e-mail address", "Stay connected"):
        assert words in page.text
    assert "See your profile" not in page.text
    assert Page(page).form_with("deny")


@pytest.mark.parametrize("name", ["<b>Bold</b>", '"><script>alert(1)</script>'])
def test_a_hostile_name_is_only_text(enrol: Enrol, someone: Person, name: str) -> None:
    rp = enrol(client_name=name)
    for page in (
        someone.browser.open(rp.url(rp.asking())),
        _asked(rp, someone),
    ):
        assert name not in page.text
        assert html.escape(name) in page.text


def test_it_is_remembered(rp: RelyingParty) -> None:
    rp.authorize()
    assert rp.ask().outcome == "code"
    assert rp.ask(scope="openid").outcome == "code"


def test_it_is_remembered_in_every_browser(rp: RelyingParty, someone: Person) -> None:
    rp.authorize()
    elsewhere = someone.elsewhere()
    asked = rp.asking()
    page = elsewhere.sign_in(elsewhere.browser.open(rp.url(asked)))
    assert rp.arrival(asked, page).outcome == "code"


def test_more_is_asked_for_and_adds_up(rp: RelyingParty, someone: Person) -> None:
    rp.authorize(scope="openid email")
    page = _asked(rp, someone, scope="openid phone")
    assert "See your phone number" in page.text
    someone.decide(page, "allow")
    assert rp.ask(scope="openid email phone").outcome == "code"


def test_it_is_between_one_person_and_one_client(
    rp: RelyingParty, other_rp: RelyingParty, someone: Person, somebody_else: Person
) -> None:
    rp.authorize()
    _asked(other_rp, someone)
    _asked(rp, somebody_else)


@pytest.mark.spec("RFC 6749 §4.1.2.1")
def test_a_refusal_is_sent_and_not_remembered(rp: RelyingParty, someone: Person) -> None:
    assert rp.authorize(decision="deny").outcome == "access_denied"
    _asked(rp, someone)
    assert rp.authorize().outcome == "code"


def test_a_refusal_of_more_leaves_what_was_agreed(rp: RelyingParty) -> None:
    rp.authorize(scope="openid")
    assert rp.authorize(decision="deny", scope="openid email").outcome == "access_denied"
    assert rp.ask(scope="openid").outcome == "code"
    assert rp.ask(scope="openid email", prompt="none").outcome == "consent_required"


def test_taken_back_on_the_persons_own_pages_it_is_asked_again(
    rp: RelyingParty, other_rp: RelyingParty, resource_server: RelyingParty, someone: Person
) -> None:
    tokens, others = rp.tokens(scope="openid offline_access"), other_rp.tokens()
    page = someone.browser.open(f"{rp.issuer}/")
    for link in ("Account", "Applications"):
        page = someone.browser.open(Page(page).links[link])
    form = next(f for f in Page(page).forms if f.fields.get("client_id") == rp.client_id)
    someone.browser.submit(form)
    _asked(rp, someone)
    assert resource_server.is_dead(tokens["access_token"])
    assert rp.refresh(tokens["refresh_token"]).status_code == 400
    assert not resource_server.is_dead(others["access_token"])
    assert other_rp.ask(prompt="none").outcome == "code"


def test_a_first_party_client_does_not_ask(enrol: Enrol, someone: Person) -> None:
    rp = enrol(skip_consent=True)
    asked = rp.asking()
    page = someone.sign_in(someone.browser.open(rp.url(asked)))
    assert rp.arrival(asked, page).outcome == "code"
    _asked(rp, someone, prompt="consent")


def test_a_client_that_registered_itself_always_asks_the_first_time(
    enrol: Enrol, someone: Person
) -> None:
    rp = enrol(is_own=True, skip_consent=True)
    page = _asked(rp, someone)
    assert "registered itself" in page.text
    someone.decide(page, "allow")
    assert rp.ask().outcome == "code"


@pytest.mark.parametrize("decision", ["", "deny", "ALLOW", "yes"])
def test_nothing_but_allow_allows(rp: RelyingParty, someone: Person, decision: str) -> None:
    asked = rp.asking()
    page = someone.sign_in(someone.browser.open(rp.url(asked)))
    form = Page(page).form_with("allow")
    assert form
    fields = {**form.fields, "decision": decision} if decision else form.fields
    answer = someone.browser.send(form.method, form.action, fields)
    assert rp.arrival(asked, answer).outcome == "access_denied"


@pytest.mark.spec("RFC 9700 §4.7")
@pytest.mark.parametrize("token", [None, "", "x" * 64, secrets.token_hex(16)])
def test_a_forged_form_agrees_to_nothing(
    rp: RelyingParty, someone: Person, token: str | None
) -> None:
    asked = rp.asking()
    page = someone.sign_in(someone.browser.open(rp.url(asked)))
    form = Page(page).form_with("allow")
    assert form
    fields = {**form.fields, "decision": "allow", "csrfmiddlewaretoken": token}
    answer = someone.browser.send("POST", form.action, fields)
    assert rp.arrival(asked, answer).outcome == "page"
    assert rp.ask(prompt="none").outcome == "consent_required"


@pytest.mark.spec("RFC 9700 §4.7")
def test_a_form_of_another_site_agrees_to_nothing(rp: RelyingParty, someone: Person) -> None:
    page = someone.sign_in(someone.browser.open(rp.url(rp.asking())))
    form = Page(page).form_with("allow")
    assert form
    fields = {**form.fields, "decision": "allow"}
    foreign = someone.browser.send("POST", form.action, fields, origin="https://evil.example")
    assert not foreign.location.startswith(rp.redirect_uri)
    # An old browser knows no SameSite and sends the cookies along.
    site, someone.browser.site = someone.browser.site, "https://evil.example"
    answer = someone.browser.press(form, "allow")
    someone.browser.site = site
    assert not answer.location.startswith(rp.redirect_uri)
    assert rp.ask(prompt="none").outcome == "consent_required"


def test_the_decision_is_posted_never_linked(rp: RelyingParty, someone: Person) -> None:
    page = someone.sign_in(someone.browser.open(rp.url(rp.asking())))
    form = Page(page).form_with("allow")
    assert form
    query = f"{form.action}?interaction={form.fields['interaction']}&decision=allow"
    assert someone.browser.send("GET", query).status_code == 405
    assert rp.ask(prompt="none").outcome == "consent_required"
