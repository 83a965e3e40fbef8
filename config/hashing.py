"""RFC 9106 §4 — slow hashes: as many at once as there are cores, and a short line before them.

They are made in threads that give way to all others, so signing in takes the time that is left over
and no token waits for it. Who stands in the line holds a thread of the server: the line leaves the
others some, and who finds it full, or waits too long, is asked to come back.
"""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final, TypeVar

from config import environment

T = TypeVar("T")
LONGEST_LINE: Final = 50
PATIENCE: Final = 0.5  # seconds in the line
RETRY_AFTER: Final = 1  # seconds: a line is gone sooner
_NICENESS: Final = 5
_OF_CLIENTS: Final = (1, 0)


class BusyError(Exception):
    """Too many want something hashed at this moment."""


class _Gate:
    """So many at once, and so many who wait."""

    def __init__(self, at_once: int, line: int) -> None:
        self._turns = threading.Semaphore(at_once)
        self.places = threading.Semaphore(at_once + line)
        self._hands = ThreadPoolExecutor(at_once, "hashing", initializer=_give_way)

    @contextmanager
    def place(self) -> Iterator[None]:
        """Take a turn or a place in the line for as long as the block lasts."""
        if not self.places.acquire(blocking=False):
            raise BusyError
        try:
            yield
        finally:
            self.places.release()

    def work(self, work: Callable[[], T]) -> T:
        """Do it when it is its turn."""
        if not self._turns.acquire(timeout=PATIENCE):
            raise BusyError
        try:
            return self._hands.submit(work).result()
        finally:
            self._turns.release()


class _Here(threading.local):
    """What this thread hashes for, whether it has a place, and whether it is one of a gate's."""

    is_for_clients = False
    has_place = False
    is_inside = False


_here = _Here()
_gates: dict[tuple[bool, int, int], _Gate] = {}
_making = threading.Lock()


def run(work: Callable[[], T]) -> T:
    """Return what the work returns, once it is its turn; what it calls in turn needs none.

    Raises:
        BusyError: the line is full, or did not move in time.
    """
    if _here.is_inside:
        return work()
    gate = _gate(is_for_clients=_here.is_for_clients)
    if _here.has_place and not _here.is_for_clients:
        return gate.work(work)
    with gate.place():
        return gate.work(work)


@contextmanager
def admitted() -> Iterator[None]:
    """Take a place for a whole request that will want something hashed.

    Raises:
        BusyError: there is none.
    """
    with _gate(is_for_clients=False).place():
        _here.has_place = True
        try:
            yield
        finally:
            _here.has_place = False


@contextmanager
def for_clients() -> Iterator[None]:
    """Let what is hashed inside a `with` block stand in a line of its own, apart from people."""
    before, _here.is_for_clients = _here.is_for_clients, True
    try:
        yield
    finally:
        _here.is_for_clients = before


def _gate(*, is_for_clients: bool) -> _Gate:
    size = _OF_CLIENTS if is_for_clients else room()
    with _making:
        gate = _gates.get((is_for_clients, *size))
        if gate is None:
            gate = _gates[is_for_clients, *size] = _Gate(*size)
        return gate


def room() -> tuple[int, int]:
    """Return how many hashes of people this process makes at once, and how many may wait."""
    here = environment.current()
    others = max(here.threads // 4, 1) + 1  # and one of a client
    at_once = max(min(cores() // here.workers, (here.threads - others) // 2), 1)
    return at_once, min(max(here.threads - others - at_once, 0), LONGEST_LINE)


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _give_way() -> None:
    _here.is_inside = True
    if sys.platform == "linux":  # where a thread has a niceness of its own
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
