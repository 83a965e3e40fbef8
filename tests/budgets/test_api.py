"""How many SQL statements a call of the API costs."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from config import policy
from tests.api import Program
from tests.budgets.statements import counted


@pytest.fixture(autouse=True)
def _kept_warm() -> Iterator[None]:
    """Keep what is cached for a minute, so that a slow machine counts the same."""
    with policy.replaced(clients=policy.Clients(cache_for=timedelta(minutes=1))):
        yield


def test_a_person_reads_themself(own: Program) -> None:
    """The token, in one statement; then the row."""
    own.get("/me")
    with counted() as found:
        assert own.get("/me").status_code == 200
    assert (len(found.all), found.writes) == (2, [])


@pytest.mark.parametrize(("path", "reads"), [("", 3), ("?search=a", 3)])
def test_a_service_lists(path: str, reads: int, service: Program) -> None:
    """The key; how many there are; a part of them."""
    service.get(path)
    with counted() as found:
        assert service.get(path).status_code == 200
    assert (len(found.all), found.writes) == (reads, [])


def test_a_stranger_costs_nothing(own: Program) -> None:
    """A token that was not signed here, and a key whose checksum is wrong, are refused unread."""
    nobody = Program(door=own.door, headers={"Authorization": "Bearer a.b.c"})
    mistyped = Program(door=own.door, headers={"X-API-Key": "ask_" + "a" * 12 + "_" + "b" * 49})
    nobody.get()
    with counted() as found:
        assert [nobody.get().status_code, mistyped.get().status_code] == [401, 401]
    assert found.all == []
