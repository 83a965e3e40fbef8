"""config.outbox.worker: threads beside the server, and nobody waits for another's slowness."""

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.db.models import F

from config import models, outbox, policy, wsgi
from config.outbox import kinds, rows
from config.outbox.worker import Worker
from config.policy import Outbox

Payload = dict[str, Any]
THREADS = 4
ENOUGH = 15.0


@pytest.fixture
def kind() -> Iterator[str]:
    name = f"test {secrets.token_hex(6)}"
    yield name
    kinds.HANDLERS.pop(name, None)
    models.Delivery.objects.filter(kind=name).delete()


@pytest.fixture
def working() -> Iterator[Worker]:
    """Have a worker of few threads at work, with nothing of other tests to do."""
    outbox.deliver_due()
    with policy.replaced(outbox=Outbox(threads=THREADS)):
        made = Worker()
        made.begin()
        yield made
        made.stop()


def soon(is_so: Callable[[], bool]) -> bool:
    end = time.monotonic() + ENOUGH
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(0.01)
    return is_so()


def test_what_is_put_wakes_it(kind: str, working: Worker) -> None:
    done = threading.Event()
    outbox.handler(kind)(lambda _: done.set())
    time.sleep(0.1)
    start = time.monotonic()
    with transaction.atomic():
        outbox.put(kind, {})
    assert done.wait(ENOUGH)
    assert time.monotonic() - start < 1.9  # it did not have to look by itself
    assert soon(lambda: models.Delivery.objects.get(kind=kind).delivered_at is not None)


def test_slow_targets_delay_nobody(kind: str, working: Worker) -> None:
    until, done = threading.Event(), threading.Semaphore(0)

    def handle(payload: Payload) -> None:
        if payload.get("is_slow"):
            until.wait(ENOUGH)
        else:
            done.release()

    outbox.handler(kind)(handle)
    for number in range(THREADS - 2):
        for _ in range(5):  # a backlog is one thread all the same
            outbox.put(kind, {"is_slow": True}, target=f"{kind} slow {number}")
    for number in range(20):
        outbox.put(kind, {}, target=f"{kind} {number}")
    try:
        assert all(done.acquire(timeout=ENOUGH) for _ in range(20))
    finally:
        until.set()


def test_a_slow_kind_leaves_a_thread_to_the_others(kind: str, working: Worker) -> None:
    until, begun, done = threading.Event(), threading.Semaphore(0), threading.Event()

    def wait(_: Payload) -> None:
        begun.release()
        until.wait(ENOUGH)

    other = f"{kind} other"
    outbox.handler(kind)(wait)
    outbox.handler(other)(lambda _: done.set())
    try:
        with transaction.atomic():
            for number in range(THREADS * 2):
                outbox.put(kind, {}, target=f"{kind} {number}")
        assert all(begun.acquire(timeout=ENOUGH) for _ in range(THREADS - 1))
        assert not begun.acquire(timeout=0.3)
        outbox.put(other, {})
        assert done.wait(ENOUGH)
    finally:
        until.set()
        kinds.HANDLERS.pop(other)
        models.Delivery.objects.filter(kind=other).delete()


def test_targets_that_failed_leave_half_of_the_threads(kind: str, working: Worker) -> None:
    until, done = threading.Event(), threading.Event()
    first, slow = threading.Semaphore(0), threading.Semaphore(0)

    def handle(payload: Payload) -> None:
        if payload["dead"] and first.acquire(blocking=False):
            raise outbox.UndeliveredError("Away.")
        if payload["dead"]:
            slow.release()
            until.wait(ENOUGH)
        else:
            done.set()

    outbox.handler(kind)(handle)
    targets = [f"{kind} dead {number}" for number in range(THREADS * 2)]
    for target in targets:
        first.release()
        outbox.put(kind, {"dead": True}, target=target)
    failed = models.Delivery.objects.filter(kind=kind, attempts=1, lease=None)
    assert soon(lambda: failed.count() == len(targets))
    for target in targets:
        outbox.put(kind, {"dead": True}, target=target)
    try:
        assert all(slow.acquire(timeout=ENOUGH) for _ in range(THREADS // 2))
        assert not slow.acquire(timeout=0.3)
        outbox.put(kind, {"dead": False}, target=f"{kind} well")
        assert done.wait(ENOUGH)
    finally:
        until.set()


def test_what_fails_is_tried_again_by_itself(kind: str, working: Worker) -> None:
    tries = threading.Semaphore(0)

    def handle(_: Payload) -> None:
        tries.release()
        raise outbox.UndeliveredError("Away.")

    outbox.handler(kind)(handle)
    outbox.put(kind, {})
    assert tries.acquire(timeout=ENOUGH)
    assert soon(lambda: models.Delivery.objects.get(kind=kind).log != "")
    models.Delivery.objects.filter(kind=kind).update(due_at=F("put_at"))
    assert tries.acquire(timeout=ENOUGH)


def test_leases_are_renewed_while_the_work_goes_on(kind: str, working: Worker) -> None:
    until, begun = threading.Event(), threading.Event()

    def handle(_: Payload) -> None:
        begun.set()
        until.wait(ENOUGH)

    outbox.handler(kind)(handle)
    outbox.put(kind, {})
    assert begun.wait(ENOUGH)
    before = models.Delivery.objects.get(kind=kind).leased_until
    assert before
    working._renewed_at = 0.0  # as if a quarter of the lease had gone by
    rows.BELL.set()
    try:
        assert soon(
            lambda: (models.Delivery.objects.get(kind=kind).leased_until or before) > before
        )
    finally:
        until.set()


def test_stopping_waits_for_what_is_under_way_and_begins_nothing(kind: str) -> None:
    outbox.deliver_due()
    begun, done = threading.Event(), []

    def handle(payload: Payload) -> None:
        begun.set()
        time.sleep(0.5)
        done.append(payload)

    outbox.handler(kind)(handle)
    made = Worker()
    made.begin()
    outbox.put(kind, {"n": 1})
    outbox.put(kind, {"n": 2})
    assert begun.wait(ENOUGH)
    made.stop()
    assert done == [{"n": 1}]
    waiting = models.Delivery.objects.get(kind=kind, delivered_at=None)
    assert (waiting.attempts, waiting.lease) == (0, None)


class Unlucky(Worker):
    """Meets a database that is away, the first time it looks."""

    has_met = False

    def _begin_some(self) -> bool:
        if not self.has_met:
            self.has_met = True
            raise DatabaseError
        return super()._begin_some()


def test_a_database_that_is_away_stops_it_only_for_a_while(kind: str) -> None:
    done = threading.Event()
    outbox.handler(kind)(lambda _: done.set())
    outbox.put(kind, {})
    made = Unlucky()
    made.begin()
    assert done.wait(ENOUGH)
    assert made.has_met
    made.stop()


def test_only_the_server_begins_to_deliver() -> None:
    # The suite imports the front door and answers requests through it all the time.
    assert [each for each in threading.enumerate() if each.name == "outbox"] == []
    assert callable(wsgi.serving)
