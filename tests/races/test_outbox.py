"""The outbox under many threads: each piece of work once, and one at a time for each target."""

import secrets
import threading
import time
from collections import Counter
from typing import Any

from config import models, outbox
from config.outbox import kinds, rows
from tests.races.crowd import THREADS, Crowd

ROUNDS = 10
TARGETS = 5


def test_many_deliver_each_piece_once_and_one_a_target() -> None:
    kind = f"race {secrets.token_hex(6)}"
    done: Counter[str] = Counter()
    under_way: Counter[str] = Counter()
    together: list[str] = []
    lock = threading.Lock()

    @outbox.handler(kind)
    def handle(payload: dict[str, Any]) -> None:
        target = payload["target"]
        with lock:
            under_way[target] += 1
            if under_way[target] > 1:
                together.append(target)
        time.sleep(0.001)
        with lock:
            under_way[target] -= 1
            done[payload["name"]] += 1

    def deliver() -> int:
        return outbox.deliver_due()

    with Crowd() as crowd:
        for number in range(ROUNDS):
            names = [f"{number} {each}" for each in range(TARGETS * 4)]
            for index, name in enumerate(names):
                target = f"{kind} {index % TARGETS}"
                outbox.put(kind, {"name": name, "target": target}, target=target)
            crowd.run([deliver] * THREADS)
            outbox.deliver_due()  # a thread that met only busy targets has left
    kinds.HANDLERS.pop(kind)
    assert set(done.values()) == {1}
    assert len(done) == ROUNDS * TARGETS * 4
    assert together == []
    found = models.Delivery.objects.filter(kind=kind)
    assert not found.filter(delivered_at=None).exists()
    assert set(found.values_list("attempts", flat=True)) == {1}


def test_of_many_who_reach_for_one_one_gets_it() -> None:
    kind = f"race {secrets.token_hex(6)}"
    with Crowd() as crowd:
        for _ in range(ROUNDS):
            for _ in range(THREADS):
                outbox.put(kind, {})
            taken = crowd.run([rows.claim] * THREADS)
            ours = [work for works in taken for work in works if work.kind == kind]
            assert len(ours) <= 1
            for work in (work for works in taken for work in works):
                (rows.delivered if work.kind == kind else rows.release)(work)
    models.Delivery.objects.filter(kind=kind).delete()
