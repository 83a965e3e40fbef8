"""Take, turn, end and cut off, by many threads at once, on a real database."""

import functools
import itertools
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.races.crowd import ROUNDS, THREADS, Crowd
from tests.unit.tokens import grant as example
from tokens import epochs, grants, refresh
from tokens.grants import Grant, Taken, Turned, Why

GRACE = 10_000_000


def test_one_of_many_takers_wins_and_a_replay_leaves_nothing_alive() -> None:
    with Crowd() as crowd:
        for _ in range(ROUNDS):
            grant = example.new()

            def redeem(grant: grants.Grant = grant) -> Taken:
                taken = grants.take(grant)
                if taken is Taken.REPLAYED:
                    grants.end(grant.id, why=Why.CODE_REPLAYED)
                return taken

            outcomes = Counter(crowd.run([redeem] * THREADS))
            assert outcomes == {Taken.ALIVE: 1, Taken.REPLAYED: THREADS - 1}
            assert grants.find(grant.id) is None


def test_many_refreshes_of_one_token_turn_it_once_with_one_successor() -> None:
    with Crowd() as crowd:
        for _ in range(ROUNDS):
            token = example.taken().refresh()
            turn = functools.partial(grants.turn, token, grace=GRACE)
            outcomes = crowd.run([turn] * THREADS)
            assert Counter(outcome for outcome, _ in outcomes) == {
                Turned.TURNED: 1,
                Turned.GRACE: THREADS - 1,
            }
            assert len({refresh.text(grant) for _, grant in outcomes if grant}) == 1


def test_without_a_grace_many_refreshes_end_the_family_whoever_comes_first() -> None:
    with Crowd() as crowd:
        for _ in range(ROUNDS):
            grant = example.taken()
            turn = functools.partial(grants.turn, grant.refresh(), grace=0)
            outcomes = Counter(outcome for outcome, _ in crowd.run([turn] * THREADS))
            assert outcomes[Turned.TURNED] == 1
            assert outcomes[Turned.REUSED] == 1, "reported once"
            assert outcomes[Turned.DEAD] == THREADS - 2
            assert grants.find(grant.id) is None


Cut = Callable[[Grant], int]
CUTS: dict[str, Cut] = {
    "person": lambda g: epochs.bump(epochs.PERSON, g.subject),
    "client": lambda g: epochs.bump(epochs.CLIENT, g.client_id),
    "consent": lambda g: epochs.bump(epochs.CONSENT, epochs.consent_id(g.subject, g.client_id)),
    "session": lambda g: epochs.bump(epochs.SESSION, g.sid),
}


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_what_is_cut_off_while_codes_are_in_flight_is_dead(cut: Cut) -> None:
    with Crowd(2) as crowd:
        for _ in range(ROUNDS):
            grant = example.new()
            tasks: list[Callable[[], Any]] = [
                functools.partial(grants.take, grant),
                functools.partial(cut, grant),
            ]
            crowd.run(tasks)
            assert grants.find(grant.id) is None


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_what_is_cut_off_while_refreshes_are_in_flight_is_dead(cut: Cut) -> None:
    with Crowd(4) as crowd:
        for _ in range(ROUNDS):
            grant = example.taken()
            turn = functools.partial(grants.turn, grant.refresh(), grace=GRACE)
            tasks: list[Callable[[], Any]] = [turn, functools.partial(cut, grant), turn, turn]
            outcomes = crowd.run(tasks)
            assert grants.find(grant.id) is None
            successors = [outcome[1] for outcome in outcomes if isinstance(outcome, tuple)]
            for successor in filter(None, successors):
                turned, _ = grants.turn(successor.refresh(), grace=GRACE)
                assert turned is Turned.DEAD


def test_a_bump_is_never_lost() -> None:
    with Crowd() as crowd:
        for number in range(ROUNDS // 10):
            person = f"bumped-{number}-{example.new().subject}"
            bump = functools.partial(epochs.bump, epochs.PERSON, person)
            values = list(itertools.chain(crowd.run([bump] * THREADS), crowd.run([bump] * THREADS)))
            assert sorted(values) == list(range(1, 2 * THREADS + 1))
