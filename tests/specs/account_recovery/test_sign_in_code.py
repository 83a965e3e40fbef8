"""NIST SP 800-63B-4 §3.1.3.1 — signing in by a mailed code: one browser, one use, ten minutes."""

import re
import time
from dataclasses import replace

import pytest
import time_machine

from accounts import people as directory
from accounts.models import Session, User
from tests import letters
from tests import person as people
from tests.browser import Form, Page
from tests.doors import Response
from tests.person import Person
from tests.races.crowd import Crowd
from tests.rp import RelyingParty
from tests.specs.account_recovery import mails
from tests.throttling import permitting

pytestmark = pytest.mark.spec("NIST SP 800-63B-4 §3.1.3.1")
WRONG = "BBBB-BBBB"


def wrong(code: str) -> str:
    """Return a code that is not this one."""
    return WRONG if code != WRONG else "CCCC-CCCC"


def test_the_code_signs_in_and_goes_on_to_where_they_were_going(
    rp: RelyingParty, someone: Person
) -> None:
    page = someone.browser.open(rp.url(rp.asking()))
    page = someone.browser.open(Page(page).links["Sign in with a code by mail"])
    page = someone.browser.submit(mails.form(page, "email"), email=someone.email)
    page = someone.browser.submit(mails.form(page, "code"), code=mails.code(someone).lower())
    assert Page(page).form_with("allow"), "the application's consent page"


def test_it_is_one_factor_and_says_so(rp: RelyingParty, someone: Person) -> None:
    page = mails.ask_to_sign_in(someone)
    someone.browser.submit(mails.form(page, "code"), code=mails.code(someone))
    claims = rp.claims(rp.tokens()["id_token"])
    assert (claims["acr"], claims["amr"]) == ("1", ["otp"])


@pytest.mark.spec("OWASP API2:2023")
def test_an_address_nobody_has_reads_the_same(someone: Person) -> None:
    nobody = replace(someone.elsewhere(), email=people.address())
    unproven = people.registered(someone.browser.door, email_verified=False)
    answers = []
    for person in (someone, nobody, unproven):
        ask = mails.ask_to_sign_in(person)
        answers.append([ask, *(_wrong(person) for _ in range(5)), _resent(person)])
    for known, *others in zip(*answers, strict=True):
        for other in others:
            assert other.status_code == known.status_code
            assert _plain(other.text, nobody, unproven) == _plain(known.text, someone)
    assert letters.to(nobody.email) == letters.to(unproven.email) == []


def _wrong(person: Person) -> Response:
    shown = person.browser.open(mails.account("login/code/confirm/"))
    if not Page(shown).form_with("code"):
        return shown
    return person.browser.submit(mails.form(shown, "code"), code=WRONG)


def _resent(person: Person) -> Response:
    page = mails.ask_to_sign_in(person)
    resend = next(one for one in Page(page).forms if one.fields.get("action") == "resend")
    return person.browser.submit(resend)


def _plain(text: str, *persons: Person) -> str:
    for person in persons:
        text = text.replace(person.email, "E")
    return re.sub(r'value="[A-Za-z0-9_=-]{40,}"|as_[a-z]{2}_[\w-]+', "", text)


@pytest.mark.spec("ASVS 5.0 §6.6.2")
def test_it_is_good_in_the_browser_that_asked_and_once(someone: Person) -> None:
    page = mails.ask_to_sign_in(someone)
    code = mails.code(someone)
    thief = someone.elsewhere()
    mails.ask_to_sign_in(thief)
    theirs = thief.browser.open(mails.account("login/code/confirm/"))
    thief.browser.submit(mails.form(theirs, "code"), code=code)
    assert not mails.is_in(thief.browser), "their own code is another one"
    used = mails.form(page, "code")
    someone.browser.submit(used, code=code)
    assert mails.is_in(someone.browser)
    again = someone.elsewhere()
    again.browser.jar = thief.browser.jar
    again.browser.submit(mails.form(theirs, "code"), code=code)
    assert not mails.is_in(again.browser)


