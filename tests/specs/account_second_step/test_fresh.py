"""Whoever changes how one signs in has proved a short while ago that it is them."""

import datetime as dt
from collections.abc import Iterator, Mapping

import pytest
import time_machine

from accounts import authentication, factors, people
from accounts.models import User
from config import environment
from tests import letters, person, second_factors
from tests.browser import Page
from tests.doors import Door, Response
from tests.person import Person
from tests.second_factors import App
from tests.specs.rfc6238_totp.test_set_up import shown_secret

pytestmark = pytest.mark.spec("ASVS 5.0 §7.5.1")
LATER = dt.timedelta(minutes=16)
CHANGES: dict[str, Mapping[str, str]] = {
    "/account/authenticator/": {"code": "123456"},
    "/account/authenticator/?remove": {"decision": "remove"},
    "/account/recovery-codes/": {},
    "/account/security/two-steps/": {"two_steps": "on"},
    "/account/passkeys/add/": {"name": "Mine"},
    "/account/email/": {"email": "thief@example.com", "action_add": ""},
}


@pytest.fixture
def bob() -> Person:
    """Return somebody with an app who is signed in."""
    bob = person.careful(Door(name="front"))
    bob.visit(_here("/account/login/"))
    return bob


@pytest.fixture
def later() -> Iterator[None]:
    """Let a quarter of an hour go by, and a minute."""
    with time_machine.travel(dt.datetime.now(tz=dt.UTC) + LATER, tick=True):
        yield


def _here(path: str) -> str:
    return environment.current().issuer + path


def _post(bob: Person, path: str, fields: Mapping[str, str]) -> Response:
    page = bob.browser.open(_here("/account/logout/"))
    token = Page(page).forms[-1].fields["csrfmiddlewaretoken"]
    sent = bob.browser.send("POST", _here(path), {"csrfmiddlewaretoken": token, **fields})
    return bob.browser.follow(sent)


@pytest.mark.spec("ASVS 5.0 §7.5.3")
@pytest.mark.parametrize("path", CHANGES)
def test_an_old_session_alone_changes_nothing(bob: Person, later: None, path: str) -> None:
    before, mails = factors.of(bob.subject), len(letters.to(bob.email))
    page = _post(bob, path, CHANGES[path])
    assert Page(page).heading == "Is it still you?", path
    wrong = Page(page).form_with("password")
    assert wrong
    page = bob.browser.submit(wrong, password="Wrong-Horse9battery")
    assert Page(page).heading == "Is it still you?"
    assert factors.of(bob.subject) == before
    assert len(letters.to(bob.email)) == mails


def test_what_was_posted_is_done_after_the_proof(bob: Person, later: None) -> None:
    page = _post(bob, "/account/authenticator/", {"decision": "remove"})
    assert factors.of(bob.subject).has_totp
    form = Page(page).form_with("password")
    assert form
    bob.browser.submit(form, password=bob.password)
    assert not factors.of(bob.subject).has_totp
    assert letters.to(bob.email)[-1].subject == "The authenticator app was removed"


def test_what_was_posted_and_not_confirmed_is_not_done_for_who_comes_to_look(
    bob: Person, later: None
) -> None:
    """It may be hours ago, and another who pressed that button in a session left open."""
    _post(bob, "/account/authenticator/", {"decision": "remove"})
    form = Page(bob.browser.open(_here("/account/authenticator/"))).form_with("password")
    assert form
    page = bob.browser.submit(form, password=bob.password)
    assert Page(page).heading == "Your authenticator app"
    assert factors.of(bob.subject).has_totp


@pytest.mark.parametrize("way", ["app", "recovery"])
def test_any_factor_they_have_will_do(bob: Person, later: None, way: str) -> None:
    codes = second_factors.given_codes(bob.subject)
    page = bob.browser.open(_here("/account/authenticator/"))
    links = {"app": "Use your authenticator app", "recovery": "Use a recovery code"}
    form = Page(bob.browser.open(Page(page).links[links[way]])).form_with("code")
    assert form
    assert bob.app
    code = bob.app.code() if way == "app" else codes[0]
    assert Page(bob.browser.submit(form, code=code)).heading == "Your authenticator app"


def test_who_has_nothing_to_show_signs_in_again(later: None) -> None:
    ann = person.registered(Door(name="front"))
    ann.visit(_here("/account/login/"))
    user = people.find(ann.subject)
    assert user
    user.set_unusable_password()
    User.objects.filter(pk=user.pk).update(password=user.password)
    with time_machine.travel(dt.datetime.now(tz=dt.UTC) + LATER, tick=True):
        page = ann.browser.open(_here("/account/authenticator/"))
        assert Page(page).heading == "Please sign in again"


def test_a_sign_in_is_fresh_by_itself(bob: Person) -> None:
    page = bob.browser.open(_here("/account/authenticator/?replace=1"))
    assert App(secret=shown_secret(page)).code()
    assert authentication.LEVELS == ("1", "2", "phr")


@pytest.mark.parametrize("path", ["/account/reauthenticate/", "/account/step-up/", *CHANGES])
def test_strangers_are_sent_to_sign_in(path: str) -> None:
    nobody = person.Person(browser=person.browser(Door(name="front")))
    assert Page(nobody.browser.open(_here(path))).heading == "Sign in"


def test_where_they_go_on_to_is_here(bob: Person) -> None:
    page = bob.browser.open(_here("/account/reauthenticate/?next=https://evil.example/"))
    form = Page(page).form_with("password")
    assert form
    assert "evil.example" not in page.text
    form.fields["next"] = "https://evil.example/"
    arrived = bob.browser.submit(form, password=bob.password)
    assert Page(arrived).heading == "Your account"
