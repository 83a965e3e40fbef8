"""Asking the throttle in a test: a store chosen, subjects nobody else has."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from config import environment, throttle
from config.throttle import Decision


@contextmanager
def stores(url: str = "", workers: int = 1) -> Iterator[None]:
    with environment.replaced(redis_url=url, workers=workers):
        yield


def subject() -> str:
    return f"somebody:{secrets.token_hex(8)}"


def ask(name: str = "api", whom: str | None = None, cost: int = 1) -> Decision:
    return throttle.decide(throttle.rule(name), whom or subject(), cost)


def admitted(count: int, name: str = "api") -> int:
    whom = subject()
    return sum(ask(name, whom).is_allowed for _ in range(count))
