"""Raw statements on Django's own connection: one round trip each, no ORM.

Named parameters (`%(name)s`) work on both databases. On SQLite the writers of this process take
turns on a lock, which is cheaper than sleeping on the database's. Serialization failures are tried
again.
"""

import contextlib
import threading
from collections.abc import Mapping
from typing import Any

from django.db import DatabaseError, connection

Row = tuple[Any, ...]
_TRIES = 3
_RETRIED = frozenset({"40001", "40P01"})  # serialization failure, deadlock
_one_writer = threading.RLock()


class InsideTransactionError(RuntimeError):
    """A decision that must outlive its request was about to join a transaction."""


def fetch(sql: str, parameters: Mapping[str, Any]) -> Row | None:
    """Run a reading statement and return its first row."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row: Row | None = cursor.fetchone()
        return row


def write(sql: str, parameters: Mapping[str, Any]) -> Row | None:
    """Run a writing statement with RETURNING and return its first row, joining any transaction."""
    rows = write_all(sql, parameters)
    return rows[0] if rows else None


def write_all(sql: str, parameters: Mapping[str, Any]) -> list[Row]:
    """Run a writing statement with RETURNING, joining the caller's transaction if there is one."""
    for attempt in range(_TRIES):
        try:
            return _write(sql, parameters)
        except DatabaseError as error:
            state = getattr(error.__cause__, "sqlstate", None)
            last = attempt == _TRIES - 1 or connection.in_atomic_block
            if state not in _RETRIED or last:
                raise
    raise AssertionError  # the loop returns or raises


def decide(sql: str, parameters: Mapping[str, Any]) -> Row | None:
    """Run a writing statement that commits by itself.

    No rollback of the request that found a misuse may undo what was decided about it.

    Raises:
        InsideTransactionError: when called inside an atomic block.
    """
    if connection.in_atomic_block:
        raise InsideTransactionError
    return write(sql, parameters)


def _write(sql: str, parameters: Mapping[str, Any]) -> list[Row]:
    # In a transaction the database's own lock is held already (IMMEDIATE): whoever waits for that
    # one may hold ours, and waiting for it in turn would be a deadlock.
    takes_turns = connection.vendor == "sqlite" and not connection.in_atomic_block
    with _one_writer if takes_turns else contextlib.nullcontext(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        # All rows are fetched at once: on SQLite an unfetched cursor holds the write lock.
        rows: list[Row] = cursor.fetchall()
        return rows
