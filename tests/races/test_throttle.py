"""32 threads ask at once: never one too many is admitted, and never one too few."""

import os
import secrets
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from config import counting, environment, throttle
from config.throttle import Decision
from tests import servers
from tests.throttling import permitting

THREADS = 32


@pytest.fixture(params=["process", "redis"])
def store(request: pytest.FixtureRequest) -> Iterator[str]:
    """Count in this process, or in a Valkey with enough time to answer on a busy machine."""
    if request.param == "process":
        with environment.replaced(redis_url=""):
            yield ""
        return
    with pytest.MonkeyPatch.context() as patched, servers.valkey() as url:
        patched.setattr("config.shared_counters._TIMEOUT", 10.0)
        with environment.replaced(redis_url=url):
            yield url
            counting.forget()


def crowd(asked: list[tuple[str, str]], each: int) -> list[Decision]:
    """Let every thread ask so often, all of them from the same moment on."""
    gate = threading.Barrier(THREADS)
    rules = [(throttle.rule(name), subject) for name, subject in asked]

    def ask(_: int) -> list[Decision]:
        gate.wait()
        return [throttle.decide_all(rules) for _ in range(each)]

    with ThreadPoolExecutor(THREADS) as threads:
        return [one for some in threads.map(ask, range(THREADS)) for one in some]


def subject() -> str:
    return secrets.token_hex(8)


def test_exactly_the_limit_is_admitted(store: str) -> None:
    with permitting(api="100/h 150/d"):
        found = crowd([("api", subject())], 10)
    assert sum(one.is_allowed for one in found) == 100
    assert not any(one.is_degraded for one in found)
    assert sorted(one.remaining for one in found if one.is_allowed) == list(range(100))


def test_the_scarcest_of_several_rules_is_used_up_exactly_in_one_process() -> None:
    who = subject()
    with environment.replaced(redis_url=""), permitting(api="100/h", token="60/h"):
        found = crowd([("api", who), ("token", who)], 5)
        left = throttle.would_admit(throttle.rule("api"), who).remaining
    assert sum(one.is_allowed for one in found) == 60
    assert left == 40  # what was refused took nothing


def test_several_rules_in_redis_never_admit_one_too_many(store: str) -> None:
    who = subject()
    with permitting(api="100/h", token="60/h"):
        found = crowd([("api", who), ("token", who)], 5)
        left = throttle.would_admit(throttle.rule("api"), who).remaining
    # Two keys are two steps: what one of them took for a moment may have refused another.
    taken = sum(one.is_allowed for one in found)
    assert 0 < taken <= 60
    assert left == 100 - taken


def test_reserved_and_given_back_leaves_nothing(store: str) -> None:
    who = subject()
    with permitting(login="40/h"):
        rule = throttle.rule("login")

        def attempt(_: int) -> bool:
            taken = throttle.decide(rule, who)
            if taken.is_allowed:
                throttle.give_back(taken)
            return taken.is_allowed

        with ThreadPoolExecutor(THREADS) as threads:
            assert all(threads.map(attempt, range(THREADS * 10)))
        assert throttle.would_admit(rule, who).remaining == 40


def test_redis_killed_in_the_middle_of_it_admits_one_share_more_at_most() -> None:
    with servers.valkey() as url, environment.replaced(redis_url=url):
        with redis.Redis.from_url(url) as there:
            pid = there.info("server")["process_id"]
        killed = threading.Timer(0.05, os.kill, (pid, signal.SIGKILL))
        who = subject()
        with permitting(api="90/h"):
            killed.start()
            found = crowd([("api", who)], 100)
            found += crowd([("api", who)], 10)
        counting.forget()
    assert any(one.is_degraded for one in found)
    assert 90 <= sum(one.is_allowed for one in found) <= 180


def test_redis_flushed_in_the_middle_of_it_admits_one_limit_more_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("config.shared_counters._TIMEOUT", 10.0)  # a busy machine is no outage here
    with servers.valkey() as url, environment.replaced(redis_url=url):
        who = subject()
        with redis.Redis.from_url(url) as there, permitting(api="90/h"):

            def flush() -> None:
                there.flushall()
                there.script_flush()

            flushed = threading.Timer(0.05, flush)
            flushed.start()
            found = crowd([("api", who)], 50)
            flushed.join()
            found += crowd([("api", who)], 10)
        counting.forget()
    assert 90 <= sum(one.is_allowed for one in found) <= 180
    assert not found[-1].is_allowed
