"""The policy's limits made strict for one test."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from config import policy, rates


@contextmanager
def permitting(**rules: str | bool | int) -> Iterator[None]:
    """Put other rules in force inside a `with` block; texts are rates ("3/s 5/m")."""
    changes: dict[str, Any] = {
        name: rates.parse(value) if isinstance(value, str) else value
        for name, value in rules.items()
    }
    with policy.replaced(throttle=replace(policy.current().throttle, **changes)):
        yield
