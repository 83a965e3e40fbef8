"""config.throttle: decisions, headers, and what happens when Redis goes away and comes back."""

import json
import logging
import os
import re
import secrets
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import redis

from config import counting, environment, health, policy, rates, shared_counters, throttle
from config.throttle import Decision
from tests import servers

ITEM = r'"[a-z0-9]+";q=[0-9]+;w=[0-9]+'


@pytest.fixture(scope="module")
def valkey() -> Iterator[str]:
    with servers.valkey() as url:
        yield url


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    yield
    counting.forget()


@contextmanager
def permitting(**changes: Any) -> Iterator[None]:
    """Change rules; texts are rates."""
    rules = {
        name: rates.parse(value) if isinstance(value, str) else value
        for name, value in changes.items()
    }
    with policy.replaced(throttle=replace(policy.current().throttle, **rules)):
        yield


@contextmanager
def stores(url: str = "", workers: int = 1) -> Iterator[None]:
    with environment.replaced(redis_url=url, workers=workers):
        yield


def subject() -> str:
    return f"somebody:{secrets.token_hex(8)}"


def ask(name: str = "api", whom: str | None = None, cost: int = 1) -> Decision:
    return throttle.decide(throttle.rule(name), whom or subject(), cost)


def admitted(count: int, name: str = "api") -> int:
    whom = subject()
    return sum(ask(name, whom).is_allowed for _ in range(count))


def test_the_defaults_are_ten_a_second_and_so_on() -> None:
    windows = policy.Throttle().api.windows
    assert [(one.limit, one.seconds) for one in windows] == [
        (10, 1),
        (100, 60),
        (1000, 3600),
        (10_000, 86_400),
    ]


def test_a_rule_is_made_once_and_anew_with_another_policy() -> None:
    assert throttle.rule("api") is throttle.rule("api")
    with permitting(api="3/s"):
        assert [one.limit for one in throttle.rule("api").windows] == [3]
    for name in ("nonsense", "is_shadow", "rate"):
        with pytest.raises((KeyError, AttributeError)):
            throttle.rule(name)


def test_every_named_rule_exists() -> None:
    for name in rates.CLOSED | rates.LOCAL:
        assert throttle.rule(name).windows


def test_headers_name_the_most_restrictive_window() -> None:
    whom = subject()
    with stores(), permitting(api="3/s 5/m"):
        first = ask(whom=whom)
        assert (first.window, first.limit, first.remaining) == ("second", 3, 2)
        told = dict(throttle.headers(first))
        assert told["X-RateLimit-Limit"] == "3"
        assert told["X-RateLimit-Remaining"] == "2"
        assert 0 <= int(told["X-RateLimit-Reset"]) - time.time() <= 3
        assert told["RateLimit-Policy"] == '"second";q=3;w=1, "minute";q=5;w=60'
        assert re.fullmatch(r'"second";r=2;t=[12]', told["RateLimit"])
        assert "Retry-After" not in told


def test_a_refusal_says_when_all_windows_admit_again() -> None:
    whom = subject()
    with stores(), permitting(api="2/s 3/m"):
        counts = [ask(whom=whom, cost=cost) for cost in (2, 1, 1)]
        assert [one.is_allowed for one in counts] == [True, False, False]
        assert counts[1].retry_after in {1, 2}
        time.sleep(1.15)
        assert ask(whom=whom).is_allowed
        refused = ask(whom=whom)
        told = dict(throttle.headers(refused))
        assert not refused.is_allowed
        assert 55 <= refused.retry_after <= 66
        assert told["Retry-After"] == str(refused.retry_after)
        assert told["RateLimit"] == f'"minute";r=0;t={refused.retry_after}'
        assert abs(int(told["X-RateLimit-Reset"]) - time.time() - refused.retry_after) < 3


def test_what_can_never_fit_names_no_time() -> None:
    with stores(), permitting(api="2/s"):
        refused = ask(cost=3)
    assert (refused.is_allowed, refused.retry_after) == (False, -1)
    assert "Retry-After" not in dict(throttle.headers(refused))


def test_fields_are_structured_lists(valkey: str) -> None:
    for url in ("", valkey):
        with stores(url), permitting(api="3/10s 5/m 7/5m 9/2d"):
            told = dict(throttle.headers(ask()))
        assert re.fullmatch(rf"{ITEM}(?:, {ITEM})*", told["RateLimit-Policy"])
        assert '"10s";q=3;w=10' in told["RateLimit-Policy"]
        assert '"172800s";q=9;w=172800' in told["RateLimit-Policy"]
        assert re.fullmatch(r'"[a-z0-9]+";r=[0-9]+;t=[0-9]+', told["RateLimit"])


