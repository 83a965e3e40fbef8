"""OIDC Core §3.1.2.1 — `prompt=select_account`: the page that asks which account to go on with."""

import pytest

from accounts import people as rows
from tests import person as people
from tests.browser import Form, Page
from tests.doors import Response
from tests.person import Person
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("OIDC Core §3.1.2.1")


def choices(page: Response) -> list[str]:
    """Return what the buttons decide."""
    form = Page(page).form_with("other")
    assert form, page.text
    return [value for _, value in form.buttons]


def form(page: Response, name: str) -> Form:
    found = Page(page).form_with(name)
    assert found, page.text
    return found


@pytest.fixture
def other(rp: RelyingParty, someone: Person) -> Person:
    """Return a second person who used `someone`'s browser first; `someone` is signed in there."""
    other = people.registered(rp.door)
    guest = Person(browser=someone.browser, email=other.email, subject=other.subject)
    rp.authorize(guest)
    guest.sign_out()
    rp.authorize()
    return guest


def test_the_accounts_used_here_are_listed_the_current_one_marked(
    rp: RelyingParty, someone: Person, other: Person
) -> None:
    page = someone.browser.open(rp.url(rp.asking(prompt="select_account")))
    assert choices(page) == ["continue", other.subject, "other", "forget"]
    assert f"Continue as {someone.email}" in page.text
    assert other.email in page.text
    assert Page(page).inline == []


def test_the_current_one_goes_on_at_once(rp: RelyingParty, someone: Person, other: Person) -> None:
    asked = rp.asking(prompt="select_account")
    page = someone.browser.open(rp.url(asked))
    assert rp.arrival(asked, someone.decide(page, "continue")).outcome == "code"


def test_one_used_before_signs_in_again_with_its_address_filled_in(
    rp: RelyingParty, someone: Person, other: Person
) -> None:
    asked = rp.asking(prompt="select_account")
    page = someone.browser.open(rp.url(asked))
    page = someone.decide(page, other.subject)
    assert form(page, "login").fields["login"] == other.email
    arrival = rp.arrival(asked, other.answer(other.sign_in(page)))
    tokens = rp.redeem(arrival).json()
    assert rp.userinfo(tokens["access_token"]).json()["sub"] == other.subject


def test_picking_one_signs_the_other_out(rp: RelyingParty, someone: Person, other: Person) -> None:
    page = someone.browser.open(rp.url(rp.asking(prompt="select_account")))
    someone.decide(page, other.subject)
    assert rp.ask(prompt="none").outcome == "login_required"


def test_another_account_comes_with_no_address(
    rp: RelyingParty, someone: Person, other: Person
) -> None:
    page = someone.browser.open(rp.url(rp.asking(prompt="select_account")))
    assert form(someone.decide(page, "other"), "login").fields["login"] == ""


def test_signed_out_they_are_listed_too(rp: RelyingParty, someone: Person, other: Person) -> None:
    someone.sign_out()
    asked = rp.asking(prompt="select_account")
    page = someone.browser.open(rp.url(asked))
    assert choices(page) == [someone.subject, other.subject, "other", "forget"]
    page = someone.sign_in(someone.decide(page, someone.subject))
    assert rp.arrival(asked, someone.answer(page)).outcome == "code", "and nobody is asked twice"


def test_a_browser_that_knows_nobody_asks_for_a_sign_in(rp: RelyingParty, someone: Person) -> None:
    page = someone.browser.open(rp.url(rp.asking(prompt="select_account")))
    assert Page(page).form_with("login")


def test_a_named_person_is_not_asked_who_they_are(
    rp: RelyingParty, someone: Person, other: Person
) -> None:
    someone.sign_out()
    page = someone.browser.open(
        rp.url(rp.asking(prompt="select_account", login_hint="me@example.com"))
    )
    assert form(page, "login").fields["login"] == "me@example.com"


def test_one_button_forgets_them(rp: RelyingParty, someone: Person, other: Person) -> None:
    asked = rp.asking(prompt="select_account")
    page = someone.decide(someone.browser.open(rp.url(asked)), "forget")
    assert choices(page) == ["continue", "other"]
    assert other.email not in page.text
    assert rp.arrival(asked, someone.decide(page, "continue")).outcome == "code"


