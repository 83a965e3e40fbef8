"""Many at one moment at the few places that a person's browsers have, on both databases."""

import functools
import secrets
from collections import Counter

import pytest

from config import environment, hashing, policy
from config.patience import Guesses
from tests.person import Person
from tests.races.crowd import ROUNDS, Crowd
from tests.specs.sign_in_protection.signing import WRONG, copied, known, sign_in
from tokens import browsers, epochs, models

FREE = 3


def test_there_are_never_more_than_places() -> None:
    """And each is where it is found: no two browsers are counted as one."""
    with Crowd() as crowd:
        for _ in range(ROUNDS // 20):
            subject, names = secrets.token_hex(8), [browsers.new_name() for _ in range(12)]
            for names_now in (names[: crowd.size], names[-crowd.size :]):
                crowd.run([functools.partial(browsers.know, subject, one, 0) for one in names_now])
            rows = models.Browser.objects.filter(subject=subject)
            assert 0 < rows.count() <= browsers.MOST
            found = [one.place for name in names if (one := browsers.find(subject, name))]
            assert len(found) == len(set(found)) == rows.count()


def test_a_sign_in_at_the_moment_of_a_new_password_is_not_known() -> None:
    """It was by the old one."""
    with Crowd() as crowd:
        for _ in range(ROUNDS // 10):
            subject, names = secrets.token_hex(8), [browsers.new_name() for _ in range(7)]
            before = epochs.read(epochs.PERSON, subject)
            crowd.run(
                [
                    functools.partial(epochs.bump, epochs.PERSON, subject),
                    *(functools.partial(browsers.know, subject, one, before) for one in names),
                ]
            )
            assert [browsers.find(subject, one) for one in names] == [None] * 7


def test_guesses_at_one_moment_are_as_many_as_each_browser_has(
    someone: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hashing, "PATIENCE", 30)
    mine = [known(someone) for _ in range(2)]
    with (
        Crowd() as crowd,
        environment.replaced(threads=64),
        policy.replaced(guesses=Guesses(free=FREE)),
    ):
        many = [copied(one) for one in mine for _ in range(crowd.size // 2)]
        guess = [functools.partial(sign_in, one, WRONG) for one in many]
        found = [answer.status_code for _ in range(3) for answer in crowd.run(guess)]
    half = crowd.size // 2
    for first in (0, half):
        of_one = [
            status for n, status in enumerate(found) if first <= n % crowd.size < first + half
        ]
        assert Counter(of_one) == {200: FREE, 429: 3 * half - FREE}
