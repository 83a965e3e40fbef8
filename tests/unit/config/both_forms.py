"""The counters in both forms, the one in Redis with a clock that a test can set."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha1
from typing import Protocol

import pytest
import redis

from config import shared_counters
from config.counters import Ask, Counters, Verdict
from config.shared_counters import SharedCounters

CLOCK = "test-clock"
PLAIN = "redis.call('TIME')"
SET = f"redis.call('HMGET', '{CLOCK}', 's', 'us')"
START = 1_800_000_000_000_000


class Form(Protocol):
    """What both forms can do, at an instant."""

    def decide(self, at: int, *asks: Ask) -> tuple[Verdict, ...]: ...
    def give_back(self, at: int, ask: Ask, charged_at: int) -> None: ...
    def held(self) -> int: ...


class InProcess:
    """config.counters."""

    def __init__(self) -> None:
        self.now = START
        self.counters = Counters(clock=lambda: self.now)

    def decide(self, at: int, *asks: Ask) -> tuple[Verdict, ...]:
        self.now = at
        return self.counters.decide(asks, most=1000)

    def give_back(self, at: int, ask: Ask, charged_at: int) -> None:
        self.now = at
        self.counters.give_back(ask, charged_at)

    def held(self) -> int:
        return len(self.counters)


@dataclass
class InRedis:
    """config.shared_counters, with the one word that reads the clock replaced."""

    url: str

    def __post_init__(self) -> None:
        self.counters = SharedCounters(self.url)
        self.redis = redis.Redis.from_url(self.url)
        self.redis.flushall()

    def decide(self, at: int, *asks: Ask) -> tuple[Verdict, ...]:
        self._set(at)
        return self.counters.decide(asks)

    def give_back(self, at: int, ask: Ask, charged_at: int) -> None:
        self._set(at)
        self.counters.give_back([(ask, charged_at)])

    def held(self) -> int:
        return sum(1 for _ in self.redis.scan_iter("authserver:*"))

    def _set(self, at: int) -> None:
        seconds, microseconds = divmod(at, 1_000_000)
        self.redis.hset(CLOCK, mapping={"s": seconds, "us": microseconds})


def in_redis(url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[], InRedis]:
    """Return what makes the form in Redis anew; a test's clock stands in for Redis's."""
    assert shared_counters.SCRIPT.count(PLAIN) == 1
    script = shared_counters.SCRIPT.replace(PLAIN, SET)
    monkeypatch.setattr(shared_counters, "SCRIPT", script)
    digest = sha1(script.encode(), usedforsecurity=False).hexdigest()
    monkeypatch.setattr(shared_counters, "_DIGEST", digest)
    monkeypatch.setattr(shared_counters, "_TIMEOUT", 5.0)  # a loaded machine is no outage here
    return lambda: InRedis(url)
