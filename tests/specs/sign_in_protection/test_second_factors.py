"""ASVS 5.0 §6.6.3 — guessing second factors: one count for all of them, wherever one tries."""

import datetime as dt

import pytest
import time_machine

from accounts import passkeys
from tests import authenticator as devices
from tests import person as people
from tests import second_factors
from tests.authenticator import Authenticator
from tests.browser import Page
from tests.doors import Door, Response
from tests.person import Person
from tests.specs.sign_in_protection.signing import here, sign_in
from tests.specs.webauthn_passkeys import owner

pytestmark = pytest.mark.spec("ASVS 5.0 §6.6.3")
SECOND = "login/second/"


@pytest.fixture
def bob(way_in: Door) -> Person:
    """Return somebody with an app and recovery codes."""
    bob = people.careful(way_in)
    second_factors.given_codes(bob.subject)
    return bob


def at_second_step(bob: Person) -> Person:
    """Return them at a new browser, after the password."""
    stranger = bob.elsewhere()
    stranger.browser.follow(sign_in(stranger))
    return stranger


def typed(person: Person, way: str, code: str) -> Response:
    form = Page(person.browser.open(here(f"{SECOND}?with={way}"))).form_with("code")
    assert form
    return person.browser.press(form, code=code)


def wrong(bob: Person, way: str) -> int:
    assert bob.app
    code = bob.app.wrong() if way == "app" else "BBBB-BBBB-BBBB-BBBB"
    return typed(at_second_step(bob), way, code).status_code


def test_the_sixth_wrong_code_has_to_wait_whatever_the_session(bob: Person) -> None:
    assert [wrong(bob, "app") for _ in range(7)] == [200] * 5 + [429] * 2
    stranger = at_second_step(bob)
    assert bob.app
    refused = typed(stranger, "app", bob.app.code())
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"] or 0) <= 30
    assert not owner.is_signed_in(stranger)


def test_another_factor_is_no_new_count(bob: Person) -> None:
    ways = ["app", "recovery", "app", "recovery", "app", "recovery", "app"]
    assert [wrong(bob, way) for way in ways] == [200] * 5 + [429] * 2


def test_nor_is_one_session_with_many_tabs(bob: Person) -> None:
    stranger = at_second_step(bob)
    assert bob.app
    form = Page(stranger.browser.open(here(SECOND))).form_with("code")
    assert form
    found = [stranger.browser.press(form, code=bob.app.wrong()).status_code for _ in range(7)]
    assert found == [200] * 5 + [429] * 2


def test_the_wait_ends_and_a_right_one_begins_anew(bob: Person) -> None:
    with time_machine.travel(now := dt.datetime.now(tz=dt.UTC), tick=True):
        assert [wrong(bob, "app") for _ in range(6)][-1] == 429
    with time_machine.travel(now + dt.timedelta(seconds=40), tick=True):
        stranger = at_second_step(bob)
        assert bob.app
        assert typed(stranger, "app", bob.app.code()).status_code == 302
        assert owner.is_signed_in(stranger)
        assert [wrong(bob, "app") for _ in range(6)] == [200] * 5 + [429]


def test_nobody_is_kept_out_of_their_own_browser(bob: Person) -> None:
    bob.visit(here(""))
    bob.sign_out()
    while wrong(bob, "app") != 429:
        pass
    bob.browser.follow(sign_in(bob))
    assert bob.app
    assert typed(bob, "app", bob.app.code()).status_code == 302
    assert owner.is_signed_in(bob)


def test_a_passkey_that_fails_leaves_the_app_s_tries_alone(bob: Person) -> None:
    bob.visit(here(""))
    mine = Authenticator()
    owner.add(bob, mine)
    assert passkeys.count(bob.subject) == 1
    bob.sign_out()
    stranger = at_second_step(bob)
    for _ in range(8):
        page = stranger.browser.open(here(f"{SECOND}?with=passkey"))
        answer = mine.get(devices.options(page, "prove"), origin="https://badexample.com")
        shown = stranger.browser.submit(devices.form(page), credential=answer)
        assert shown.status_code in {200, 400}
    assert bob.app
    assert typed(stranger, "app", bob.app.code()).status_code == 302
    assert owner.is_signed_in(stranger)
