"""config.outbox: what is put is delivered, however long it takes and whoever dies meanwhile."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from config import diagnosis, models, outbox, policy
from config.diagnosis import State
from config.outbox import UndeliveredError, kinds, rows, upkeep
from config.policy import Outbox
from tests import tree
from tests.work import claimed

Payload = dict[str, Any]


@pytest.fixture
def kind() -> Iterator[str]:
    """Return a kind of work nobody else has; what is left of it goes."""
    name = f"test {secrets.token_hex(6)}"
    yield name
    kinds.HANDLERS.pop(name, None)
    models.Delivery.objects.filter(kind=name).delete()


@pytest.fixture
def done(kind: str) -> list[Payload]:
    """Return what was delivered of this test's kind."""
    delivered: list[Payload] = []
    outbox.handler(kind)(delivered.append)
    return delivered


def refuse(reason: str = "No.", *, is_final: bool = False) -> Callable[[Payload], None]:
    def handle(payload: Payload) -> None:
        raise UndeliveredError(reason, is_final=is_final)

    return handle


def row(kind: str) -> models.Delivery:
    return models.Delivery.objects.get(kind=kind)


def test_what_is_put_is_delivered_once(kind: str, done: list[Payload]) -> None:
    outbox.put(kind, {"a": [1, None, "\0ü\ud800"]}, target="rp\0")
    assert done == []
    assert outbox.deliver_due() >= 1
    outbox.deliver_due()
    assert done == [{"a": [1, None, "\0ü\ud800"]}]
    found = row(kind)
    assert (found.target, found.attempts, found.lease, found.log) == ("rp", 1, None, "")
    assert found.delivered_at is not None


def test_it_joins_the_transaction_that_causes_it(kind: str, done: list[Payload]) -> None:
    def fail() -> None:
        with transaction.atomic():
            outbox.put(kind, {})
            assert not rows.BELL.is_set()
            raise InterruptedError

    rows.BELL.clear()
    with pytest.raises(InterruptedError):
        fail()
    assert not rows.BELL.is_set()
    outbox.deliver_due()
    assert done == []
    with transaction.atomic():
        outbox.put(kind, {})
        assert not rows.BELL.is_set()
    assert rows.BELL.is_set()
    outbox.deliver_due()
    assert done == [{}]


