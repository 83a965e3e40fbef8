"""ASVS 5.0 §6.6.2 — confirming an address by its link: only a button does, and only its owner's."""

from dataclasses import dataclass
from typing import Any

import pytest

from accounts.models import MailedProof, Session, User
from tests import letters
from tests import person as people
from tests.browser import Page
from tests.doors import Door
from tests.person import Person
from tests.races.crowd import Crowd
from tests.specs.account_recovery import mails

pytestmark = pytest.mark.spec("ASVS 5.0 §6.6.2")
LINK = "account/confirm-email/link/"


@dataclass(slots=True, kw_only=True)
class Newcomer:
    """Somebody who has just signed up, and the page that asks for the code."""

    person: Person
    page: Any

    @property
    def user(self) -> User:
        """Return the row."""
        found: User = User.objects.get(email=self.person.email)
        return found


@pytest.fixture
def newcomer(way_in: Door) -> Newcomer:
    """Return somebody who has just signed up."""
    person = Person(browser=people.browser(way_in))
    page = person.browser.open(mails.account("signup/"))
    fields = {"name": "N", "email": person.email, "password1": person.password}
    return Newcomer(person=person, page=person.browser.submit(mails.form(page, "email"), **fields))


def test_the_mail_s_link_does_what_its_code_does(newcomer: Newcomer) -> None:
    browser = newcomer.person.browser
    page = browser.open(mails.link(newcomer.person, LINK))
    browser.submit(mails.form(page), "confirm")
    assert mails.is_in(browser), "it goes on with the sign-up of this browser"
    assert newcomer.user.email_verified
    assert letters.to(newcomer.person.email)[-1].subject.startswith("Your code"), "nothing new"


@pytest.mark.spec("ASVS 5.0 §3.5.1")
def test_whoever_only_looks_confirms_nothing(newcomer: Newcomer) -> None:
    link = mails.link(newcomer.person, LINK)
    for browser in (newcomer.person.browser, newcomer.person.elsewhere().browser):
        for method in ("GET", "HEAD"):
            assert browser.send(method, f"{link}?decision=confirm").status_code == 200
    assert not newcomer.user.email_verified
    browser.submit(mails.form(newcomer.page, "code"), code="BBBB-BBBB")
    page = newcomer.person.browser.submit(
        mails.form(newcomer.page, "code"), code=mails.code(newcomer.person)
    )
    assert page.status_code == 200
    assert newcomer.user.email_verified


def test_elsewhere_it_asks_once_more_and_signs_nobody_in(newcomer: Newcomer) -> None:
    other = newcomer.person.elsewhere()
    page = other.browser.open(mails.link(newcomer.person, LINK))
    assert "in another browser" in page.text
    answer = other.browser.submit(mails.form(page), "confirm")
    assert Page(answer).heading == "Your address is confirmed"
    assert not mails.is_in(other.browser)
    assert newcomer.user.email_verified
    page = newcomer.person.browser.open(mails.account("confirm-email/"))
    assert Page(page).heading == "Your address is confirmed"
    assert not mails.is_in(newcomer.person.browser), "looking signs nobody in either"
    page = newcomer.person.browser.open(mails.account("confirm-email/"))
    newcomer.person.browser.submit(mails.form(page))
    assert mails.is_in(newcomer.person.browser)


def test_whoever_did_not_sign_up_can_say_so(newcomer: Newcomer) -> None:
    owner = newcomer.person.elsewhere()
    link = mails.link(newcomer.person, LINK)
    owner.browser.submit(mails.form(owner.browser.open(link)), "refuse")
    assert not newcomer.user.email_verified
    assert owner.browser.open(link).status_code == 404
    newcomer.person.browser.submit(
        mails.form(newcomer.page, "code"), code=mails.code(newcomer.person)
    )
    assert not newcomer.user.email_verified, "the code went with the link"


def test_many_uses_at_one_moment_are_one(newcomer: Newcomer) -> None:
    browser = newcomer.person.browser
    asking = mails.form(browser.open(mails.link(newcomer.person, LINK)))
    headers = {"Cookie": browser.jar.header(asking.action), "Origin": browser.site}
    fields = {**asking.fields, "decision": "confirm"}
    with Crowd(8) as crowd:
        crowd.run(
            [
                lambda: browser.door.post(asking.action, fields, headers=headers).status_code
                for _ in range(8)
            ]
        )
    subject = str(newcomer.user.pk)
    assert Session.objects.filter(subject=subject).count() == 1
    assert not MailedProof.objects.filter(subject=subject, kind="verify").exists()


@pytest.mark.spec("ASVS 5.0 §6.3.7")
def test_a_new_address_is_confirmed_only_by_whoever_asked_for_it(
    someone: Person, somebody_else: Person
) -> None:
    someone.sign_in(someone.browser.open(mails.account("login/")))
    old, new = someone.email, people.address()
    page = someone.browser.open(mails.account("email/"))
    if not Page(page).form_with("email"):
        page = someone.prove(page)
    someone.browser.submit(mails.form(page, "email"), email=new)
    someone.email = new
    link = mails.link(someone, LINK)
    stranger = someone.elsewhere()
    somebody_else.sign_in(somebody_else.browser.open(mails.account("login/")))
    for browser in (stranger.browser, somebody_else.browser):
        page = browser.open(link)
        assert Page(page).heading == "Sign in first"
        browser.send("POST", link, {**mails.form_fields(page), "decision": "confirm"})
    assert User.objects.get(pk=someone.subject).email == old
    page = stranger.browser.open(mails.link(someone, LINK))
    assert old.partition("@")[0] not in page.text, "who mistypes tells no stranger their address"
    page = someone.browser.open(link)
    someone.browser.submit(mails.form(page), "confirm")
    assert User.objects.get(pk=someone.subject).email == new
    assert any(new in str(one.body) for one in letters.to(old)), "the old address hears of it"
