"""Where the database is: a URL onto Django's DATABASES entry.

SQLite runs in WAL with IMMEDIATE transactions and synchronous FULL: a writer waits its turn
instead of failing half way, and what was answered survives a power cut. PostgreSQL runs through
psycopg's pool, which also takes over what CONN_MAX_AGE and health checks would do.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from config.faults import did_you_mean

ALLOWED = (
    "sqlite:////absolute/path or postgresql://user:password@host:port/name"
    " (…?host=/folder/of/socket, ?sslmode=verify-full and the like)"
)
LIBPQ = frozenset(
    {
        "application_name",
        "channel_binding",
        "gssencmode",
        "host",
        "options",
        "passfile",
        "port",
        "require_auth",
        "service",
        "sslcert",
        "sslcrl",
        "sslkey",
        "sslmode",
        "sslrootcert",
        "target_session_attrs",
    }
)
PREPARE_AFTER = 2  # executions of a statement on one connection before the server keeps its plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """How many connections to PostgreSQL a process keeps, and how long it waits for one."""

    size: int
    idle: timedelta
    timeout: timedelta


def check(text: str) -> str:
    """Return the URL unchanged; raise ValueError with what is wrong (never its password)."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        message = "is not a URL."
        raise ValueError(message) from None
    if parts.scheme == "sqlite":
        if parts.netloc or not parts.path.strip("/") or parts.query or parts.fragment:
            message = "must be sqlite:/// and the path of a file, and nothing else."
            raise ValueError(message)
        return text
    if parts.scheme not in {"postgresql", "postgres"}:
        message = "is neither a sqlite: nor a postgresql: URL."
        raise ValueError(message)
    if "/" in parts.path[1:] or not parts.path[1:]:
        message = "must name exactly one database after the host."
        raise ValueError(message)
    for name, _ in parse_qsl(parts.query, keep_blank_values=True):
        if name not in LIBPQ:
            message = f"has an unknown option {name!r}.{did_you_mean(name, LIBPQ)}"
            raise ValueError(message)
    return text


def is_sqlite(url: str) -> bool:
    """Tell whether the URL names a SQLite file."""
    return url.startswith("sqlite:")


def path_of(url: str) -> Path:
    """Return the file of a sqlite URL."""
    return Path(unquote(url.removeprefix("sqlite:///"))).absolute()


def entry(url: str, pool: Pool) -> dict[str, Any]:
    """Return Django's DATABASES entry for a URL that `check` let pass."""
    return _sqlite(path_of(url)) if is_sqlite(url) else _postgresql(url, pool)


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 10,  # seconds a writer waits for its turn
            "init_command": (
                "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON"
            ),
        },
        # Named, so that tests run on a file: threads cannot race on a database in memory.
        "TEST": {"NAME": path.with_name(f"test-{path.name}")},
    }


def _postgresql(url: str, pool: Pool) -> dict[str, Any]:
    parts = urlsplit(url)
    options: dict[str, Any] = dict(parse_qsl(parts.query, keep_blank_values=True))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    port = options.pop("port", None) or (parts.port or "")
    seconds = max(1, round(pool.timeout.total_seconds()))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port),
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            "application_name": "authserver",
            **options,
            "connect_timeout": seconds,
            "server_side_binding": True,
            "prepare_threshold": PREPARE_AFTER,
            "pool": {
                "min_size": 0,
                "max_size": pool.size,
                "max_idle": pool.idle.total_seconds(),
                "timeout": pool.timeout.total_seconds(),
            },
        },
    }
