"""NIST SP 800-63B-4 §3.2.2 — guessing passwords: limited from wherever, and only for strangers."""

import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth import hashers

from accounts import people as directory
from config import counting, environment, hashing, policy
from config.patience import Guesses
from tests import person as people
from tests import servers
from tests.browser import Page
from tests.person import Person
from tests.races.crowd import Crowd
from tests.specs.sign_in_protection.signing import WRONG, here, nobody_like, sign_in, statuses
from tests.throttling import permitting

pytestmark = pytest.mark.spec("NIST SP 800-63B-4 §3.2.2")


def test_the_21st_wrong_password_is_refused_from_wherever_and_so_is_the_right_one(
    someone: Person,
) -> None:
    known = []
    for _ in range(21):  # each from an address and a browser that nobody has used
        known += statuses(someone.elsewhere(), 1)
    assert known == [200] * 10 + [429] * 11
    refused = sign_in(someone.elsewhere())
    assert (refused.status_code, Page(refused).heading) == (429, "That was a little fast")
    nobody = nobody_like(someone)
    assert statuses(nobody, 21) == known
    other = sign_in(nobody)
    assert other.status_code == refused.status_code
    assert Page(other).heading == Page(refused).heading
    assert len(other.body) == len(refused.body)
    for answer in (refused, other):
        assert 0 < int(answer.headers["Retry-After"] or 0) <= 30


def test_the_wait_grows_and_ends(someone: Person) -> None:
    stranger = someone.elsewhere()
    with (
        policy.replaced(guesses=Guesses(free=3, first_wait=timedelta(minutes=1))),
        time_machine.travel(time.time(), tick=False) as clock,
    ):
        assert statuses(stranger, 3) == [200, 200, 200]
        for minutes in (1, 2, 4, 8):
            told = sign_in(stranger)
            assert told.status_code == 429
            assert told.headers["Retry-After"] == str(minutes * 60)
            clock.shift(timedelta(minutes=minutes))
            assert statuses(stranger, 1) == [200]
        clock.shift(timedelta(minutes=16))
        assert sign_in(stranger).status_code == 302
        stranger.sign_out()
        assert statuses(someone.elsewhere(), 4) == [200, 200, 200, 429]


def test_nothing_is_forgotten_with_redis_or_a_restart(someone: Person) -> None:
    with policy.replaced(guesses=Guesses(free=3)), servers.valkey() as url:
        with environment.replaced(redis_url=url):
            assert statuses(someone.elsewhere(), 4) == [200, 200, 200, 429]
        counting.forget()
        assert statuses(someone.elsewhere(), 1) == [429]


def test_many_at_once_are_hashed_as_often_as_one_after_the_other(
    someone: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    real = hashers.check_password

    def counted(*args: Any, **options: Any) -> bool:
        hashed.append("one")
        return bool(real(*args, **options))

    monkeypatch.setattr(hashers, "check_password", counted)
    monkeypatch.setattr(hashing, "PATIENCE", 30)
    with Crowd() as crowd, environment.replaced(threads=64):
        found = Counter(
            status
            for _ in range(25)
            for status in crowd.run(
                [lambda: sign_in(someone.elsewhere(), WRONG).status_code] * crowd.size
            )
        )
    assert found == {200: 10, 429: 190}
    assert len(hashed) == 10


def test_a_right_one_in_between_frees_no_address(someone: Person) -> None:
    mallory = someone.elsewhere()
    victims = [people.registered(someone.browser.door) for _ in range(3)]
    found = []
    with permitting(login_address="10/h"):
        for victim in victims:
            there = replace(victim, browser=mallory.browser)
            found += statuses(there, 9)
            own = replace(people.registered(someone.browser.door), browser=mallory.browser)
            found.append(sign_in(own).status_code)
            mallory.browser.jar.cookies.clear()
    assert found[:10] == [200] * 9 + [302]
    assert found[10:] == [200] + [429] * 19


def test_nobody_is_kept_out_of_their_own_browser(someone: Person) -> None:
    assert sign_in(someone).status_code == 302
    someone.sign_out()
    mallory = someone.elsewhere()
    with time_machine.travel(time.time()) as clock:
        for _ in range(9):
            assert statuses(mallory, 12)[-1] == 429
            clock.shift(timedelta(hours=1))
        statuses(mallory, 1)
        assert statuses(someone.elsewhere(), 1) == [429]
        assert sign_in(someone).status_code == 302


def test_a_browser_s_word_for_it_is_sealed(someone: Person) -> None:
    assert sign_in(someone).status_code == 302
    someone.sign_out()
    name = next(name for name in someone.browser.jar.cookies if name.endswith("as_accounts"))
    sealed = someone.browser.jar.cookies[name].value
    statuses(someone.elsewhere(), 11)
    for forged in (sealed[:-1], sealed.swapcase(), "as_kn_", someone.email, "[]", sealed * 9):
        mallory = someone.elsewhere()
        mallory.browser.jar.plant(name, forged)
        assert sign_in(mallory).status_code == 429
    elsewhere = someone.elsewhere()
    elsewhere.browser.jar.plant(name, sealed)
    assert sign_in(elsewhere).status_code == 302


def test_the_old_password_to_change_it_counts_with_those_of_the_sign_in(someone: Person) -> None:
    someone.visit(here(""))
    with policy.replaced(guesses=Guesses(free=4)):
        found = []
        for _ in range(5):
            form = Page(someone.browser.open(here("password/change/"))).form_with("oldpassword")
            assert form
            new = {"password1": "Another-Horse7b", "password2": "Another-Horse7b"}
            found.append(someone.browser.press(form, oldpassword=WRONG, **new).status_code)
        assert found == [200] * 4 + [429]
        again = replace(someone.elsewhere(), browser=someone.browser)
        again.sign_out()
        assert sign_in(again).status_code == 429


def test_a_new_password_begins_the_counts_anew(someone: Person) -> None:
    with policy.replaced(guesses=Guesses(free=3)):
        assert statuses(someone.elsewhere(), 4)[-1] == 429
        user = directory.find(someone.subject)
        assert user
        directory.set_password(user, "Another-Horse8battery")
        mine = replace(someone.elsewhere(), password="Another-Horse8battery")
        assert sign_in(mine).status_code == 302


def test_what_fails_here_is_nobody_s_wrong_password(
    someone: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = someone.elsewhere()

    def busy(*_: object) -> bool:
        raise hashing.BusyError

    with policy.replaced(guesses=Guesses(free=3)), permitting(login="3/h"):
        with monkeypatch.context() as patched:
            patched.setattr(hashers, "check_password", busy)
            for _ in range(5):
                refused = sign_in(stranger)
                assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
        assert sign_in(stranger).status_code == 302
