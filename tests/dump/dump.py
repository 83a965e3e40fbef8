"""What somebody holds who reads the whole database: every value, and every part of it.

The suite shares one database, so a dump is the difference between two moments: every row that is
new or has changed.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection

Row = tuple[str, str, Any]
"""Table, column, value."""
_SEPARATORS = re.compile(r"[\s$:,.|]+")


def read() -> set[Row]:
    """Return every value of every column of every table."""
    found: set[Row] = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                found |= {
                    (table, name, _hashable(value)) for name, value in zip(names, row, strict=True)
                }
    return found


def _hashable(value: Any) -> Any:
    if isinstance(value, memoryview | bytearray):
        return bytes(value)
    return json.dumps(value) if isinstance(value, dict | list) else value


def texts(rows: Iterable[Row]) -> dict[str, str]:
    """Return every value, its parts and its encodings as text, each with where it rests."""
    found: dict[str, str] = {}
    for table, column, value in rows:
        for text in _forms(value):
            found.setdefault(text, f"{table}.{column}")
    found.pop("", None)
    return found


def _forms(value: Any) -> Iterator[str]:
    match value:
        case None | bool():
            return
        case bytes():
            yield from _of_bytes(value)
        case str():
            yield value
            yield from _SEPARATORS.split(value)
            yield from _of_json(value)
            yield from _decoded(value)
        case _:
            yield str(value)


def _of_bytes(value: bytes) -> Iterator[str]:
    yield value.hex()
    yield value.decode("latin-1")
    yield base64.b64encode(value).decode()
    yield base64.urlsafe_b64encode(value).decode()
    yield base64.urlsafe_b64encode(value).rstrip(b"=").decode()
    try:
        yield value.decode()
    except UnicodeDecodeError:
        return


def _decoded(value: str) -> Iterator[str]:
    """Yield what a text of base64 holds, in case that is what would be presented."""
    try:
        yield base64.b64decode(value, validate=True).decode("latin-1")
    except (binascii.Error, ValueError):
        return


def _of_json(value: str) -> Iterator[str]:
    try:
        held = json.loads(value)
    except ValueError:
        return
    parts = held.values() if isinstance(held, dict) else held if isinstance(held, list) else []
    for part in parts:
        yield from _forms(json.dumps(part) if isinstance(part, dict | list) else part)
