"""OIDC Prompt Create §4 — `prompt=create`: the person is led to a new account first."""

import pytest

from accounts import people as rows
from tests import person as people
from tests.browser import Page
from tests.doors import Response
from tests.person import Person
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("OIDC Prompt Create §4")


def stranger(rp: RelyingParty) -> Person:
    return Person(browser=people.browser(rp.door))


def sign_up(person: Person, page: Response) -> Response:
    """Fill in the sign-up page, and the code that was mailed."""
    form = Page(page).form_with("password1")
    assert form, page.text
    page = person.browser.submit(
        form, name=person.name, email=person.email, password1=person.password
    )
    code = Page(page).form_with("code")
    assert code, page.text
    return person.browser.submit(code, code=person.mailed_code())


def test_a_new_account_and_back_to_the_application(rp: RelyingParty) -> None:
    somebody, asked = stranger(rp), rp.asking(prompt="create")
    page = somebody.browser.open(rp.url(asked))
    arrival = rp.arrival(asked, somebody.answer(sign_up(somebody, page)))
    tokens = rp.redeem(arrival).json()
    assert rp.userinfo(tokens["access_token"]).json()["email"] == somebody.email


def test_the_hint_is_filled_in(rp: RelyingParty) -> None:
    somebody = stranger(rp)
    page = somebody.browser.open(rp.url(rp.asking(prompt="create", login_hint="new@example.com")))
    form = Page(page).form_with("password1")
    assert form
    assert form.fields["email"] == "new@example.com"


def test_a_hint_that_is_no_address_is_left_out(rp: RelyingParty) -> None:
    somebody = stranger(rp)
    page = somebody.browser.open(rp.url(rp.asking(prompt="create", login_hint="+49 30 1234")))
    form = Page(page).form_with("password1")
    assert form
    assert form.fields["email"] == ""


def test_whoever_has_an_account_signs_in_instead(rp: RelyingParty, someone: Person) -> None:
    asked = rp.asking(prompt="create")
    page = someone.browser.open(rp.url(asked))
    page = someone.browser.open(Page(page).links["I already have an account"])
    page = someone.sign_in(page)
    assert rp.arrival(asked, someone.answer(page)).outcome == "code"


def test_somebody_signed_in_is_asked_and_signed_out_by_their_own_press(
    rp: RelyingParty, someone: Person
) -> None:
    rp.authorize()
    asked = rp.asking(prompt="create")
    page = someone.browser.open(rp.url(asked))
    assert someone.email in page.text
    assert rp.ask(prompt="none").outcome == "code", "looking at it signs nobody out"
    page = someone.decide(page, "create")
    assert rp.ask(prompt="none").outcome == "login_required"
    new = Person(browser=someone.browser)
    arrival = rp.arrival(asked, new.answer(sign_up(new, page)))
    tokens = rp.redeem(arrival).json()
    assert rp.userinfo(tokens["access_token"]).json()["email"] == new.email


def test_or_goes_on_as_they_are(rp: RelyingParty, someone: Person) -> None:
    rp.authorize()
    asked = rp.asking(prompt="create")
    page = someone.browser.open(rp.url(asked))
    assert rp.arrival(asked, someone.decide(page, "continue")).outcome == "code"


def test_or_picks_another_account(rp: RelyingParty, someone: Person) -> None:
    rp.authorize()
    page = someone.browser.open(rp.url(rp.asking(prompt="create")))
    page = someone.browser.open(Page(page).links["I already have another account"])
    assert Page(page).form_with("other")


def test_only_a_form_of_ours_signs_out(rp: RelyingParty, someone: Person) -> None:
    rp.authorize()
    place = f"{rp.issuer}/account/create/"
    someone.browser.send("GET", f"{place}?decision=create")
    someone.browser.send("POST", place, {"decision": "create"})
    assert rp.ask(prompt="none").outcome == "code"


def test_an_address_that_is_somebodys_tells_nothing(rp: RelyingParty, someone: Person) -> None:
    """The page goes on as for a new one; its owner is told by mail."""
    guest = stranger(rp)
    guest.email = someone.email
    page = guest.browser.open(rp.url(rp.asking(prompt="create")))
    form = Page(page).form_with("password1")
    assert form
    page = guest.browser.submit(form, name="x", email=guest.email, password1=guest.password)
    assert Page(page).form_with("code")
    assert rows.find_by_email(someone.email)


def test_it_stands_alone_or_not_at_all(rp: RelyingParty) -> None:
    assert rp.ask(prompt="create none").outcome == "invalid_request"
