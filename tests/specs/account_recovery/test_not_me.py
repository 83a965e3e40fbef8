"""ASVS 5.0 §6.3.5 — a sign-in from a new browser is told by mail, and its owner can object."""

import time
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts import history
from accounts import people as directory
from accounts.models import TwoSteps, User
from tests import letters
from tests import person as people
from tests.authenticator import Authenticator
from tests.browser import Page
from tests.person import Person
from tests.rp import RelyingParty
from tests.specs.account_recovery import mails
from tests.specs.webauthn_passkeys import owner

pytestmark = pytest.mark.spec("ASVS 5.0 §6.3.5")
LINK = "account/not-me/"
SUBJECT = "A new sign-in to your account"


def sign_in(person: Person) -> None:
    """Sign in on the pages."""
    person.sign_in(person.browser.open(mails.account("login/")))
    assert mails.is_in(person.browser)


def told(person: Person) -> int:
    """Count the mails that tell of a new browser."""
    return sum(one.subject == SUBJECT for one in letters.to(person.email))


def object_to(person: Person, link: str) -> Any:
    """Open the link in a browser of its owner and press the button."""
    page = person.browser.open(link)
    return person.browser.submit(mails.form(page))


def test_each_new_browser_is_told_once(someone: Person) -> None:
    sign_in(someone)
    assert told(someone) == 1
    someone.sign_out()
    sign_in(someone)
    assert told(someone) == 1, "this browser is known by its cookie"
    sign_in(someone.elsewhere())
    assert told(someone) == 2


def test_whoever_has_just_signed_up_is_not_told(someone: Person) -> None:
    fresh = Person(browser=people.browser(someone.browser.door))
    page = fresh.browser.open(mails.account("login/"))
    fresh.sign_up(page)
    assert mails.is_in(fresh.browser)
    assert told(fresh) == 0


def test_the_mail_says_when_where_and_with_what(someone: Person) -> None:
    page = someone.browser.open(mails.account("login/"))
    asking = mails.form(page, "login")
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    headers = {
        "Cookie": someone.browser.jar.header(asking.action),
        "Origin": someone.browser.site,
        "User-Agent": agent,
    }
    fields = {**asking.fields, "login": someone.email, "password": someone.password}
    User.objects.filter(pk=someone.subject).update(zoneinfo="Asia/Tokyo")
    someone.browser.door.post(asking.action, fields, headers=headers)
    text = mails.last(someone)
    assert "Firefox on Linux" in text
    assert someone.browser.door.peer in text
    assert "(JST)" in text
    assert someone.password not in text


@pytest.mark.spec("ASVS 5.0 §7.4.3")
def test_objecting_ends_everything_and_starts_a_new_password(
    rp: RelyingParty, someone: Person
) -> None:
    thief = someone
    issued = rp.tokens()
    owner = thief.elsewhere()
    link = mails.link(thief, LINK)
    page = owner.browser.open(link)
    assert mails.is_in(thief.browser), "looking ended nothing"
    assert rp.refresh(issued["refresh_token"]).status_code == 200
    page = owner.browser.submit(mails.form(page))
    assert not mails.is_in(thief.browser)
    assert rp.is_dead(issued["access_token"])
    assert rp.refresh(issued["refresh_token"]).status_code == 400
    thief.sign_in(thief.browser.open(mails.account("login/")))
    assert not mails.is_in(thief.browser), "the password is one that the thief knows"
    page = owner.browser.submit(mails.form(page, "code"), code=mails.code(owner))
    mails.choose(owner.browser, page, "Another-Horse8battery")
    assert mails.is_in(owner.browser)


@pytest.mark.spec("ASVS 5.0 §7.4.3")
def test_whom_a_thief_allowed_has_to_ask_again(rp: RelyingParty, someone: Person) -> None:
    rp.tokens()
    owner = someone.elsewhere()
    link = mails.link(someone, LINK)
    shown = someone.browser.open(mails.account(""))
    assert "You allowed 1 application to act for you." in shown.text
    page = object_to(owner, link)
    page = owner.browser.submit(mails.form(page, "code"), code=mails.code(owner))
    mails.choose(owner.browser, page, "Another-Horse8battery")
    shown = owner.browser.open(mails.account(""))
    assert "You allowed none to act for you." in shown.text
    assert Page(owner.browser.open(rp.url(rp.asking()))).form_with("allow"), "it has to ask"
    noted = [one.name for one in history.of(someone.subject)]
    assert {"not_me", "application_disconnected"} <= set(noted)


