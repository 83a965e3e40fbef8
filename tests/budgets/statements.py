"""What a request asks of the database, counted where every statement goes through."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

_WRITES = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The statements that ran, in order."""

    all: list[str] = field(default_factory=list)

    @property
    def writes(self) -> list[str]:
        """Those that change rows."""
        return [sql for sql in self.all if sql.split(None, 1)[0].upper() in _WRITES]


@contextmanager
def counted() -> Iterator[Counted]:
    """Count every statement of this thread's connection, whoever sends it."""
    found = Counted()

    def note(
        execute: Callable[..., Any], sql: Any, parameters: Any, many: bool, context: Any
    ) -> Any:
        found.all.append(str(sql).strip())
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(note):
        yield found
