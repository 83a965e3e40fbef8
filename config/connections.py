"""PEP 249 — a thread's database connection: kept from request to request, given back at its end.

The front door sends no `request_finished`, at which Django would close the connection: taking one
from the pool for every request costs as much as the statement itself. But the server's threads
come and go, and a connection that dies with its thread is lost to the pool for good.
"""

import sys
import threading

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

_here = threading.local()


class _Keeper:
    """Lives as long as its thread; closing a pooled connection gives it back."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        connection.inc_thread_sharing()  # a thread's locals may be cleared by another thread
        self._connection = connection

    def __del__(self) -> None:
        if not sys.is_finalizing():  # then the modules that close it are gone already
            self._connection.close()


def keep() -> None:
    """See to it that this thread's connection is given back when the thread ends."""
    if not hasattr(_here, "keeper"):
        _here.keeper = _Keeper(connections["default"])


def drop_unusable() -> None:
    """Let go of connections that no longer work, so that the next request opens its own."""
    for connection in connections.all(initialized_only=True):
        connection.close_if_unusable_or_obsolete()
