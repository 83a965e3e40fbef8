"""Whether this process lives, and whether it can serve: /livez and /readyz.

A ready process says nothing of the others. Upper floors add what they need to be ready with `need`
when they start: a function that returns None when all is well, else one sentence.
"""

import logging
from collections.abc import Callable
from http import HTTPStatus

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from config import answer, counting, headers, logs, request_id
from config.answer import Answer, Environ, Machine

log = logging.getLogger("authserver.health")
UNREACHABLE = "The database does not answer."
Need = Callable[[], str | None]


class _Seen:
    """Migrations are never taken back under a running process, so once is enough."""

    all_applied = False


def livez(environ: Environ) -> Answer:
    """Say that the process answers."""
    return _answer(environ, {"status": "ok"}, HTTPStatus.OK)


def readyz(environ: Environ) -> Answer:
    """Say, need by need, whether requests can be served; 503 when one is not met."""
    found = {name: _tried(name, need) for name, need in _NEEDS.items()}
    ready = not any(found.values())
    document: dict[str, object] = {
        "status": "ok" if ready else "unavailable",
        "checks": {name: sentence or "ok" for name, sentence in found.items()},
    }
    if note := counting.note():  # what still serves, but not as it should
        document["notes"] = {"throttle": note}
    return _answer(environ, document, HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE)


def need(name: str, check: Need) -> None:
    """Make `check` a condition of being ready."""
    _NEEDS[name] = check


def alarm(name: str, sentence: str) -> None:
    """Log that something happened which must not, and stay unready until somebody has looked."""
    logs.security_event("alarm", about=name, sentence=sentence)
    need(name, lambda: sentence)


def calm(name: str) -> None:
    """Take an alarm, or a need, back."""
    _NEEDS.pop(name, None)


def database() -> str | None:
    """Tell whether a statement comes back."""
    connection.ensure_connection()
    return None if connection.is_usable() else UNREACHABLE


def migrations() -> str | None:
    """Tell whether the schema is the one this code was written for."""
    if not _Seen.all_applied:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if missing:
            return f"{len(missing)} migrations are not applied: run manage.py migrate."
        _Seen.all_applied = True
    return None


def _tried(name: str, check: Need) -> str | None:
    try:
        return check()
    except DatabaseError:
        log.exception("not_ready: %s", name)
        if not connection.in_atomic_block:
            connection.close()  # the next request opens one that works
        return UNREACHABLE
    except Exception:  # a probe answers whatever happens
        log.exception("not_ready: %s", name)
        return "The check itself failed; the log says why."


def _answer(environ: Environ, document: dict[str, object], status: int) -> Answer:
    name = ((request_id.HEADER, request_id.begin()),)
    told = headers.complete(name, headers.Route.MACHINE, environ)
    if environ.get("REQUEST_METHOD") not in {"GET", "HEAD"}:
        refused = (*told, ("Allow", "GET, HEAD"))
        return answer.text("Use GET.\n", HTTPStatus.METHOD_NOT_ALLOWED, refused)
    return answer.json_answer(document, status, told)


_NEEDS: dict[str, Need] = {"database": database, "migrations": migrations}
PROBES: dict[str, Machine] = {"livez": livez, "readyz": readyz}
