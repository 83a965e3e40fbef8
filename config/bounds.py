"""How the policy's fields are declared: units of time, and the bounds of a value."""

from collections.abc import Mapping
from dataclasses import field
from datetime import timedelta
from typing import Any

SECOND, MINUTE, HOUR, DAY = (
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)


def ranged(default: Any, at_least: Any, at_most: Any) -> Any:
    """Declare a field whose value must lie between two bounds, both included."""
    bounds: Mapping[str, Any] = {"at_least": at_least, "at_most": at_most}
    return field(default=default, metadata=bounds)
