"""The threads that deliver, in every process that serves.

One thread looks for what is due and renews leases; it hands each piece of work to a thread of its
own. A target has one delivery under way at a time, and targets that failed lately get at most half
of the threads, and one kind of work all but one of them, so nobody's slowness delays the others.
"""

import logging
import multiprocessing.util
import threading
import time
from collections import Counter
from typing import Final

from django.db import DatabaseError, connections

from config import policy
from config.outbox import delivery, rows
from config.outbox.rows import Work

log = logging.getLogger("authserver.outbox")
_LOOK_EVERY: Final = 2.0  # seconds: other processes put work too, and what failed becomes due
_LEAVE_WITHIN: Final = 7.0  # seconds for what is under way when the process stops
_MOST_SHAKY: Final = 500


def start() -> "Worker":
    """Deliver from now on until the process ends, which waits a little for what is under way."""
    worker = Worker()
    worker.begin()
    # Also run where a server leaves its children by `os._exit`, which skips atexit.
    multiprocessing.util.Finalize(None, worker.stop, exitpriority=10)
    return worker


class Worker:
    """One process's threads and what they have in their hands."""

    def __init__(self) -> None:
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)
        self._change = threading.Condition()
        self._busy: dict[int, Work] = {}
        self._shaky: dict[str, None] = {}
        self._renewed_at = time.monotonic()

    def begin(self) -> None:
        """Start looking."""
        self._thread.start()

    def stop(self) -> None:
        """Begin nothing more, and wait a little for what is under way."""
        self._is_stopping = True
        rows.BELL.set()
        self._thread.join(_LEAVE_WITHIN)
        with self._change:
            self._change.wait_for(lambda: not self._busy, timeout=_LEAVE_WITHIN)

    def _run(self) -> None:
        while not self._is_stopping:
            rows.BELL.clear()  # before looking: what is put meanwhile rings again
            try:
                self._renew()
                while self._begin_some():
                    pass
            except DatabaseError:
                log.exception("outbox_stalled")
            except Exception:  # whatever it was, delivering goes on
                log.exception("unforeseen")
            finally:
                connections.close_all()
            rows.BELL.wait(_LOOK_EVERY)

    def _renew(self) -> None:
        every = policy.current().outbox.lease.total_seconds() / 4
        if time.monotonic() - self._renewed_at >= every:
            self._renewed_at = time.monotonic()
            with self._change:
                works = list(self._busy.values())
            if works:
                rows.renew(works)

    def _begin_some(self) -> bool:
        """Give work to free hands; tell whether there was any."""
        hands = policy.current().outbox.threads
        with self._change:
            busy = list(self._busy.values())
            shaky = list(self._shaky)
            spare = hands // 2 - sum(self._is_shaky(work) for work in busy)
        of_kind = Counter(work.kind for work in busy)
        full = [kind for kind, count in of_kind.items() if count >= hands - 1]
        most = max((count for kind, count in of_kind.items() if kind not in full), default=0)
        free = min(hands - len(busy), hands - 1 - most)  # one hand is left to the other kinds
        if free <= 0 or self._is_stopping:
            return False
        works = rows.claim(free, without_kinds=full, without_targets=shaky, only_fresh=True)
        if spare > 0 and free > len(works):
            works += rows.claim(min(spare, free - len(works)), without_kinds=full)
        for work in works:
            self._begin(work)
        return bool(works)

    def _is_shaky(self, work: Work) -> bool:
        return work.attempts > 1 or work.target in self._shaky

    def _begin(self, work: Work) -> None:
        with self._change:
            self._busy[work.id] = work
        name = f"outbox {work.id}"
        threading.Thread(target=self._carry_out, args=(work,), name=name, daemon=True).start()

    def _carry_out(self, work: Work) -> None:
        was_delivered = False
        try:
            was_delivered = delivery.carry_out(work)
        except DatabaseError:
            log.exception("outbox_not_settled")  # it stays leased, and is tried again after that
        finally:
            connections.close_all()
            with self._change:
                del self._busy[work.id]
                self._note(work.target, was_delivered=was_delivered)
                self._change.notify_all()
            rows.BELL.set()

    def _note(self, target: str, *, was_delivered: bool) -> None:
        self._shaky.pop(target, None)
        if not was_delivered:
            self._shaky[target] = None
            if len(self._shaky) > _MOST_SHAKY:
                del self._shaky[next(iter(self._shaky))]
