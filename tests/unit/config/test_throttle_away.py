"""config.throttle: what happens when Redis goes away and comes back."""

import json
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
import redis

from config import counting, health, shared_counters
from tests import servers
from tests.throttling import permitting
from tests.unit.config.throttling import admitted, ask, stores, subject


@pytest.fixture(scope="module")
def valkey() -> Iterator[str]:
    with servers.valkey() as url:
        yield url


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    yield
    counting.forget()


@contextmanager
def stopped(url: str) -> Iterator[None]:
    """Let Redis accept connections and answer nothing."""
    with redis.Redis.from_url(url) as there:
        pid = there.info("server")["process_id"]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_redis_that_hangs_costs_a_moment_once(
    valkey: str, caplog: pytest.LogCaptureFixture
) -> None:
    with stores(valkey), permitting(api="5/m"):
        assert not ask().is_degraded
        with stopped(valkey):
            took = []
            for _ in range(50):
                start = time.perf_counter()
                assert ask().is_degraded
                took.append(time.perf_counter() - start)
            assert sum(took) < 1.0  # of 50 requests, one waited
            assert counting.note() is not None
            assert "notes" in readiness()
            assert admitted(20) == 5  # never unlimited
        until_recovered()
        assert counting.note() is None
        assert "notes" not in readiness()
    events = [one.message for one in caplog.records if one.name == "authserver.throttle"]
    assert events == ["throttle_degraded", "throttle_recovered"]


def readiness() -> dict[str, Any]:
    answered = health.readyz({"REQUEST_METHOD": "GET"})
    document: dict[str, Any] = json.loads(answered.body)
    assert "throttle" not in document["checks"]  # it serves on
    return document


def until_recovered() -> None:
    end = time.monotonic() + 15
    while ask().is_degraded:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_many_who_wait_together_meet_one_outage(valkey: str) -> None:
    with stores(valkey):
        ask()
        with stopped(valkey), ThreadPoolExecutor(8) as threads:
            assert all(one.is_degraded for one in threads.map(lambda _: ask(), range(8)))
        assert counting._Held.shared is not None
        assert counting._Held.shared._pause == 2.0  # doubled once


def test_a_redis_that_died_is_missed_and_found_again() -> None:
    with servers.valkey() as url, stores(url), permitting(api="5/m"):
        whom = subject()
        assert ask(whom=whom).remaining == 4
        with redis.Redis.from_url(url) as there:
            os.kill(there.info("server")["process_id"], signal.SIGKILL)
        found = [ask(whom=whom) for _ in range(10)]
        assert all(one.is_degraded for one in found)
        assert sum(one.is_allowed for one in found) == 5


def test_an_address_where_nobody_listens() -> None:
    with stores("redis://127.0.0.1:1/0"), permitting(api="5/m"):
        assert admitted(9) == 5


def test_a_flushed_redis_counts_anew_and_needs_no_restart(valkey: str) -> None:
    with stores(valkey), permitting(api="2/m"):
        whom = subject()
        assert [ask(whom=whom).is_allowed for _ in range(3)] == [True, True, False]
        with redis.Redis.from_url(valkey) as there:
            there.flushall()
            there.script_flush()
        found = [ask(whom=whom) for _ in range(3)]
        assert [one.is_allowed for one in found] == [True, True, False]
        assert not any(one.is_degraded for one in found)


def test_a_redis_that_refuses_to_write_is_away(valkey: str) -> None:
    with redis.Redis.from_url(valkey) as there, stores(valkey), permitting(api="3/m"):
        there.config_set("maxmemory", "1")
        try:
            assert admitted(9) == 3
            assert counting.note() is not None
        finally:
            there.config_set("maxmemory", "0")


def test_what_somebody_else_wrote_counts_as_nothing(valkey: str) -> None:
    with redis.Redis.from_url(valkey) as there, stores(valkey), permitting(api="3/m"):
        whom = subject()
        ask(whom=whom)
        for key in list(there.scan_iter()):
            there.set(key, b"\xff nonsense")
        found = ask(whom=whom)
        assert (found.is_degraded, found.remaining) == (False, 2)


@pytest.mark.parametrize(
    ("name", "limit", "workers", "share"),
    [
        ("api", "10/m", 4, 3),  # open: all of them reach the limit
        ("login", "10/m", 4, 2),  # closed: all of them stay within
        ("login", "3/m", 4, 1),  # but each may have one
        ("api", "10/m", 1, 10),
    ],
)
def test_each_process_has_its_share(name: str, limit: str, workers: int, share: int) -> None:
    with stores("redis://127.0.0.1:1/0", workers=workers), permitting(**{name: limit}):
        assert admitted(12, name) == share


def test_documents_never_ask_redis() -> None:
    with stores("redis://127.0.0.1:1/0"), permitting(documents="3/m"):
        assert admitted(9, "documents") == 3
        assert counting.note() is None


def test_the_script_is_one_constant_text() -> None:
    assert "%" not in shared_counters.SCRIPT
    assert shared_counters.SCRIPT.count("redis.call('TIME')") == 1
    assert shared_counters.SCRIPT.count("KEYS[1]") == shared_counters.SCRIPT.count("KEYS")
