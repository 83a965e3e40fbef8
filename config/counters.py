"""The counters of one process: sub-bucket sliding windows, decided together behind one lock.

A window of W seconds is cut into ten buckets; what counts are the running one and the ten before
it, so everything of the last W seconds counts and nothing older than W and a bucket. No rolling
window ever holds more than its limit, and whoever stays below limit x 10/11 is never refused.
Time is monotonic: no step of the machine's clock is seen here.
"""

import logging
import threading
import time
from array import array
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

BUCKETS: Final = 10
MICROSECONDS: Final = 1_000_000
NEVER: Final = -1
_SLOTS: Final = BUCKETS + 3  # the index of the running bucket, the sum, the counts from the oldest
_COUNTS: Final = 2  # where the counts begin
_TOLD_EVERY: Final = 60 * MICROSECONDS
_log: Final = logging.getLogger("authserver.throttle")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """May this subject have so much more, by every window? `spans` are seconds.

    Where it `takes`, it is charged when it and all that is asked along with it are admitted.
    """

    rule: str
    subject: str
    spans: tuple[int, ...]
    limits: tuple[int, ...]
    cost: int = 1
    takes: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One window as it was found: what is left of it, and microseconds from now.

    `more_in` is when more of it is free again, `wait` when the cost fits: 0 where it does, NEVER
    where it cannot.
    """

    remaining: int
    more_in: int
    wait: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was found for one ask, at an instant of the clock that decided."""

    is_admitted: bool
    at: int
    windows: tuple[Seen, ...]


def bucket(span: int) -> int:
    """Return how long one bucket of a window of so many seconds is, in microseconds."""
    return span * MICROSECONDS // BUCKETS


def _now() -> int:
    return time.monotonic_ns() // 1000


class Counters:
    """Counters in memory; of each rule at most so many subjects, the least recent ones leave."""

    def __init__(self, clock: Callable[[], int] = _now) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._rules: dict[tuple[str, tuple[int, ...]], OrderedDict[str, array[int]]] = {}
        self._told_at = -_TOLD_EVERY

    def decide(self, asks: Sequence[Ask], *, most: int) -> tuple[Verdict, ...]:
        """Judge every ask, and charge those that take where all are admitted."""
        now = self._clock()
        with self._lock:
            held = [self._held(ask, now) for ask in asks]
            is_admitted = all(map(_fits, asks, held))
            for ask, each in zip(asks, held, strict=True):
                if is_admitted and ask.takes:
                    _charge(each, ask.cost)
                    self._keep(ask, each, now, most)
        return tuple(
            _verdict(ask, each, now, is_charged=is_admitted and ask.takes)
            for ask, each in zip(asks, held, strict=True)
        )

    def give_back(self, ask: Ask, at: int) -> None:
        """Take a charge back out of the buckets it went into, as far as they still count."""
        now = self._clock()
        with self._lock:
            kept = self._of(ask)
            if ask.subject not in kept:
                return
            kept[ask.subject] = each = self._held(ask, now)
            for place, span in enumerate(ask.spans):
                base = place * _SLOTS
                age = each[base] - at // bucket(span)
                if 0 <= age <= BUCKETS:
                    slot = base + _COUNTS + BUCKETS - age
                    less = min(ask.cost, each[slot])
                    each[slot] -= less
                    each[base + 1] -= less
            if not any(each[1::_SLOTS]):
                del kept[ask.subject]

    def __len__(self) -> int:
        return sum(len(subjects) for subjects in self._rules.values())

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._rules.clear()

    def _held(self, ask: Ask, now: int) -> "array[int]":
        """Return the subject's counters as they are now: a copy, to keep where it is charged."""
        kept = self._of(ask)
        each = kept.get(ask.subject)
        if each is None:
            each = array("Q", bytes(8 * _SLOTS * len(ask.spans)))
            went_back = False
        else:
            each = each[:]
            went_back = each[0] > now // bucket(ask.spans[0])
        for place, span in enumerate(ask.spans):
            _move(each, place * _SLOTS, now // bucket(span))
        if went_back:
            kept[ask.subject] = each[:]
        return each

    def _of(self, ask: Ask) -> "OrderedDict[str, array[int]]":
        return self._rules.setdefault((ask.rule, ask.spans), OrderedDict())

    def _keep(self, ask: Ask, each: "array[int]", now: int, most: int) -> None:
        subjects = self._of(ask)
        subjects[ask.subject] = each
        subjects.move_to_end(ask.subject)
        while len(subjects) > 1:
            oldest = next(iter(subjects))
            is_over = _is_over(subjects[oldest], ask.spans, now)
            if not is_over and len(subjects) <= most:
                break
            del subjects[oldest]
            if not is_over:
                self._tell(ask.rule, now)

    def _tell(self, rule: str, now: int) -> None:
        if now - self._told_at >= _TOLD_EVERY:
            self._told_at = now
            _log.warning("throttle_full: %s forgets callers; raise throttle.subjects", rule)


def _move(each: "array[int]", base: int, index: int) -> None:
    """Let the buckets slide until `index` is the running one."""
    passed = index - each[base]
    if passed == 0:
        return
    each[base] = index
    first = base + _COUNTS
    end = base + _SLOTS
    if passed < 0:
        return  # the clock went back: what was counted keeps its age
    if passed > BUCKETS:
        each[base + 1 : end] = array("Q", bytes(8 * (_SLOTS - 1)))
        return
    each[first:end] = each[first + passed : end] + array("Q", bytes(8 * passed))
    each[base + 1] = sum(each[first:end])


def _fits(ask: Ask, each: "array[int]") -> bool:
    used = each[1::_SLOTS]
    return all(had + ask.cost <= most for had, most in zip(used, ask.limits, strict=True))


def _verdict(ask: Ask, each: "array[int]", now: int, *, is_charged: bool) -> Verdict:
    """Say what was found; of what was charged, with the charge among it."""
    seen = []
    cost = 0 if is_charged else ask.cost
    for place, (span, limit) in enumerate(zip(ask.spans, ask.limits, strict=True)):
        base, width = place * _SLOTS, bucket(span)
        used = each[base + 1]
        ahead = each[base] * width - now  # where the running bucket begins, from now
        wait = 0
        if cost > limit:
            wait = NEVER
        elif used + cost > limit:
            wait = ahead + _freed(each, base, used + cost - limit) * width
        more_in = ahead + _freed(each, base, 1) * width
        seen.append(Seen(remaining=max(limit - used, 0), more_in=more_in, wait=wait))
    is_admitted = is_charged or all(one.wait == 0 for one in seen)
    return Verdict(is_admitted=is_admitted, at=now, windows=tuple(seen))


def _freed(each: "array[int]", base: int, wanted: int) -> int:
    """Return after how many buckets so many will have left the window."""
    gone = 0
    for place in range(BUCKETS + 1):
        gone += each[base + _COUNTS + place]
        if gone >= wanted:
            return place + 1
    return BUCKETS + 1


def _charge(each: "array[int]", cost: int) -> None:
    for base in range(0, len(each), _SLOTS):
        each[base + 1] += cost
        each[base + _SLOTS - 1] += cost


def _is_over(each: "array[int]", spans: tuple[int, ...], now: int) -> bool:
    """Tell whether nothing of these counters counts any more."""
    return all(
        now // bucket(span) - each[place * _SLOTS] > BUCKETS for place, span in enumerate(spans)
    )