@pytest.mark.spec("ASVS 5.0 §6.5.5")
@pytest.mark.parametrize(("minutes", "is_good"), [(9, True), (11, False)])
def test_it_is_good_for_ten_minutes(someone: Person, minutes: int, is_good: bool) -> None:
    page = mails.ask_to_sign_in(someone)
    code = mails.code(someone)
    with time_machine.travel(time.time() + minutes * 60):
        someone.browser.submit(mails.form(page, "code"), code=code)
        assert mails.is_in(someone.browser) is is_good


@pytest.mark.spec("ASVS 5.0 §6.6.3")
def test_five_wrong_ones_are_the_end_of_it(someone: Person) -> None:
    page = mails.ask_to_sign_in(someone)
    code = mails.code(someone)
    for _ in range(5):
        shown = someone.browser.open(mails.account("login/code/confirm/"))
        someone.browser.submit(mails.form(shown, "code"), code=wrong(code))
    someone.browser.send("POST", page.url, {**mails.form(page, "code").fields, "code": code})
    assert not mails.is_in(someone.browser)


@pytest.mark.spec("ASVS 5.0 §6.6.3")
def test_many_guesses_at_one_moment_are_five_at_most(someone: Person) -> None:
    """The count in the session is read by all of them before any writes it; the row's is not."""
    page = mails.ask_to_sign_in(someone)
    code, asking = mails.code(someone), mails.form(page, "code")
    with Crowd(8) as crowd:
        crowd.run([lambda: _typed(someone, asking, wrong(code)) for _ in range(8)])
    _typed(someone, asking, code)
    assert not mails.is_in(someone.browser)


def _typed(person: Person, asking: Form, code: str) -> int:
    """Post a code with the cookies as they are now, whatever comes back."""
    cookies = person.browser.jar.header(asking.action)
    headers = {"Cookie": cookies, "Origin": person.browser.site}
    fields = {**asking.fields, "code": code}
    return person.browser.door.post(asking.action, fields, headers=headers).status_code


@pytest.mark.spec("ASVS 5.0 §6.6.1")
def test_the_code_goes_to_the_address_of_the_account_and_to_no_other(someone: Person) -> None:
    mallory = people.address()
    page = mails.ask_to_sign_in(someone)
    for asking in Page(page).forms:
        extra = {"email": mallory, "phone": "+15550100", "channel": "sms", "to": mallory}
        someone.browser.send("POST", page.url, {**asking.fields, **extra})
    assert letters.to(mallory) == []
    assert {tuple(one.to) for one in letters.to(someone.email)} == {(someone.email,)}


def test_many_uses_at_one_moment_are_one_session(someone: Person) -> None:
    page = mails.ask_to_sign_in(someone)
    code, asking = mails.code(someone), mails.form(page, "code")
    with Crowd(8) as crowd:
        crowd.run([lambda: _typed(someone, asking, code) for _ in range(8)])
    assert _sessions(someone) == 1


def _sessions(person: Person) -> int:
    return Session.objects.filter(subject=person.subject).count()


@pytest.mark.spec("ASVS 5.0 §6.4.3")
def test_a_password_or_address_that_changed_meanwhile_is_the_end_of_it(someone: Person) -> None:
    page = mails.ask_to_sign_in(someone)
    code = mails.code(someone)
    directory.set_password(User.objects.get(pk=someone.subject), "Quite-Other9password")
    someone.browser.submit(mails.form(page, "code"), code=code)
    assert not mails.is_in(someone.browser)


def test_the_mail_says_who_asked_and_no_scanner_can_use_it(someone: Person) -> None:
    mails.ask_to_sign_in(someone)
    text = mails.last(someone)
    assert mails.CODE.search(text)
    assert "http" not in text.partition("\n-- \n")[0], "nothing to open: the code is typed"


@pytest.mark.spec("ASVS 5.0 §6.3.1")
def test_another_mail_counts_whatever_else_is_posted(someone: Person) -> None:
    page = mails.ask_to_sign_in(someone)
    fields = {**mails.form(page, "code").fields, "code": WRONG, "action": "resend"}
    with permitting(password_reset_address="2/h"):  # one was to begin with
        sent = [someone.browser.send("POST", page.url, fields).status_code for _ in range(2)]
    assert sent == [302, 429]
