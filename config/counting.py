"""Where callers are counted: in Redis; in this process where there is none, or while it is away.

Whoever is counted is known by a keyed hash only. The key hangs on the first root key: when that
changes, counting begins anew.
"""

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from config import environment, policy, roots
from config.counters import Ask, Counters, Verdict
from config.rates import Rule
from config.shared_counters import AwayError, SharedCounters

_AWAY: Final = "Redis does not answer: limits are counted in each process, in shares."


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What was asked, by the rules that held, and what was found."""

    rules: Sequence[Rule]
    asks: Sequence[Ask]
    verdicts: Sequence[Verdict]
    is_shared: bool = False
    is_degraded: bool = False


class _Held:
    """What this process keeps: its own counters, and the way to Redis."""

    local = Counters()
    shared: SharedCounters | None = None
    url = ""


def count(asked: Sequence[tuple[Rule, str]], *, charged: int, cost: int) -> Count:
    """Judge all, and charge the first so many where all are admitted."""
    asks = _asks(asked, charged, cost)
    is_local = any(one.is_local for one, _ in asked)
    shared = None if is_local else _shared()
    rules = [one for one, _ in asked]
    if shared is not None:
        try:
            verdicts = shared.decide(asks)
            return Count(rules=rules, asks=asks, verdicts=verdicts, is_shared=True)
        except AwayError:
            is_local = True
    workers = environment.current().workers
    if is_local and workers > 1:
        rules = [one.share(workers) for one in rules]
        whom = [(one, subject) for one, (_, subject) in zip(rules, asked, strict=True)]
        asks = _asks(whom, charged, cost)
    verdicts = _Held.local.decide(asks, most=policy.current().throttle.subjects)
    is_degraded = shared is not None
    return Count(rules=rules, asks=asks, verdicts=verdicts, is_degraded=is_degraded)


def give_back(charges: Sequence[tuple[Ask, int]], *, is_shared: bool) -> None:
    """Take charges back from wherever they were counted."""
    if not is_shared:
        for ask, at in charges:
            _Held.local.give_back(ask, at)
    elif (shared := _shared()) is not None:
        shared.give_back(charges)


def note() -> str | None:
    """Say in one sentence that limits are not counted as they should be, or nothing."""
    shared = _Held.shared
    return _AWAY if shared is not None and shared.is_away else None


def forget() -> None:
    """Forget what this process counted by itself, and that Redis was away."""
    _Held.local.clear()
    _Held.shared, _Held.url = None, ""


def _asks(asked: Sequence[tuple[Rule, str]], charged: int, cost: int) -> list[Ask]:
    return [
        Ask(
            rule=one.name,
            subject=_digest(subject),
            spans=one.spans,
            limits=one.limits,
            cost=cost,
            takes=place < charged,
        )
        for place, (one, subject) in enumerate(asked)
    ]


def _shared() -> SharedCounters | None:
    url = environment.current().redis_url
    if url != _Held.url:
        _Held.url, _Held.shared = url, SharedCounters(url) if url else None
    return _Held.shared


@functools.lru_cache(maxsize=4096)
def _digest(subject: str) -> str:
    return hashlib.blake2b(
        subject.encode(errors="backslashreplace"), digest_size=16, key=_key()
    ).hexdigest()


@functools.cache
def _key() -> bytes:
    return roots.hkdf(environment.current().root_keys[0], b"throttle subjects")
