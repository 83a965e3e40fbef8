"""Tries in a row: free ones, a wait that doubles, and nothing for whoever comes too early."""

import secrets
import time
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction

from config.patience import Codes, Guesses, Patience
from tokens import models, statements, sweep, tries
from tokens.tries import Refused, Taken

PATIENCE = Codes(
    free=3,
    first_wait=timedelta(seconds=30),
    longest_wait=timedelta(seconds=100),
    forgotten_after=timedelta(days=2),
)


def take(who: str) -> Taken | Refused:
    return tries.take("code", who, PATIENCE)


def waits(who: str, count: int, clock: time_machine.Traveller) -> list[int]:
    """Try so often, each time as soon as there is another try; return the waits between."""
    found = []
    for _ in range(count):
        assert isinstance(take(who), Taken)
        wait = tries.wait("code", who)
        found.append(wait)
        clock.shift(wait)
    return found


def test_after_the_free_ones_the_wait_doubles_up_to_the_longest() -> None:
    with time_machine.travel(2_000_000_000, tick=False) as clock:
        assert waits(secrets.token_hex(8), 7, clock) == [0, 0, 30, 60, 100, 100, 100]


def test_who_comes_too_early_is_told_when_and_takes_nothing() -> None:
    who = secrets.token_hex(8)
    with time_machine.travel(2_000_000_000, tick=False) as clock:
        for _ in range(3):
            take(who)
        clock.shift(10)
        assert [take(who) for _ in range(3)] == [Refused(retry_after=20)] * 3
        clock.shift(20)
        assert isinstance(take(who), Taken)
        assert tries.wait("code", who) == 60


def test_kinds_and_subjects_are_counted_apart() -> None:
    who = secrets.token_hex(8)
    for _ in range(3):
        take(who)
    assert isinstance(take(who), Refused)
    assert isinstance(tries.take("password", who, PATIENCE), Taken)
    assert isinstance(take(secrets.token_hex(8)), Taken)


def test_what_was_right_is_forgotten() -> None:
    who = secrets.token_hex(8)
    for _ in range(3):
        take(who)
    tries.forget([("code", who)])
    assert tries.wait("code", who) == 0
    assert [isinstance(take(who), Taken) for _ in range(4)] == [True, True, True, False]


def test_many_are_forgotten_at_once_and_no_other() -> None:
    many = [secrets.token_hex(8) for _ in range(4)]
    for who in many * 3:
        take(who)
    tries.forget([("code", who) for who in [*many[:3], many[0]]])
    tries.forget([])
    assert [tries.wait("code", who) > 0 for who in many] == [False, False, False, True]


def test_a_try_that_was_none_is_given_back_with_its_wait() -> None:
    who = secrets.token_hex(8)
    with time_machine.travel(2_000_000_000, tick=False):
        for _ in range(2):
            take(who)
        for _ in range(4):
            last = take(who)
            assert isinstance(last, Taken)
            assert tries.wait("code", who) == 30
            tries.give_back(last)
            assert tries.wait("code", who) == 0


def test_giving_back_ends_nobody_else_s_wait() -> None:
    who = secrets.token_hex(8)
    first = take(who)
    take(who)
    take(who)
    assert isinstance(first, Taken)
    tries.give_back(first)
    assert tries.wait("code", who) > 0


def test_counting_begins_anew_when_nobody_tried_for_long() -> None:
    who = secrets.token_hex(8)
    with time_machine.travel(2_000_000_000, tick=False) as clock:
        waits(who, 4, clock)
        clock.shift(timedelta(days=2))
        assert waits(who, 3, clock) == [0, 0, 30]


def test_no_rollback_gives_a_guess_back() -> None:
    with transaction.atomic(), pytest.raises(statements.InsideTransactionError):
        take(secrets.token_hex(8))


def test_nobody_is_known_by_name_and_what_is_over_is_swept() -> None:
    who = f"{secrets.token_hex(8)}@example.com"
    with time_machine.travel(2_100_000_000, tick=False) as clock:
        sweep.run()
        take(who)
        assert not any(who.encode() in bytes(row.digest) for row in models.Tries.objects.all())
        clock.shift(timedelta(days=1))
        assert sweep.run()["tokens_tries"] == 0
        clock.shift(timedelta(days=2))
        assert sweep.run()["tokens_tries"] > 0
        assert isinstance(take("\ud800\0 odd"), Taken)


@pytest.mark.parametrize(("patience", "first", "later"), [(Guesses(), 39, 24), (Codes(), 16, 1)])
def test_so_many_a_day_as_the_documents_say(patience: Patience, first: int, later: int) -> None:
    who, counts = secrets.token_hex(8), []
    with time_machine.travel(2_000_000_000, tick=False) as clock:
        begun = time.time()
        for day in range(1, 9):
            count = 0
            while time.time() < begun + day * 86400:
                count += isinstance(tries.take("any", who, patience), Taken)
                clock.shift(min(tries.wait("any", who), begun + day * 86400 - time.time()))
            counts.append(count)
    assert counts[0] == first
    assert max(counts[1:]) == later
