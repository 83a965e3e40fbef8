"""ASVS 5.0 §6.3.7 — whoever's account is changed hears of it, at the address it had before."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.core import mail

from accounts.models import User
from tests import letters, second_factors
from tests import person as people
from tests.browser import Page
from tests.person import Person
from tests.rp import RelyingParty
from tests.specs.account_recovery import mails

pytestmark = pytest.mark.spec("ASVS 5.0 §6.3.7")
NEW = "Another-Horse8battery"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What somebody does to an account they are signed in to, and the subject of the mail."""

    done: Callable[[Person], None]
    subject: str


def _password(person: Person) -> None:
    page = person.browser.open(mails.account("password/change/"))
    fields = {"oldpassword": person.password, "password1": NEW, "password2": NEW}
    person.browser.submit(mails.form(page, "oldpassword"), **fields)
    assert User.objects.get(pk=person.subject).check_password(NEW)


def _reset(person: Person) -> None:
    fresh = person.elsewhere()
    page = mails.ask_for_reset(fresh)
    page = fresh.browser.submit(mails.form(page, "code"), code=mails.code(person))
    mails.choose(fresh.browser, page, NEW)


def _address(person: Person) -> None:
    new = people.address()
    page = person.browser.open(mails.account("email/"))
    page = person.browser.submit(mails.form(page, "email"), email=new)
    text = str(letters.to(new)[-1].body)
    found = mails.CODE.search(text)
    assert found
    person.browser.submit(mails.form(page, "code"), code=found[1])
    assert User.objects.get(pk=person.subject).email == new


def _recovery_codes(person: Person) -> None:
    second_factors.given_app(person.subject)
    page = person.browser.open(mails.account("recovery-codes/"))
    person.browser.submit(next(one for one in Page(page).forms if one.method == "POST"))


def _new_device(person: Person) -> None:
    other = person.elsewhere()
    other.sign_in(other.browser.open(mails.account("login/")))


CHANGES = {
    "password": Change(done=_password, subject="Your password has changed"),
    "reset": Change(done=_reset, subject="You have a new password"),
    "address": Change(done=_address, subject="Your e-mail address has changed"),
    "recovery": Change(done=_recovery_codes, subject="New recovery codes were made"),
    "new device": Change(done=_new_device, subject="A new sign-in to your account"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_each_change_is_told(someone: Person, what: str) -> None:
    someone.sign_in(someone.browser.open(mails.account("login/")))
    known = len(letters.to(someone.email))
    CHANGES[what].done(someone)
    sent = letters.to(someone.email)[known:]
    [told] = [one for one in sent if one.subject == CHANGES[what].subject]
    text = str(told.body)
    assert "When: " in text
    assert "Where: " in text
    for secret in (someone.password, NEW):
        assert secret not in str(told.message())
    own = re.escape(mails.account(""))
    for link in re.findall(rf"^{own}(\S+)$", text, re.MULTILINE):
        page = someone.elsewhere().browser.open(mails.account(link))
        assert page.status_code == 200, "a page with a button or a form, and nothing done"
    if what != "address":
        assert mails.is_in(someone.browser) is (what != "reset")


def test_an_old_refresh_token_is_told(rp: RelyingParty, someone: Person) -> None:
    first = rp.tokens()["refresh_token"]
    for _ in range(3):
        rp.refresh(rp.refresh(first).json().get("refresh_token", "x"))
    sent = [one for one in letters.to(someone.email) if "We ended an application" in one.subject]
    assert len(sent) <= 1, "once for one theft"


def test_nobody_is_told_by_the_request_itself(someone: Person) -> None:
    """A mail server that is away must not show who has an account, nor hold up the page."""
    someone.sign_in(someone.browser.open(mails.account("login/")))
    before = len(letters.delivered())
    _password(someone)
    assert len(mail.outbox) == before
    assert len(letters.delivered()) == before + 1
