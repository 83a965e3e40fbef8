"""config.throttle: decisions, and the headers that tell them."""

import logging
import re
import time
from collections.abc import Iterator

import pytest
import redis

from config import counting, rates, throttle
from tests import servers
from tests.throttling import permitting
from tests.unit.config.throttling import ask, stores, subject

ITEM = r'"[a-z0-9]+";q=[0-9]+;w=[0-9]+'


@pytest.fixture(scope="module")
def valkey() -> Iterator[str]:
    with servers.valkey() as url:
        yield url


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    yield
    counting.forget()


def test_the_defaults_are_ten_a_second_and_so_on() -> None:
    windows = rates.Throttle().api.windows
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
        keys = [key.decode() for key in there.scan_iter()]
        assert keys
        assert all(re.fullmatch(r"authserver:throttle:\{[a-z_:.0-9]+\}", key) for key in keys)
        assert all(there.pttl(key) != -1 for key in keys)


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


@pytest.mark.parametrize(
    "text", ["", "10", "10/x", "0/s", "10/0s", "1/s 2/s", "2/m 3/s", "5/s 5/m", "9/32d", "1/s " * 5]
)
def test_rates_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        rates.parse(text)


@pytest.mark.parametrize("text", ["10/s", "10/s 100/m 1000/h 10000/d", "5/10m", "7/31d"])
def test_rates_read_as_they_are_written(text: str) -> None:
    assert str(rates.parse(text)) == text
