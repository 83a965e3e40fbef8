"""RFC 6585 §4 — how often each caller may ask: decisions, and the headers that tell them.

A rule (`policy.Throttle`) is several windows; one atomic step decides them all, and a refusal
consumes nothing. Counted in Redis where there is one, else, and while it is away, in this process
(`counters`): never not at all. Whoever is counted is known here by a keyed hash only.
"""

import functools
import ipaddress
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from config import client_ip, counting, logs, policy, rates
from config.counters import MICROSECONDS, NEVER, Ask, Seen, Verdict
from config.counting import Count
from config.rates import Rule, Throttle, Window

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided, and the most restrictive window: the one to wait for, or the tightest.

    `retry_after` is in how many seconds every window admits this again: 0 where it was admitted, -1
    where it never will be. `reset` is the epoch second at which more of the window is free.
    """

    is_allowed: bool
    retry_after: int = 0
    rule: str = ""
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
    """The rules of the policy in force, made once."""

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
    if decision.charges:
        counting.give_back(decision.charges, is_shared=decision.are_shared)


def headers(decision: Decision) -> Headers:
    """Return what tells a caller where they stand; the only place that writes these headers.

    The RateLimit fields are those of draft-ietf-httpapi-ratelimit-headers-11; X-RateLimit-Reset is
    an epoch second.
    """
    return standing(decision) + retry_after(decision)


def standing(decision: Decision) -> Headers:
    """Return these headers but for Retry-After, which an error may bring along by itself."""
    if not decision.windows:
        return ()
    offered = ", ".join(f'"{one.name}";q={one.limit};w={one.seconds}' for one in decision.windows)
    return (
        ("X-RateLimit-Limit", str(decision.limit)),
        ("X-RateLimit-Remaining", str(decision.remaining)),
        ("X-RateLimit-Reset", str(decision.reset)),
        ("RateLimit-Policy", offered),
        ("RateLimit", f'"{decision.window}";r={decision.remaining};t={decision.resets_in}'),
    )


def retry_after(decision: Decision) -> Headers:
    """Return Retry-After where it was refused and can be admitted later, and nothing else."""
    if decision.is_allowed or decision.retry_after < 0:
        return ()
    return (("Retry-After", str(decision.retry_after)),)


def address(environ: Mapping[str, Any]) -> str:
    """Return the subject of a caller's address; of an IPv6 one its /64, for they have all of it."""
    return _network(client_ip.of(environ))


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
    return _decision(counting.count(asked, charged=charged, cost=cost), permits.is_shadow)


def _decision(count: Count, is_shadow: bool) -> Decision:  # noqa: FBT001
    asks, verdicts = count.asks, count.verdicts
    is_admitted = all(one.is_admitted for one in verdicts)
    which, place, seen = _tightest(asks, verdicts, is_admitted=is_admitted)
    ask, rule_in_force = asks[which], count.rules[which]
    if not is_admitted:
        name = "throttle_would_refuse" if is_shadow else "throttled"
        fields = {"subject": ask.subject[:8], "degraded": count.is_degraded}
        logs.security_event(name, rule=ask.rule, **fields)
    windows = rule_in_force.windows
    resets_in = _seconds(max(seen.wait, seen.more_in))
    pairs = zip(asks, verdicts, strict=True) if is_admitted else ()
    return Decision(
        is_allowed=is_admitted or is_shadow,
        retry_after=NEVER if seen.wait == NEVER else _seconds(seen.wait),
        rule=ask.rule,
        limit=windows[place].limit,
        remaining=seen.remaining,
        reset=math.ceil(time.time()) + resets_in,
        resets_in=resets_in,
        window=windows[place].name,
        windows=windows,
        is_degraded=count.is_degraded,
        is_shadow=is_shadow,
        charges=tuple((each, one.at) for each, one in pairs if each.takes),
        are_shared=count.is_shared,
    )


def _tightest(
    asks: Sequence[Ask], verdicts: Sequence[Verdict], *, is_admitted: bool
) -> tuple[int, int, Seen]:
    """Return the window to wait for longest, else, of those charged, what has the least left."""
    is_charged = is_admitted and any(ask.takes for ask in asks)
    found: tuple[int, int, Seen] | None = None
    most = (-1.0, -2.0)
    for which, (ask, verdict) in enumerate(zip(asks, verdicts, strict=True)):
        if is_charged and not ask.takes:
            continue
        for place, seen in enumerate(verdict.windows):
            wait = math.inf if seen.wait == NEVER else seen.wait
            tightness = (wait, -seen.remaining / ask.limits[place])
            if tightness > most:
                most, found = tightness, (which, place, seen)
    assert found is not None  # noqa: S101  a rule has a window
    return found


def _seconds(microseconds: int) -> int:
    return -(-microseconds // MICROSECONDS)