def test_what_fails_is_tried_later_and_later_and_given_up(
    kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    outbox.handler(kind)(refuse("The rp\nis away\0."))
    outbox.put(kind, {"hush": "hush"}, target="rp")
    waits: list[float] = []
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(policy.current().outbox.tries):
            outbox.deliver_due()
            waits.append((row(kind).due_at - timezone.now()).total_seconds())
            outbox.deliver_due()
            assert row(kind).attempts == len(waits)
            clock.shift(waits[-1] + 0.001)
    found = row(kind)
    longest = policy.current().outbox.longest_retry.total_seconds()
    for index, wait in enumerate(waits):
        expected = min(5 * 4**index, longest)
        assert 0.9 * expected <= wait <= 1.1 * expected
    assert sum(waits[:4]) < 15 * 60  # five tries in the first quarter of an hour
    assert found.dead_at is not None
    assert found.log.count("\n") == found.log.count("Z The rp is away.\n") == len(waits)
    events = [record for record in caplog.records if record.getMessage() == "outbox_gave_up"]
    assert len(events) == 1
    assert "hush" not in caplog.text


def test_what_can_never_succeed_is_given_up_at_once(kind: str) -> None:
    outbox.handler(kind)(refuse(is_final=True))
    outbox.put(kind, {})
    outbox.deliver_due()
    assert (row(kind).attempts, bool(row(kind).dead_at)) == (1, True)


def test_a_handler_that_breaks_is_a_try_that_failed(kind: str) -> None:
    def broken(payload: Payload) -> None:
        raise ZeroDivisionError("hush")

    outbox.handler(kind)(broken)
    outbox.put(kind, {})
    outbox.deliver_due()
    assert "ZeroDivisionError" in row(kind).log
    assert "hush" not in row(kind).log
    assert row(kind).dead_at is None


def test_a_kind_nobody_knows_waits(kind: str) -> None:
    outbox.put(kind, {})
    outbox.deliver_due()
    assert (row(kind).attempts, row(kind).dead_at) == (1, None)


def test_one_delivery_a_target_at_a_time_in_their_order(kind: str) -> None:
    for number, target in enumerate(("a", "a", "b", "a")):
        outbox.put(kind, {"n": number}, target=f"{kind} {target}")
    first = claimed(kind)
    assert [work.payload["n"] for work in first] == [0, 2]
    assert claimed(kind) == []
    rows.delivered(first[0])
    second = claimed(kind)
    assert [work.payload["n"] for work in second] == [1]
    for work in (first[1], *second):
        rows.delivered(work)
    assert [work.payload["n"] for work in claimed(kind)] == [3]


def test_without_a_target_a_kind_is_one(kind: str) -> None:
    outbox.put(kind, {})
    outbox.put(kind, {})
    assert len(claimed(kind)) == 1


def test_a_lease_that_ran_out_is_anybodys_and_its_old_holder_settles_nothing(kind: str) -> None:
    outbox.put(kind, {})
    [old] = claimed(kind)
    lease = policy.current().outbox.lease
    with time_machine.travel(timezone.now() + lease * 0.9):
        assert claimed(kind) == []
        rows.renew([old])
    with time_machine.travel(timezone.now() + lease * 1.5):
        assert claimed(kind) == []
    with time_machine.travel(timezone.now() + lease * 2):
        [new] = claimed(kind)
        rows.delivered(old)
        rows.failed(old, UndeliveredError("Late."))
        rows.release(old)
        assert row(kind).lease == new.lease
        assert (row(kind).log, row(kind).delivered_at) == ("", None)
        rows.delivered(new)
        assert row(kind).delivered_at


def test_what_ends_its_process_every_time_is_given_up(kind: str, done: list[Payload]) -> None:
    outbox.put(kind, {})
    models.Delivery.objects.filter(kind=kind).update(attempts=policy.current().outbox.tries)
    outbox.deliver_due()
    assert done == []
    assert row(kind).dead_at


DYING = """
import sys, time
import django
django.setup()
from config import outbox
@outbox.handler(sys.argv[1])
def handle(payload):
    print("begun", flush=True)
    time.sleep(60)
outbox.deliver_due()
"""


def test_a_killed_process_loses_nothing(kind: str, done: list[Payload]) -> None:
    outbox.deliver_due()  # what others left would come first
    outbox.put(kind, {"n": 1})
    variables = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    with subprocess.Popen(
        [sys.executable, "-c", DYING, kind],
        cwd=tree.ROOT,
        env=variables,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "begun\n"
        outbox.deliver_due()
        assert done == []
        process.send_signal(signal.SIGKILL)
    outbox.deliver_due()
    assert done == []
    with time_machine.travel(timezone.now() + policy.current().outbox.lease * 1.1):
        outbox.deliver_due()
    assert done == [{"n": 1}]
    assert row(kind).attempts == 2


def test_old_deliveries_are_swept_and_nothing_else(kind: str, done: list[Payload]) -> None:
    outbox.put(kind, {})
    outbox.deliver_due()
    outbox.put(kind, {})
    models.Delivery.objects.filter(kind=kind, delivered_at=None).update(dead_at=timezone.now())
    outbox.put(kind, {})
    upkeep.sweep(1000)
    assert models.Delivery.objects.filter(kind=kind).count() == 3
    with policy.replaced(outbox=Outbox(keep_delivered=timedelta(0))):
        time.sleep(0.002)
        while upkeep.sweep(1):
            pass
    left = models.Delivery.objects.filter(kind=kind)
    assert list(left.values_list("delivered_at", flat=True)) == [None, None]
    with policy.replaced(outbox=Outbox(keep_given_up=timedelta(0))):
        upkeep.sweep(1000)
    assert list(left.values_list("delivered_at", "dead_at")) == [(None, None)]


class TestDoctor:
    def finding(self) -> diagnosis.Finding:
        found = diagnosis.look(online=False)
        return next(each for each in found if each.name == "outbox")

    def test_it_tells_of_dead_and_of_overdue(self, kind: str) -> None:
        upkeep.drop(None)
        outbox.deliver_due()
        outbox.put(kind, {})
        assert self.finding().state is State.OK
        with time_machine.travel(timezone.now() + timedelta(minutes=11)):
            assert "overdue" in self.finding().sentence
        outbox.handler(kind)(refuse(is_final=True))
        outbox.deliver_due()
        assert self.finding().state is State.WARNING
        assert "outbox list --dead" in self.finding().sentence
