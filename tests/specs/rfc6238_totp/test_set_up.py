"""Setting an app up: by a page without script, confirmed before it counts, told by mail."""

import re

import pytest

from accounts import factors, history, people, totp
from config import environment
from tests import letters, person
from tests.browser import Page
from tests.doors import Door, Response
from tests.person import Person
from tests.second_factors import App
from tests.specs.account_second_step.test_ways_in import is_in

pytestmark = pytest.mark.spec("RFC 6238 §3")
PATH = "/account/authenticator/"


@pytest.fixture
def ann() -> Person:
    """Return somebody who is signed in at the front door."""
    ann = person.registered(Door(name="front"))
    ann.sign_in(ann.browser.open(_here("/account/login/")))
    return ann


def _here(path: str) -> str:
    return environment.current().issuer + path


def shown_secret(page: Response) -> str:
    """Return the key that a page shows to be typed."""
    found = re.search(r'<code class="key">([A-Z2-7 ]+)</code>', page.text)
    assert found, page.text
    return found[1].replace(" ", "")


def confirm(someone: Person, page: Response, code: str, **more: str) -> Response:
    """Type the first code."""
    form = Page(page).form_with("code")
    assert form
    form.fields |= more
    return someone.browser.submit(form, code=code)


def set_up(someone: Person) -> list[str]:
    """Set an app up by its page; return the recovery codes that are shown then."""
    page = someone.browser.open(_here(PATH))
    someone.app = App(secret=shown_secret(page))
    page = confirm(someone, page, someone.app.code())
    assert Page(page).heading == "Save your recovery codes", page.text
    return re.findall(r"<li><code>([0-9A-Z-]{19})</code></li>", page.text)


def test_from_the_picture_to_the_recovery_codes(ann: Person) -> None:
    page = ann.browser.open(_here(PATH))
    assert "<svg" in page.text
    assert f"otpauth://totp/authserver:{ann.email}?secret={shown_secret(page)}" in page.text
    assert "no-store" in (page.headers["Cache-Control"] or "")
    codes = set_up(ann)
    assert len(codes) == len(set(codes)) == 10
    assert factors.of(ann.subject).is_two_step
    told = [one.subject for one in letters.to(ann.email)]
    assert "An authenticator app was added" in told
    assert "New recovery codes were made" in told
    assert {"totp_added", "recovery_codes_made"} <= {one.name for one in history.of(ann.subject)}
    bob = ann.elsewhere()
    page = bob.sign_in(bob.browser.open(_here("/account/login/")))
    bob.second_step(page)
    assert is_in(bob)


def test_nothing_counts_before_the_first_code(ann: Person) -> None:
    page = ann.browser.open(_here(PATH))
    again = ann.browser.open(_here(PATH))
    secret = shown_secret(page)
    assert shown_secret(again) == secret, "two tabs are of one mind"
    wrong = App(secret=secret).wrong()
    answer = confirm(ann, page, wrong)
    assert "not right" in answer.text
    assert shown_secret(answer) == secret
    assert not factors.of(ann.subject).has_totp
    answer = confirm(ann, page, "12 34")
    assert "The code has 6 digits." in answer.text
    assert Page(ann.elsewhere().visit(_here(PATH))).heading == "Set up an authenticator app"
    assert not factors.of(ann.subject).has_totp


@pytest.mark.spec("ASVS 5.0 §6.5.1")
def test_a_page_that_was_used_sets_nothing_up_again(ann: Person) -> None:
    page = ann.browser.open(_here(PATH))
    set_up(ann)
    assert ann.app
    before = totp.find(ann.subject)
    answer = confirm(ann, page, ann.app.code())
    assert "not right" in answer.text  # the secret it was for is gone
    after = totp.find(ann.subject)
    assert before
    assert after
    assert before.created_at == after.created_at


def test_a_page_from_before_a_new_password_sets_nothing_up(ann: Person) -> None:
    page = ann.browser.open(_here(PATH))
    user = people.find(ann.subject)
    assert user
    people.set_password(user, "Another-Horse8battery")
    code = App(secret=shown_secret(page)).code()
    assert Page(confirm(ann, page, code)).heading == "Sign in"
    assert not factors.of(ann.subject).has_totp


def test_replacing_keeps_the_old_app_until_the_new_one_is_confirmed(ann: Person) -> None:
    set_up(ann)
    assert ann.app
    old = ann.app
    page = ann.browser.open(_here(f"{PATH}?replace=1"))
    new = App(secret=shown_secret(page))
    assert new.secret != old.secret
    assert totp.verify(ann.subject, old.code())
    arrived = confirm(ann, page, new.code())
    assert arrived.url.endswith("/account/security/")
    assert not totp.verify(ann.subject, old.code())
    assert totp.verify(ann.subject, new.code())


@pytest.mark.spec("ASVS 5.0 §7.4.3")
def test_other_sessions_end_where_that_is_wished(ann: Person) -> None:
    elsewhere = ann.elsewhere()
    elsewhere.sign_in(elsewhere.browser.open(_here("/account/login/")))
    page = ann.browser.open(_here(PATH))
    confirm(ann, page, App(secret=shown_secret(page)).code(), others="on")
    assert Page(ann.browser.open(_here("/account/"))).heading == "Your account"
    assert Page(elsewhere.browser.open(_here("/account/"))).heading == "Sign in"


def test_removing_ends_what_came_with_it_and_is_told(ann: Person) -> None:
    set_up(ann)
    page = ann.browser.open(_here(PATH))
    assert 'class="qr"' not in page.text
    form = next(form for form in Page(page).forms if form.offers("remove"))
    arrived = ann.browser.submit(form, "remove")
    assert arrived.url.endswith("/account/security/")
    has = factors.of(ann.subject)
    assert (has.has_totp, has.recovery_codes_left) == (False, 0)
    assert letters.to(ann.email)[-1].subject == "The authenticator app was removed"
