"""Slow hashes: so many at once, so many who wait, and nobody's thread is lost."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest

from accounts import hashers
from config import environment, hashing
from config.hashing import BusyError


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make two at once, and let two wait."""
    monkeypatch.setattr(hashing, "_gates", {})
    monkeypatch.setattr(hashing, "room", lambda: (2, 2))


@contextmanager
def held(count: int) -> Iterator[list[Future[int]]]:
    """Hold so many turns or places for as long as the block lasts."""
    release = threading.Event()
    began = threading.Semaphore(0)

    def work() -> int:
        began.release()
        assert release.wait(10)
        return 1

    with ThreadPoolExecutor(max(count, 1)) as threads, ExitStack() as after:
        after.callback(release.set)
        found = [threads.submit(hashing.run, work) for _ in range(count)]
        for _ in range(min(count, 2)):
            assert began.acquire(timeout=10)
        yield found


def test_no_more_at_once_than_there_are_turns() -> None:
    lock, now, most = threading.Lock(), 0, 0

    def work() -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        threading.Event().wait(0.01)
        with lock:
            now -= 1

    with ThreadPoolExecutor(4) as threads:
        for each in [threads.submit(hashing.run, work) for _ in range(4)]:
            each.result()
    assert most == 2


def test_who_finds_the_line_full_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "PATIENCE", 10)
    with ThreadPoolExecutor(2) as threads, held(2):
        waiting = [threads.submit(hashing.run, lambda: 2) for _ in range(2)]
        gate = next(iter(hashing._gates.values()))
        while gate.places._value:  # both stand in the line
            threading.Event().wait(0.001)
        with pytest.raises(BusyError):
            hashing.run(lambda: 3)
        assert not any(each.done() for each in waiting)
    assert [each.result() for each in waiting] == [2, 2]
    assert hashing.run(lambda: 3) == 3


def test_nobody_waits_longer_than_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "PATIENCE", 0.01)
    with held(2) as found:
        for _ in range(5):  # a place that was left is free again
            with pytest.raises(BusyError):
                hashing.run(lambda: 3)
    assert [each.result() for each in found] == [1, 1]


def test_clients_stand_in_a_line_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "PATIENCE", 0.01)
    with held(2):
        with hashing.for_clients():
            assert hashing.run(lambda: 3) == 3
        with pytest.raises(BusyError):
            hashing.run(lambda: 3)


def test_what_fails_gives_its_turn_back() -> None:
    def fail() -> None:
        raise LookupError

    for _ in range(9):
        with pytest.raises(LookupError):
            hashing.run(fail)
    assert hashing.run(lambda: 1) == 1


def test_a_hash_inside_of_a_hash_needs_no_second_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "room", lambda: (1, 0))
    assert hashing.run(lambda: hashing.run(lambda: 5)) == 5
    made = hashers.Pbkdf2().encode("x", "salt", 1000)  # whose verify encodes
    assert hashers.Pbkdf2().verify("x", made)


@pytest.mark.parametrize(
    "hasher", [one for one in vars(hashers).values() if getattr(one, "algorithm", None)]
)
def test_every_hasher_waits_for_its_turn(hasher: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "PATIENCE", 0.01)
    with held(2):
        for name in ("encode", "verify"):
            with pytest.raises(BusyError):
                getattr(hasher(), name)("x", "y")


@pytest.mark.parametrize("threads", [1, 2, 4, 8, 16, 64, 256])
@pytest.mark.parametrize("workers", [1, 4])
def test_the_line_leaves_threads_to_everything_else(
    threads: int, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    with environment.replaced(threads=threads, workers=workers):
        at_once, line = hashing.room()
    assert at_once >= 1
    assert workers * at_once <= max(hashing.cores(), workers)
    assert line <= hashing.LONGEST_LINE
    if threads >= 8:
        assert at_once + line + sum(hashing._OF_CLIENTS) <= threads - threads // 4