def test_it_works_once_and_for_a_week(someone: Person) -> None:
    sign_in(someone)
    sign_in(someone.elsewhere())
    link = mails.link(someone, LINK)
    with time_machine.travel(time.time() + 7 * 86400 + 1):
        assert someone.elsewhere().browser.open(link).status_code == 404
    owner = someone.elsewhere()
    object_to(owner, link)
    again = owner.browser.open(link)
    assert again.status_code == 404
    assert "Choose a new password" in again.text, "never a dead end"


@pytest.mark.spec("ASVS 5.0 §6.4.3")
def test_it_lets_nobody_in(someone: Person) -> None:
    """What is mailed unasked must be no key: it ends things, and the new code is mailed too."""
    sign_in(someone)
    finder = someone.elsewhere()
    page = object_to(finder, mails.link(someone, LINK))
    assert not mails.is_in(finder.browser)
    assert Page(page).form_with("code")
    complete = finder.browser.open(mails.account("password/reset/complete/"))
    assert not Page(complete).form_with("password1")


def test_where_the_address_was_changed_nobody_gets_in(someone: Person) -> None:
    """The code for a new password would go to the thief."""
    sign_in(someone)
    link = mails.link(someone, LINK)
    user = User.objects.get(pk=someone.subject)
    user.email = theirs = people.address()
    directory.save(user, ["email"])
    page = object_to(someone.elsewhere(), link)
    assert Page(page).heading == "Your account is switched off"
    assert letters.to(theirs) == []
    assert not User.objects.get(pk=someone.subject).is_active


def test_the_browser_that_it_was_is_told_of_again(someone: Person) -> None:
    """A thief who has the new password as well is no old acquaintance."""
    sign_in(someone)
    owner_ = someone.elsewhere()
    page = object_to(owner_, mails.link(someone, LINK))
    page = owner_.browser.submit(mails.form(page, "code"), code=mails.code(owner_))
    mails.choose(owner_.browser, page, "Another-Horse8battery")
    before, someone.password = told(someone), "Another-Horse8battery"
    sign_in(someone)
    assert told(someone) == before + 1
    someone.sign_out()
    sign_in(someone)
    assert told(someone) == before + 1, "and once is enough"


def test_a_program_that_opens_links_changes_nothing(someone: Person) -> None:
    sign_in(someone)
    link = mails.link(someone, LINK)
    for method in ("GET", "HEAD", "GET"):
        assert someone.elsewhere().browser.send(method, link).status_code == 200
    assert mails.is_in(someone.browser)


def test_a_passkey_that_was_added_since_lets_nobody_in(someone: Person) -> None:
    """The thief has five minutes, and makes a way back; what was there before stays."""
    own, theirs = Authenticator(), Authenticator()
    owner.add(someone, own, name="Mine")
    thief = someone.elsewhere()
    sign_in(thief)
    owner.add(thief, theirs, name="A way back")
    link = mails.link(someone, LINK)
    page = object_to(someone.elsewhere(), link)
    assert Page(page).form_with("code"), "and on to a new password"
    again = someone.elsewhere()
    owner.sign_in(again, theirs)
    assert not mails.is_in(again.browser)
    owner.sign_in(again, own)
    assert mails.is_in(again.browser)
    assert owner.names(again) == ["Mine"]


def test_where_it_was_the_second_step_the_mailbox_alone_opens_nothing(someone: Person) -> None:
    sign_in(someone)
    link = mails.link(someone, LINK)
    owner.add(someone, Authenticator(), name="Mine")
    TwoSteps.objects.create(user_id=someone.subject, created_at=timezone.now())
    page = object_to(someone.elsewhere(), link)
    assert Page(page).heading == "Your account is switched off"
    assert not User.objects.get(pk=someone.subject).is_active
