"""Who is cut off while codes, refreshes, requests and sign-ins are in flight stays so.

Once in every order: the cut is made before each single statement of a flow, and after the last.
And by threads, many times, with everything in flight at once.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from authserver import clients
from config import environment
from tests import person
from tests.races import worlds
from tests.races.crowd import ROUNDS, Crowd
from tests.races.worlds import CUTS, FLOWS, FRONT, World
from tokens import keys, ring

A_FEW = 3
MATRIX = [
    pytest.param(cut, flow, is_cold, id=f"{cut} during {flow}{' after a start' * is_cold}")
    for cut in CUTS
    for flow in FLOWS
    for is_cold in ([False, True] if cut == "client removed" else [False])
    if worlds.are_about_the_same(cut, flow)
]


@pytest.fixture(scope="module", autouse=True)
def _keys() -> None:
    keys.ensure()
    ring.forget()


def _world() -> World:
    return worlds.world(*worlds.parties(environment.current().issuer), ada=person.registered(FRONT))


@contextmanager
def _before_statement(number: int, act: Callable[[], None]) -> Iterator[list[int]]:
    """Act before the statement of this number; not inside a transaction, where others must wait."""
    passed: list[int] = []
    acting: list[bool] = []

    def watch(execute: Callable[..., Any], *arguments: Any) -> Any:
        if not acting and not connection.in_atomic_block:
            if len(passed) == number:
                acting.append(True)
                act()
            passed.append(number)
        return execute(*arguments)

    with connection.execute_wrapper(watch):
        yield passed


@pytest.mark.parametrize(("cut", "flow", "is_cold"), MATRIX)
def test_nothing_is_alive_in_any_order(cut: str, flow: str, is_cold: bool) -> None:
    for number in range(100):
        here = _world()
        act = functools.partial(CUTS[cut], here)
        if is_cold:
            clients.evict_all()
        with _before_statement(number, act) as passed:
            FLOWS[flow](here)
        is_over = len(passed) <= number
        if is_over:
            act()
        worlds.restored(here, cut)
        assert worlds.alive(here, cut) == [], f"cut before statement {number}"
        if is_over:
            assert number or flow == "own token", "a flow reads or writes something"
            return
    pytest.fail("a flow of more than a hundred statements")


@pytest.mark.parametrize("cut", [cut for cut in CUTS if cut != "deletion asked"])
def test_nothing_is_alive_after_a_race(cut: str) -> None:
    flows = [flow for name, flow in FLOWS.items() if worlds.are_about_the_same(cut, name)]
    parties = worlds.parties(environment.current().issuer)
    ada = person.registered(FRONT)
    with Crowd(len(flows) + 1) as crowd:
        for number in range(ROUNDS):
            if number % A_FEW == 0:  # wrong passwords are counted, person by person
                ada = person.registered(FRONT)
            here = worlds.world(*parties, ada=ada)
            crowd.run([functools.partial(act, here) for act in (*flows, CUTS[cut])])
            worlds.restored(here, cut)
            assert worlds.alive(here, cut, is_brief=cut != "client removed") == []
