"""RFC 6585 §4 — how often each caller may ask: decisions, and the headers that tell them.

A rule (`policy.Throttle`) is several windows; one atomic step decides them all, and a refusal
consumes nothing. Counted in Redis where there is one, else, and while it is away, in this process
(`counters`): never not at all. Whoever is counted is known here by a keyed hash only.
"""

import functools
import hashlib
import ipaddress
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from config import client_ip, environment, logs, policy, rates, roots
from config.counters import MICROSECONDS, NEVER, Ask, Counters, Seen, Verdict
from config.rates import Throttle, Window
from config.shared_counters import AwayError, SharedCounters

Headers = tuple[tuple[str, str], ...]
_AWAY: Final = "Redis does not answer: limits are counted in each process, in shares."


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Windows that hold together. Without Redis, a closed rule errs to refusing."""

    name: str
    windows: tuple[Window, ...]
    closed: bool
    is_local: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided, and the most restrictive window: the one to wait for, or the tightest.

    `retry_after` is in how many seconds every window admits this again: 0 where it was admitted, -1
    where it never will be. `reset` is the epoch second at which more of the window is free.
    """

    is_allowed: bool
    retry_after: int = 0
    limit: int = 0
    remaining: int = 0
    reset: int = 0
    resets_in: int = 0
    window: str = ""
    windows: tuple[Window, ...] = ()
    is_degraded: bool = False
    is_shadow: bool = False
    charges: tuple[tuple[Ask, int], ...] = ()
    are_shared: bool = False


_OFF: Final = Decision(is_allowed=True)


class _Held:
    """What this process keeps: its own counters, the way to Redis, and the rules in force."""

    local = Counters()
    shared: SharedCounters | None = None
    url = ""
    rules: tuple[Throttle | None, dict[str, Rule]] = (None, {})


def rule(name: str) -> Rule:
    """Return a rule of the policy in force; raises KeyError for any other name."""
    permits = policy.current().throttle
    source, known = _Held.rules
    if source is not permits:
        known = {}
        _Held.rules = (permits, known)
    found = known.get(name)
    if found is None:
        windows = permits.rate(name).windows
        known[name] = found = Rule(
            name=name,
            windows=windows,
            closed=name in rates.CLOSED,
            is_local=name in rates.LOCAL,
        )
    return found


def decide(asked: Rule, subject: str, cost: int = 1) -> Decision:
    """Let the subject have so much more, or refuse and take nothing."""
    return _decided([(asked, subject)], charged=1, cost=cost)


def decide_all(
    asked: Sequence[tuple[Rule, str]], *, beside: Sequence[tuple[Rule, str]] = ()
) -> Decision:
    """Let every subject have one more, or, where one rule refuses, none.

    What stands `beside` has to admit one more as well, and is not charged.
    """
    return _decided([*asked, *beside], charged=len(asked))


def would_admit(asked: Rule, subject: str) -> Decision:
    """Tell what `decide` would say, and take nothing."""
    return _decided([(asked, subject)], charged=0)


def give_back(decision: Decision) -> None:
    """Undo what a decision took, as if it had never been asked."""
    if not decision.charges:
        return
    if decision.are_shared:
        shared = _shared()
        if shared is not None:
            shared.give_back(decision.charges)
        return
    for ask, at in decision.charges:
        _Held.local.give_back(ask, at)


def headers(decision: Decision) -> Headers:
    """Return what tells a caller where they stand; the only place that writes these headers.

    The RateLimit fields are those of draft-ietf-httpapi-ratelimit-headers-11; X-RateLimit-Reset is
    an epoch second.
    """
    if not decision.windows:
        return ()
    offered = ", ".join(f'"{one.name}";q={one.limit};w={one.seconds}' for one in decision.windows)
    told: Headers = (
        ("X-RateLimit-Limit", str(decision.limit)),
        ("X-RateLimit-Remaining", str(decision.remaining)),
        ("X-RateLimit-Reset", str(decision.reset)),
        ("RateLimit-Policy", offered),
        ("RateLimit", f'"{decision.window}";r={decision.remaining};t={decision.resets_in}'),
    )
    return told + retry_after(decision)


def retry_after(decision: Decision) -> Headers:
    """Return Retry-After where it was refused and can be admitted later, and nothing else."""
    if decision.is_allowed or decision.retry_after < 0:
        return ()
    return (("Retry-After", str(decision.retry_after)),)


def address(environ: Mapping[str, Any]) -> str:
    """Return the subject of a caller's address; of an IPv6 one its /64, for they have all of it."""
    return _network(client_ip.of(environ))


