"""What one decision of the limiter costs, beside the `limits` library: microseconds, four windows.

Each cell is the best of many runs of one thread, taken in turns. Ours decides the four windows in
one step and returns what the headers need; the library is asked window after window (its `test`
for all, then its `hit`, as all-or-nothing needs it), and once with `hit` alone, which charges the
windows before the one that refuses.
"""

import argparse
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import (
    FixedWindowRateLimiter,
    MovingWindowRateLimiter,
    SlidingWindowCounterRateLimiter,
)

from config.counters import Ask, Counters
from config.shared_counters import SharedCounters
from tests import servers

_SPANS = (1, 60, 3600, 86_400)
_LIMITS = (100_000, 1_000_000, 10_000_000, 100_000_000)
_ITEMS = parse_many(
    "; ".join(f"{limit}/{span} second" for limit, span in zip(_LIMITS, _SPANS, strict=True))
)
_REPEATS, _CALLS, _SUBJECTS = 12, 200, 50
_STRATEGIES: dict[str, Any] = {
    "fixed window": FixedWindowRateLimiter,
    "sliding counter": SlidingWindowCounterRateLimiter,
    "moving window": MovingWindowRateLimiter,
}
Work = Callable[[int], object]


def _ask(number: int) -> Ask:
    return Ask(rule="bench", subject=f"{number % _SUBJECTS:032x}", spans=_SPANS, limits=_LIMITS)


def _all_or_nothing(strategy: Any, items: list[RateLimitItem], name: str) -> bool:
    can = all(strategy.test(item, name) for item in items)
    return can and all(strategy.hit(item, name) for item in items)


def _hits(strategy: Any, items: list[RateLimitItem], name: str) -> bool:
    return all(strategy.hit(item, name) for item in items)


def _theirs(stored: Callable[[str], Any]) -> dict[str, Work]:
    work: dict[str, Work] = {}
    for name, kind in _STRATEGIES.items():
        strategy = kind(stored(name))  # each its own: they keep different things under one key
        for how, ask in (("test and hit", _all_or_nothing), ("hit", _hits)):
            work[f"limits, {name}, {how}"] = lambda number, s=strategy, a=ask: a(  # type: ignore[misc]
                s, _ITEMS, f"subject-{number % _SUBJECTS}"
            )
    return work


def _best(work: dict[str, Work]) -> dict[str, float]:
    """Return the microseconds of a call of each; runs take turns, so that all meet all loads."""
    found = dict.fromkeys(work, float("inf"))
    for _ in range(_REPEATS):
        for name, call in work.items():
            start = time.perf_counter()
            for number in range(_CALLS):
                call(number)
            found[name] = min(found[name], (time.perf_counter() - start) / _CALLS)
    return {name: seconds * 1e6 for name, seconds in found.items()}


def in_process() -> dict[str, float]:
    """Measure without Redis."""
    counters = Counters()
    ours: dict[str, Work] = {
        "ours, all or nothing": lambda number: counters.decide([_ask(number)], most=100_000)
    }
    return _best({**ours, **_theirs(lambda _: MemoryStorage())})


def in_redis() -> dict[str, float]:
    """Measure on a Valkey of our own, by its Unix socket."""
    with ExitStack() as stack:
        url = stack.enter_context(servers.valkey())
        shared = SharedCounters(url, timeout=5.0)
        ours: dict[str, Work] = {
            "ours, all or nothing": lambda number: shared.decide([_ask(number)])
        }
        return _best(
            {**ours, **_theirs(lambda name: RedisStorage(f"redis+{url}", key_prefix=name))}
        )


def memory(subjects: int = 100_000) -> float:
    """Return the megabytes that so many callers take in one process."""
    counters = Counters()
    tracemalloc.start()
    for number in range(subjects):
        ask = Ask(rule="bench", subject=f"{number:032x}", spans=_SPANS, limits=_LIMITS)
        counters.decide([ask], most=subjects)
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return size / 1024 / 1024


def markdown() -> str:
    """Return both tables."""
    process, there = in_process(), in_redis()
    rows = [f"| {name} | {process[name]:.0f} | {there[name]:.0f} |" for name in process]
    return "\n".join(
        [
            "| one decision over four windows, µs | in process | on Valkey |",
            "| --- | ---: | ---: |",
            *rows,
            "",
            f"100 000 callers of four windows take {memory():.0f} MB in one process.",
        ]
    )


_BEGIN, _END = "<!-- numbers of the limiter: begin -->", "<!-- numbers of the limiter: end -->"
_PAGE = Path(__file__).parent.parent / "docs/performance.md"


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(prog="python -m bench.throttling", description=__doc__)
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    given = parser.parse_args()
    text = markdown()
    print(text)
    if given.write:
        page = _PAGE.read_text(encoding="utf-8")
        before, after = page.split(_BEGIN)[0], page.split(_END)[1]
        with tempfile.NamedTemporaryFile(
            "w", dir=_PAGE.parent, delete=False, encoding="utf-8"
        ) as draft:
            draft.write(f"{before}{_BEGIN}\n\n{text}\n\n{_END}{after}")
        Path(draft.name).replace(_PAGE)


if __name__ == "__main__":
    main()