def test_shadow_only_logs(caplog: pytest.LogCaptureFixture) -> None:
    whom = subject()
    with stores(), permitting(api="1/m", is_shadow=True), caplog.at_level(logging.INFO):
        found = [ask(whom=whom) for _ in range(3)]
    assert [one.is_allowed for one in found] == [True, True, True]
    assert [one.retry_after > 0 for one in found] == [False, True, True]
    assert all("Retry-After" not in dict(throttle.headers(one)) for one in found)
    assert [one.message for one in caplog.records] == ["throttle_would_refuse"] * 2


def test_off_counts_nothing_and_tells_nothing() -> None:
    with stores(), permitting(api="1/m", danger_off=True):
        whom = subject()
        found = [ask(whom=whom) for _ in range(3)]
    assert all(one.is_allowed for one in found)
    assert throttle.headers(found[-1]) == ()


def test_a_refusal_is_logged_without_the_subject(caplog: pytest.LogCaptureFixture) -> None:
    with stores(), permitting(api="1/m"), caplog.at_level(logging.INFO):
        ask(whom="person@example.org")
        ask(whom="person@example.org")
    (line,) = (one for one in caplog.records if one.message == "throttled")
    assert "person" not in str(line.__dict__)


def test_redis_never_sees_who_is_counted(valkey: str) -> None:
    with stores(valkey):
        ask(whom="person@example.org")
    with redis.Redis.from_url(valkey) as there:
        keys = [key.decode() for key in there.scan_iter()]  # type: ignore[union-attr]
        assert keys
        assert all(re.fullmatch(r"authserver:throttle:\{[a-z_:.0-9]+\}", key) for key in keys)
        assert all(there.pttl(key) > 0 for key in keys)  # type: ignore[operator]


def test_giving_back_and_looking_cost_nothing(valkey: str) -> None:
    for url in ("", valkey):
        with stores(url), permitting(api="1/m"):
            whom = subject()
            for _ in range(3):
                taken = ask(whom=whom)
                assert taken.is_allowed
                assert not throttle.would_admit(throttle.rule("api"), whom).is_allowed
                throttle.give_back(taken)
                assert throttle.would_admit(throttle.rule("api"), whom).is_allowed


def test_several_rules_together(valkey: str) -> None:
    for url in ("", valkey):
        with stores(url), permitting(api="2/m", token="9/m"):
            whom = subject()
            pairs = [(throttle.rule("token"), whom), (throttle.rule("api"), whom)]
            found = [throttle.decide_all(pairs) for _ in range(3)]
            assert [one.is_allowed for one in found] == [True, True, False]
            assert found[-1].rule == "api"
            assert throttle.would_admit(throttle.rule("token"), whom).remaining == 7
            beside = throttle.decide_all(pairs[:1], beside=pairs[1:])
            assert (beside.is_allowed, beside.rule) == (False, "api")


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"REMOTE_ADDR": "192.0.2.7"}, "address:192.0.2.7"),
        ({"REMOTE_ADDR": "2001:db8:1:2:3:4:5:6"}, "address:2001:db8:1:2::/64"),
        ({"REMOTE_ADDR": "::ffff:192.0.2.7"}, "address:192.0.2.7"),
        ({"REMOTE_ADDR": ""}, "address:0.0.0.0"),
        ({}, "address:0.0.0.0"),
    ],
)
def test_addresses(environ: dict[str, str], expected: str) -> None:
    assert throttle.address(environ) == expected


def test_odd_subjects_are_subjects_too(valkey: str) -> None:
    for url in ("", valkey):
        with stores(url):
            for odd in ("", "\0", "\ud800", "ü" * 10_000, "{}", "a\r\nb"):
                assert ask(whom=odd).is_allowed


# Redis goes away


@contextmanager
def stopped(url: str) -> Iterator[None]:
    """Let Redis accept connections and answer nothing."""
    with redis.Redis.from_url(url) as there:
        pid = there.info("server")["process_id"]  # type: ignore[index]
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


def test_a_redis_that_died_is_missed_and_found_again() -> None:
    with servers.valkey() as url, stores(url), permitting(api="5/m"):
        whom = subject()
        assert ask(whom=whom).remaining == 4
        with redis.Redis.from_url(url) as there:
            os.kill(there.info("server")["process_id"], signal.SIGKILL)  # type: ignore[index]
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
        for key in list(there.scan_iter()):  # type: ignore[union-attr]
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


@pytest.mark.parametrize(
    "text", ["", "10", "10/x", "0/s", "10/0s", "1/s 2/s", "2/m 3/s", "5/s 5/m", "9/32d", "1/s " * 5]
)
def test_rates_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        rates.parse(text)


@pytest.mark.parametrize("text", ["10/s", "10/s 100/m 1000/h 10000/d", "5/10m", "7/31d"])
def test_rates_read_as_they_are_written(text: str) -> None:
    assert str(rates.parse(text)) == text