def note() -> str | None:
    """Say in one sentence that limits are not counted as they should be, or nothing."""
    shared = _Held.shared
    return _AWAY if shared is not None and shared.is_away else None


@functools.lru_cache(maxsize=4096)
def _network(text: str) -> str:
    found = client_ip.parse(text)
    if isinstance(found, ipaddress.IPv6Address):
        return f"address:{ipaddress.IPv6Address(int(found) >> 64 << 64)}/64"
    return f"address:{text}"


def _decided(asked: Sequence[tuple[Rule, str]], *, charged: int, cost: int = 1) -> Decision:
    permits = policy.current().throttle
    if permits.danger_off:
        return _OFF
    asks = [
        _ask(one, subject, cost, takes=place < charged)
        for place, (one, subject) in enumerate(asked)
    ]
    is_local = any(one.is_local for one, _ in asked)
    shared = None if is_local else _shared()
    verdicts: Sequence[Verdict] = ()
    if shared is not None:
        try:
            verdicts = shared.decide(asks)
        except AwayError:
            is_local = True
    if not verdicts:
        if is_local:
            asks = [_share(ask, one) for ask, (one, _) in zip(asks, asked, strict=True)]
        verdicts = _Held.local.decide(asks, most=permits.subjects)
    return _decision(
        asks,
        verdicts,
        is_shared=shared is not None and not is_local,
        is_degraded=shared is not None and is_local,
        is_shadow=permits.is_shadow,
    )


def _ask(one: Rule, subject: str, cost: int, *, takes: bool) -> Ask:
    return Ask(
        rule=one.name,
        subject=_digest(subject),
        spans=tuple(window.seconds for window in one.windows),
        limits=tuple(window.limit for window in one.windows),
        cost=cost,
        takes=takes,
    )


def _share(ask: Ask, one: Rule) -> Ask:
    """Return the ask with what one process may admit by itself.

    All processes together reach the limit where the rule is open, and stay within it where it is
    closed, as long as each may have one.
    """
    workers = environment.current().workers
    if workers == 1:
        return ask
    limits = (
        max(limit // workers, 1) if one.closed else -(-limit // workers) for limit in ask.limits
    )
    return replace(ask, limits=tuple(limits))


def _decision(
    asks: Sequence[Ask],
    verdicts: Sequence[Verdict],
    *,
    is_shared: bool,
    is_degraded: bool,
    is_shadow: bool,
) -> Decision:
    is_admitted = all(one.is_admitted for one in verdicts)
    ask, place, seen = _tightest(asks, verdicts)
    if not is_admitted:
        _tell(ask, is_shadow=is_shadow, is_degraded=is_degraded)
    spans_and_limits = zip(ask.spans, ask.limits, strict=True)
    windows = tuple(Window(limit=limit, seconds=span) for span, limit in spans_and_limits)
    resets_in = _seconds(max(seen.wait, seen.more_in))
    charges = (
        tuple((ask, one.at) for ask, one in zip(asks, verdicts, strict=True) if ask.takes)
        if is_admitted
        else ()
    )
    return Decision(
        is_allowed=is_admitted or is_shadow,
        retry_after=NEVER if seen.wait == NEVER else _seconds(seen.wait),
        limit=windows[place].limit,
        remaining=seen.remaining,
        reset=math.ceil(time.time()) + resets_in,
        resets_in=resets_in,
        window=windows[place].name,
        windows=windows,
        is_degraded=is_degraded,
        is_shadow=is_shadow,
        charges=charges,
        are_shared=is_shared,
    )


def _tightest(asks: Sequence[Ask], verdicts: Sequence[Verdict]) -> tuple[Ask, int, Seen]:
    """Return the window to wait for longest, else the one of which the least is left."""
    found = [
        (ask, place, seen)
        for ask, verdict in zip(asks, verdicts, strict=True)
        for place, seen in enumerate(verdict.windows)
    ]
    return max(found, key=_tightness)


def _tightness(found: tuple[Ask, int, Seen]) -> tuple[float, float]:
    ask, place, seen = found
    wait = math.inf if seen.wait == NEVER else seen.wait
    return wait, -seen.remaining / ask.limits[place]


def _seconds(microseconds: int) -> int:
    return -(-microseconds // MICROSECONDS)


def _tell(ask: Ask, *, is_shadow: bool, is_degraded: bool) -> None:
    name = "throttle_would_refuse" if is_shadow else "throttled"
    logs.security_event(name, rule=ask.rule, subject=ask.subject[:8], degraded=is_degraded)


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
