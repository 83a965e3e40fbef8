"""Points in time as the tables keep them: whole microseconds since 1970, in UTC.

One integer, the same on SQLite and PostgreSQL, so that a statement can add a lifetime to it. Time
is always a parameter of a statement: no database clock is ever asked.
"""

import datetime as dt
import math
import time
from typing import Any

from django.db import models

SECOND = 1_000_000


def now() -> int:
    """Return the current instant in microseconds."""
    return time.time_ns() // 1000


def after(start: int, duration: dt.timedelta) -> int:
    """Return the instant `duration` later than `start`."""
    return start + micros(duration)


def micros(duration: dt.timedelta) -> int:
    """Return a duration in whole microseconds."""
    return duration // dt.timedelta(microseconds=1)


def seconds(instant: int) -> int:
    """Return an instant as a NumericDate (RFC 7519 §2), rounded down."""
    return instant // SECOND


def numeric_date(value: object) -> float | None:
    """Return a NumericDate, or None for anything else that JSON can hold (true, "9", 1e400)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    is_plausible = math.isfinite(value) if isinstance(value, float) else value.bit_length() < 64
    return float(value) if is_plausible else None


def moment(instant: int) -> dt.datetime:
    """Return an instant as an aware datetime in UTC."""
    return dt.datetime.fromtimestamp(instant / SECOND, tz=dt.UTC)


def of(moment_: dt.datetime) -> int:
    """Return an aware datetime as an instant."""
    return round(moment_.timestamp() * SECOND)


class InstantField(models.BigIntegerField):  # type: ignore[type-arg]
    """Microseconds in the table, an aware datetime in Python, so that the console can show it."""

    def from_db_value(self, value: int | None, *_: Any) -> dt.datetime | None:
        """Read an instant."""
        return None if value is None else moment(value)

    def get_prep_value(self, value: Any) -> int | None:
        """Write an instant."""
        if isinstance(value, dt.datetime):
            return of(value)
        return None if value is None else int(value)

    def to_python(self, value: Any) -> Any:
        """Take an instant or a datetime."""
        return moment(value) if isinstance(value, int) else value