def test_who_is_gone_or_renamed_is_not_shown(
    rp: RelyingParty, someone: Person, other: Person
) -> None:
    rows.delete(other.subject)
    page = someone.browser.open(rp.url(rp.asking(prompt="select_account")))
    assert choices(page) == ["continue", "other", "forget"]
    assert other.email not in page.text


def test_who_is_switched_off_is_not_shown(rp: RelyingParty, someone: Person, other: Person) -> None:
    rows.disable(other.subject)
    assert other.email not in someone.browser.open(f"{rp.issuer}/account/switch/").text


def test_at_most_five_are_kept(rp: RelyingParty, someone: Person) -> None:
    emails = []
    for _ in range(7):
        guest = people.registered(rp.door)
        emails.append(guest.email)
        guest.browser = someone.browser
        rp.authorize(guest)
        guest.sign_out()
    page = someone.browser.open(f"{rp.issuer}/account/switch/")
    assert [email in page.text for email in emails] == [False, False, *[True] * 5]


def test_nobody_signs_in_by_the_cookie_alone(
    rp: RelyingParty, someone: Person, other: Person
) -> None:
    """Taken to another browser it shows addresses, and opens nothing."""
    thief = people.browser(rp.door)
    thief.jar.plant("as_accounts", someone.browser.jar.cookies["as_accounts"].value)
    page = thief.open(rp.url(rp.asking(prompt="select_account")))
    page = thief.submit(form(page, other.subject), other.subject)
    assert Page(page).form_with("login")


@pytest.mark.parametrize("decision", ["", "x", "00000000-0000-0000-0000-000000000000"])
def test_a_made_up_choice_is_another_account(
    rp: RelyingParty, someone: Person, other: Person, decision: str
) -> None:
    shown = form(someone.browser.open(f"{rp.issuer}/account/switch/"), "other")
    fields = shown.fields | {"decision": decision}
    page = someone.browser.follow(someone.browser.send("POST", shown.action, fields))
    assert form(page, "login").fields["login"] == ""


def test_an_older_tab_never_goes_on_as_somebody_else(
    rp: RelyingParty, someone: Person, other: Person
) -> None:
    asked = rp.asking(prompt="select_account")
    old = someone.browser.open(rp.url(asked))
    someone.decide(someone.browser.open(rp.url(rp.asking(prompt="select_account"))), "other")
    rp.authorize(other)
    page = someone.decide(old, "continue")
    assert f"Continue as {other.email}" in page.text
    assert someone.email in page.text


def test_with_a_valid_token_of_the_form_it_still_asks(
    rp: RelyingParty, someone: Person, other: Person
) -> None:
    shown = form(someone.browser.open(f"{rp.issuer}/account/switch/"), "continue")
    fields = shown.fields | {"decision": "continue", "account": other.subject}
    page = someone.browser.follow(someone.browser.send("POST", shown.action, fields))
    assert f"Continue as {someone.email}" in page.text


def test_only_a_form_of_ours_chooses(rp: RelyingParty, someone: Person, other: Person) -> None:
    place = f"{rp.issuer}/account/switch/"
    for decision in ("continue", "other", "forget", other.subject):
        someone.browser.send("GET", f"{place}?decision={decision}")
        someone.browser.send("POST", place, {"decision": decision})
    assert rp.ask(prompt="none").outcome == "code"
    assert choices(someone.browser.open(place)) == ["continue", other.subject, "other", "forget"]


def test_the_sign_in_page_leads_to_the_list(
    rp: RelyingParty, someone: Person, other: Person
) -> None:
    someone.sign_out()
    asked = rp.asking()
    page = someone.browser.open(rp.url(asked))
    page = someone.browser.open(Page(page).links["Choose an account used here before"])
    page = someone.sign_in(someone.decide(page, someone.subject))
    assert rp.arrival(asked, someone.answer(page)).outcome == "code"


def test_it_goes_nowhere_but_here(rp: RelyingParty, someone: Person, other: Person) -> None:
    page = someone.browser.open(f"{rp.issuer}/account/switch/?next=https://evil.example/")
    assert form(page, "continue").fields["next"] == "/account/"
