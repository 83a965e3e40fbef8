"""config.database: URLs onto Django's entry, and what SQLite is told."""

import contextlib
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, connections
from django.db.utils import ConnectionHandler

from config import database
from config.database import Pool

POOL = Pool(size=20, idle=timedelta(seconds=30), timeout=timedelta(seconds=2))


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "neither"),
        ("mysql://db/x", "neither"),
        ("sqlite://", "path of a file"),
        ("sqlite:///", "path of a file"),
        ("sqlite:///x?mode=ro", "path of a file"),
        ("sqlite://host/x", "path of a file"),
        ("postgresql://db", "one database"),
        ("postgresql://db/", "one database"),
        ("postgresql://db/a/b", "one database"),
        ("postgresql://db:x/a", "not a URL"),
        ("postgresql://db/a?sslmod=require", "Did you mean sslmode?"),
        ("postgresql://db/a?dbname=b", "unknown option"),
    ],
)
def test_a_bad_url_is_refused_with_its_reason(url: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        database.check(url)


def test_postgresql_is_taken_apart() -> None:
    url = "postgresql://m%40e:p%2Fw@db.example:5433/n%20n?sslmode=verify-full"
    entry = database.entry(database.check(url), POOL)
    assert (entry["USER"], entry["PASSWORD"], entry["NAME"]) == ("m@e", "p/w", "n n")
    assert (entry["HOST"], entry["PORT"], entry["CONN_MAX_AGE"]) == ("db.example", "5433", 0)
    assert entry["OPTIONS"]["sslmode"] == "verify-full"
    assert entry["OPTIONS"]["pool"] == {
        "min_size": 0,
        "max_size": 20,
        "max_idle": 30.0,
        "timeout": 2.0,
    }


def test_a_socket_folder_is_a_host() -> None:
    entry = database.entry(database.check("postgresql:///n?host=/run/pg&port=5433"), POOL)
    assert (entry["HOST"], entry["PORT"]) == ("/run/pg", "5433")
    assert "host" not in entry["OPTIONS"]


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:////a/b%20c.db", Path("/a/b c.db")),
        ("sqlite:///c.db", Path.cwd() / "c.db"),
    ],
)
def test_sqlite_names_a_file(url: str, path: Path) -> None:
    entry = database.entry(database.check(url), POOL)
    assert entry["NAME"] == path
    assert entry["CONN_MAX_AGE"] is None


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 10000)],
)
def test_sqlite_keeps_what_it_answered(tmp_path: Path, pragma: str, value: str | int) -> None:
    entry = database.entry(f"sqlite:///{tmp_path / 'a.db'}", POOL)
    own = ConnectionHandler({"default": entry})["default"]
    with contextlib.closing(own), own.cursor() as cursor:
        cursor.execute(f"PRAGMA {pragma}")
        assert cursor.fetchone() == (value,)


@pytest.mark.leg("servers")
def test_postgresql_runs_through_the_pool_and_prepares_statements() -> None:
    with connection.cursor() as cursor:
        for number in range(database.PREPARE_AFTER + 2):
            cursor.execute("SELECT %s + 40417", [number])
            assert cursor.fetchone() == (number + 40417,)
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%40417%'")
        assert cursor.fetchone() == (1,)
    assert getattr(connections["default"], "pool", None) is not None
