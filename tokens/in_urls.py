"""A sealed record as a URL carries it: the handle, or, too long for that, a row's secret."""

import datetime as dt
from typing import TypeVar

from tokens import handles, pending
from tokens.handles import Purpose

T = TypeVar("T")


def put(purpose: Purpose[T], record: T, *, longest: int, lifetime: dt.timedelta) -> str:
    """Return the text; one of more than `longest` characters waits in a row for `lifetime`."""
    text = handles.seal(purpose, record)
    if len(text) <= longest:
        return text
    # The row seals the handle once more, so that a reader of the row cannot present it.
    return _prefix(purpose) + pending.put(purpose.prefix, {"handle": text}, lifetime)


def find(purpose: Purpose[T], text: str) -> T | None:
    """Return the record, or None when it is not ours; its age is not judged."""
    if text.startswith(_prefix(purpose)):
        kept = pending.find(purpose.prefix, text.removeprefix(_prefix(purpose)))
        text = kept["handle"] if kept else ""
    return handles.open(purpose, text)


def _prefix(purpose: Purpose[T]) -> str:
    return f"{purpose.prefix}row_"
