"""OIDC Core §3.1 as a relying party — an account elsewhere signs people in here."""

from urllib.parse import urlsplit

import pytest
from django.core import mail

from accounts import history, people
from accounts.upstream import identities
from config import outbox
from tests import idp
from tests.browser import Page
from tests.idp import Idp
from tests.parties import Enrol
from tests.person import Person

pytestmark = pytest.mark.spec("OIDC Core §3.1.3")


def created(newcomer: Person, theirs: Idp) -> str:
    """Make an account with one elsewhere; return its subject."""
    page = idp.sign_in(newcomer, theirs)
    form = Page(page).form_with("create")
    assert form, page.text
    assert form.fields["name"] == "Ada of Elsewhere"
    assert theirs.email in page.text
    newcomer.browser.submit(form, "create")
    user = people.find_by_email(theirs.email)
    assert user is not None
    return str(user.pk)


def is_signed_in(person: Person) -> str:
    """Return the address of the account that is signed in, or ''."""
    page = idp.page_of(person, "/account/email/")
    return "" if Page(page).form_with("login") else page.text


def test_who_is_new_makes_an_account_without_a_password(newcomer: Person, theirs: Idp) -> None:
    subject = created(newcomer, theirs)
    user = people.find(subject)
    assert user is not None
    assert (user.email_verified, user.has_usable_password()) == (True, False)
    assert user.name == "Ada of Elsewhere"
    assert theirs.email in is_signed_in(newcomer)
    assert "upstream_connected" in [one.name for one in history.of(subject)]
    outbox.deliver_due()
    subjects = [one.subject for one in mail.outbox if theirs.email in one.to]
    assert "Theirs now signs you in" in subjects


def test_who_was_here_before_is_signed_in_at_once(newcomer: Person, theirs: Idp) -> None:
    subject = created(newcomer, theirs)
    elsewhere = newcomer.elsewhere()
    theirs.email, before = "", theirs.email  # nothing but issuer and subject says who it is
    idp.sign_in(elsewhere, theirs)
    assert before in is_signed_in(elsewhere)
    assert [one.sub for one in identities.of(subject)] == [theirs.sub]


def test_on_the_way_to_an_application_one_arrives_there(
    newcomer: Person, theirs: Idp, enrol: Enrol
) -> None:
    rp = enrol()
    began = rp.ask(newcomer)
    page = idp.sign_in(newcomer, theirs, newcomer.browser.follow(began.response))
    policy, host = page.headers["Content-Security-Policy"] or "", urlsplit(rp.redirect_uri).netloc
    assert f"https://{host}" in policy, "the form may end at the application"
    form = Page(page).form_with("create")
    assert form
    page = newcomer.browser.submit(form, "create")
    arrival = rp.arrival(began.asked, newcomer.answer(page))
    claims = rp.claims(rp.redeem(arrival).json()["id_token"])
    assert (claims["amr"], claims["acr"]) == (["fed"], "1")


def test_what_is_asked_of_the_provider_has_state_nonce_and_pkce(
    newcomer: Person, theirs: Idp
) -> None:
    first, second = (idp.query_of(idp.leave(newcomer, theirs)) for _ in range(2))
    assert first["code_challenge_method"] == ["S256"]
    assert first["scope"] == ["openid email profile"]
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name][0]) == 43, "256 bits"
        assert first[name] != second[name]


def test_looking_at_a_start_page_begins_nothing(newcomer: Person, theirs: Idp) -> None:
    page = idp.page_of(newcomer, "/account/upstream/theirs/start/?next=/account/")
    assert page.status_code == 200
    assert "as_upstream" not in newcomer.browser.jar.cookies
    assert theirs.asked == [], "nobody was asked for anything"
    assert theirs.origin not in page.text
    idp.leave(newcomer, theirs, page)


def test_a_form_without_its_token_begins_nothing(newcomer: Person, theirs: Idp) -> None:
    url = Page(idp.page_of(newcomer)).forms[1].action
    answered = newcomer.browser.send("POST", url, {"next": "/account/"})
    assert answered.status_code == 303
    assert theirs.asked == []


def test_two_providers_with_the_same_subject_are_two_people(
    newcomer: Person, somebody_else: Person, theirs: Idp, other: Idp
) -> None:
    created(newcomer, theirs)
    other.sub = theirs.sub
    page = idp.sign_in(somebody_else, other)
    assert Page(page).heading == "Are you new here?"
    assert is_signed_in(somebody_else) == ""


def test_who_declines_is_back_at_the_sign_in_page(newcomer: Person, theirs: Idp) -> None:
    state = idp.query_of(idp.leave(newcomer, theirs))["state"][0]
    url = f"/account/upstream/theirs/callback?error=access_denied&state={state}&iss={theirs.origin}"
    page = idp.page_of(newcomer, url)
    assert Page(page).heading == "Sign in"
    assert "You did not sign in with Theirs" in page.text


def test_without_providers_no_page_mentions_any(newcomer: Person) -> None:
    for path in ("/account/login/", "/account/signup/"):
        assert "/account/upstream/" not in idp.page_of(newcomer, path).text
    assert idp.page_of(newcomer, "/account/upstream/theirs/start/").status_code == 404
