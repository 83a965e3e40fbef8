"""NIST SP 800-63B-4 §3.2.2 — failures to sign in, and mail for anybody's asking, are limited."""

import re
from dataclasses import replace

import pytest

from accounts import models
from config import environment
from tests import letters
from tests import person as people
from tests.browser import Browser, Page
from tests.doors import Response
from tests.person import Person
from tests.rp import RelyingParty
from tests.specs.rfc6585_throttling.limiting import told
from tests.throttling import permitting

pytestmark = pytest.mark.spec("NIST SP 800-63B-4 §3.2.2")

WRONG = "Wrong-Horse7battery"


def page(browser: Browser, path: str) -> Response:
    return browser.open(f"{environment.current().issuer}{path}")


def sign_in(person: Person, password: str = "") -> Response:
    form = Page(page(person.browser, "/account/login/")).form_with("login")
    assert form
    return person.browser.press(form, login=person.email, password=password or person.password)


def statuses(person: Person, count: int) -> list[int]:
    return [sign_in(person, WRONG).status_code for _ in range(count)]


def nobody(person: Person) -> Person:
    return replace(person.elsewhere(), email=people.address())


def test_wrong_passwords_are_limited_alike_for_who_exists_and_who_does_not(
    someone: Person,
) -> None:
    with permitting(login="2/h"):
        known, unknown = someone.elsewhere(), nobody(someone)
        assert statuses(known, 3) == statuses(unknown, 3) == [200, 200, 429]
        first, second = sign_in(known, WRONG), sign_in(unknown, WRONG)
        assert Page(first).heading == Page(second).heading == "That was a little fast"
        for refused in (first, second):
            assert 3000 < int(refused.headers["Retry-After"] or 0) <= 3960
            assert told(refused) == set()
            assert re.search(r"Please wait 6[0-6] minutes", refused.text)
        # Wherever the stranger comes from: it is the account that counts.
        assert statuses(someone.elsewhere(), 1) == [429]
        assert sign_in(someone.elsewhere()).status_code == 429


def test_a_stranger_locks_nobody_out_of_their_own_browser(someone: Person) -> None:
    with permitting(login="2/h", login_global="1000000/h"):
        assert sign_in(someone).status_code == 302
        someone.sign_out()
        assert statuses(someone.elsewhere(), 3) == [200, 200, 429]
        assert sign_in(someone).status_code == 302


def test_their_own_browser_has_its_limit_too(someone: Person) -> None:
    with permitting(login="2/h"):
        sign_in(someone)
        someone.sign_out()
        assert statuses(someone, 3) == [200, 200, 429]
        assert sign_in(someone).status_code == 429


def test_signing_in_rightly_never_counts(someone: Person) -> None:
    with permitting(login="1/h", login_address="1/h", login_global="1000000/h"):
        for _ in range(3):
            fresh = replace(someone, browser=Browser(someone.browser.door, someone.browser.site))
            assert sign_in(fresh).status_code == 302


def test_an_address_has_its_limit_whomever_it_tries(someone: Person) -> None:
    with permitting(login_address="2/h"):
        tries = []
        for _ in range(3):
            victim = replace(someone, email=people.address())
            tries.append(sign_in(victim, WRONG).status_code)
        assert tries == [200, 200, 429]


def test_everybody_together_has_a_limit_that_known_browsers_do_not_meet(someone: Person) -> None:
    sign_in(someone)
    someone.sign_out()
    with permitting(login_global="1/h"):
        for _ in range(2):
            sign_in(nobody(someone), WRONG)
        assert sign_in(nobody(someone), WRONG).status_code == 429
        assert sign_in(someone).status_code == 302


def test_proving_oneself_again_counts_as_signing_in(rp: RelyingParty, someone: Person) -> None:
    rp.authorize()
    with permitting(login="1/h"):
        form = Page(page(someone.browser, "/account/reauthenticate/")).form_with("password")
        assert form
        found = [someone.browser.press(form, password=WRONG).status_code for _ in range(2)]
    assert found == [200, 429]


def test_guessing_the_password_to_change_it_is_limited(rp: RelyingParty, someone: Person) -> None:
    rp.authorize()
    with permitting(reauthentication="2/h"):
        found = []
        for _ in range(3):
            shown = page(someone.browser, "/account/password/change/")
            form = Page(shown).form_with("oldpassword")
            assert form
            new = {"password1": "Another-Horse7b", "password2": "Another-Horse7b"}
            found.append(someone.browser.press(form, oldpassword=WRONG, **new).status_code)
    assert found == [200, 200, 429]


def reset(person: Person) -> int:
    form = Page(page(person.browser, "/account/password/reset/")).form_with("email")
    assert form
    return person.browser.press(form, email=person.email).status_code


def test_codes_for_a_new_password_are_limited_alike_for_who_exists_and_who_does_not(
    someone: Person,
) -> None:
    with permitting(password_reset="2/h"):
        for who in (someone, replace(someone, email=people.address())):
            before = len(letters.delivered())
            assert [reset(who.elsewhere()) for _ in range(3)] == [302, 302, 429]
            assert len(letters.delivered()) - before <= 2


def test_one_address_asks_for_so_many_codes(someone: Person) -> None:
    with permitting(password_reset_address="2/h"):
        found = [reset(replace(someone, email=people.address())) for _ in range(3)]
        assert found == [302, 302, 429]
        assert reset(nobody(someone)) == 302


def sign_up(person: Person) -> int:
    form = Page(page(person.browser, "/account/signup/")).form_with("password1")
    assert form
    fields = {"name": person.name, "email": person.email, "password1": person.password}
    return person.browser.press(form, **fields).status_code


def test_accounts_from_one_address_are_limited(someone: Person) -> None:
    with permitting(sign_up="2/h"):
        found = []
        for _ in range(3):
            fresh = Browser(someone.browser.door, someone.browser.site)
            found.append(sign_up(Person(browser=fresh)))
        assert found == [302, 302, 429]


def test_nobody_s_mailbox_is_filled_by_signing_up(someone: Person) -> None:
    with permitting(password_reset="2/h"):
        for target in (someone.email, people.address()):
            before = len(letters.delivered())
            found = [
                sign_up(Person(browser=people.browser(someone.browser.door), email=target))
                for _ in range(3)
            ]
            assert found == [302, 302, 429]
            assert len(letters.delivered()) - before <= 2


def test_signing_in_to_an_unproven_address_mails_so_many_codes(someone: Person) -> None:
    models.User.objects.filter(pk=someone.subject).update(email_verified=False)
    someone_rows = models.User.objects.get(pk=someone.subject).emailaddress_set
    someone_rows.update(verified=False)
    with permitting(password_reset="2/h"):
        before = len(letters.delivered())
        found = [sign_in(someone.elsewhere()).status_code for _ in range(3)]
    assert found == [302, 302, 429]
    assert len(letters.delivered()) - before == 2
