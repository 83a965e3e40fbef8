"""config.counters and config.shared_counters against a model that remembers every request."""

import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.counters import BUCKETS, MICROSECONDS, NEVER, Ask, Counters, Verdict
from tests import servers
from tests.unit.config import both_forms
from tests.unit.config.both_forms import START, Form, InProcess

SECOND = MICROSECONDS
SPANS = (1, 60)
FORMS = ("process", "redis")
Made = Callable[[], Form]
Steps = list[tuple[int, int]]
"""Microseconds that pass, and the cost of what is asked then."""


@pytest.fixture(scope="module")
def valkey() -> Iterator[str]:
    with servers.valkey() as url:
        yield url


@pytest.fixture
def form(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Made:
    if request.param == "process":
        return InProcess
    return both_forms.in_redis(request.getfixturevalue("valkey"), monkeypatch)


def ask(limits: tuple[int, ...] = (5, 20), cost: int = 1, *, takes: bool = True) -> Ask:
    return Ask(rule="r", subject="s", spans=SPANS, limits=limits, cost=cost, takes=takes)


steps: st.SearchStrategy[Steps] = st.lists(
    st.tuples(
        st.one_of(
            st.integers(0, 300_000),
            st.integers(0, 3 * SECOND),
            st.integers(0, 90 * SECOND),
            st.sampled_from([100_000, SECOND, 1_100_000, 6 * SECOND, 60 * SECOND, 66 * SECOND]),
        ),
        st.integers(1, 3),
    ),
    min_size=1,
    max_size=40,
)
generously = settings(max_examples=60, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("form", FORMS, indirect=True)
@generously
@given(steps=steps, limits=st.sampled_from([(1, 2), (3, 4), (5, 20), (10, 11)]))
def test_no_rolling_window_exceeds_and_nothing_is_refused_without_reason(
    form: Made, steps: Steps, limits: tuple[int, int]
) -> None:
    counters, now = form(), START
    taken: list[tuple[int, int]] = []
    for passed, cost in steps:
        now += passed
        (found,) = counters.decide(now, ask(limits, cost))
        is_full = [
            cost + sum(each for at, each in taken if at > now - span * SECOND) > limit
            for span, limit in zip(SPANS, limits, strict=True)
        ]
        is_nearly_full = [
            cost
            + sum(each for at, each in taken if at > now - span * SECOND * (BUCKETS + 1) // BUCKETS)
            > limit
            for span, limit in zip(SPANS, limits, strict=True)
        ]
        assert found.is_admitted <= (not any(is_full))
        assert found.is_admitted >= (not any(is_nearly_full))
        if found.is_admitted:
            taken.append((now, cost))


@pytest.mark.parametrize("form", FORMS, indirect=True)
@generously
@given(steps=steps)
def test_a_refusal_consumes_nothing_and_says_truly_when_all_windows_admit(
    form: Made, steps: Steps
) -> None:
    counters, now = form(), START
    for passed, cost in steps:
        now += passed
        asked = ask((3, 5), cost)
        (found,) = counters.decide(now, asked)
        if found.is_admitted:
            continue
        wait = max(one.wait for one in found.windows)
        look = replace(asked, takes=False)
        assert counters.decide(now, look) == (found,)
        assert not counters.decide(now + wait - 1, look)[0].is_admitted
        assert counters.decide(now + wait, look)[0].is_admitted
        now += wait


@pytest.mark.parametrize("form", FORMS, indirect=True)
def test_two_windows_are_counted_apart(form: Made) -> None:
    counters, asked = form(), replace(ask((5, 8)), spans=(10, 60))

    def admitted(seconds: int) -> int:
        at = START + seconds * SECOND
        return sum(counters.decide(at, asked)[0].is_admitted for _ in range(9))

    found = {seconds: admitted(seconds) for seconds in (0, 1, 11, 12, 30, 58, 66, 78)}
    assert found == {0: 5, 1: 0, 11: 3, 12: 0, 30: 0, 58: 0, 66: 5, 78: 3}


@pytest.mark.parametrize("form", ["redis"], indirect=True)
@generously
@given(
    steps=st.lists(st.tuples(st.integers(-5 * SECOND, 70 * SECOND), st.integers(1, 3)), max_size=30)
)
def test_both_forms_say_the_same_even_where_the_clock_steps_back(form: Made, steps: Steps) -> None:
    theirs, ours, now = form(), InProcess(), START
    charged: list[tuple[Ask, int]] = []
    for number, (passed, cost) in enumerate(steps):
        now += passed
        asked = ask((4, 9), cost)
        found = theirs.decide(now, asked)
        assert ours.decide(now, asked) == found
        if found[0].is_admitted:
            charged.append((asked, now))
        if number % 3 == 2 and charged:
            back, at = charged.pop()
            theirs.give_back(now, back, at)
            ours.give_back(now, back, at)


@pytest.mark.parametrize("form", FORMS, indirect=True)
@pytest.mark.parametrize("limit", [1, 2, 7, 10, 100])
def test_a_steady_caller_below_ten_elevenths_is_never_refused(form: Made, limit: int) -> None:
    counters, period = form(), -(-SECOND * (BUCKETS + 1) // (BUCKETS * limit)) + 1
    once = Ask(rule="r", subject="s", spans=(1,), limits=(limit,))
    for offset in (0, 1, 33_333, 99_999):
        for number in range(4 * limit + 4):
            at = START + offset * 10_000_000 + offset + number * period
            assert counters.decide(at, once)[0].is_admitted, number


@pytest.mark.parametrize("form", FORMS, indirect=True)
def test_what_costs_more_than_the_limit_is_never_admitted(form: Made) -> None:
    counters = form()
    (found,) = counters.decide(START, ask((3, 50), cost=4))
    assert not found.is_admitted
    assert [one.wait for one in found.windows] == [NEVER, 0]
    assert counters.decide(START, ask((3, 50), cost=3))[0].is_admitted


@pytest.mark.parametrize("form", FORMS, indirect=True)
def test_a_charge_given_back_was_never_there(form: Made) -> None:
    counters = form()
    counters.decide(START, ask((2, 9)))
    (found,) = counters.decide(START + 500_000, ask((2, 9)))
    assert found.windows[0].remaining == 0
    counters.give_back(START + 900_000, ask((2, 9)), found.at)
    look = ask((2, 9), takes=False)
    assert [one.remaining for one in counters.decide(START + 900_000, look)[0].windows] == [1, 8]
    # The other charge leaves when it would have left.
    (later,) = counters.decide(START + 1_100_000, look)
    assert [one.remaining for one in later.windows] == [2, 8]
    counters.give_back(START + 200 * SECOND, ask((2, 9)), found.at)
    assert counters.decide(START + 200 * SECOND, look)[0].windows[1].remaining == 9


@pytest.mark.parametrize("form", FORMS, indirect=True)
def test_of_several_all_are_admitted_or_none_is_charged(form: Made) -> None:
    counters = form()
    full, free = ask((1, 9)), replace(ask((5, 9)), subject="other")
    assert counters.decide(START, full)[0].is_admitted
    found = counters.decide(START, free, full)
    assert [one.is_admitted for one in found] == [True, False]
    look = replace(free, takes=False)
    assert counters.decide(START, look)[0].windows[0].remaining == 5
    # What is only looked at is not charged, and refuses all the same.
    beside = replace(full, takes=False)
    assert [one.is_admitted for one in counters.decide(START, free, beside)] == [True, False]
    counters.decide(START + 2 * SECOND, free, beside)
    after = counters.decide(START + 2 * SECOND, look, beside)
    assert [one.windows[0].remaining for one in after] == [4, 1]


@pytest.mark.parametrize("form", FORMS, indirect=True)
def test_a_clock_that_steps_back_delays_by_a_window_at_most(form: Made) -> None:
    counters = form()
    assert counters.decide(START, ask((1, 9)))[0].is_admitted
    back = START - 86_400 * SECOND
    (found,) = counters.decide(back, ask((1, 9)))
    assert not found.is_admitted
    assert max(one.wait for one in found.windows) <= 1_100_000
    assert counters.decide(back + 1_100_000, ask((1, 9)))[0].is_admitted


@pytest.mark.parametrize("form", FORMS, indirect=True)
def test_changed_limits_hold_at_once_and_keep_what_was_counted(form: Made) -> None:
    counters = form()
    for _ in range(4):
        counters.decide(START, ask((5, 20)))
    assert not counters.decide(START, ask((3, 20)))[0].is_admitted
    assert counters.decide(START, ask((5, 20)))[0].windows[0].remaining == 0


def test_whoever_is_forgotten_first_is_who_came_least_recently() -> None:
    counters = Counters(clock=lambda: START)

    def come(name: str) -> Verdict:
        return counters.decide([replace(ask((2, 9)), subject=name)], most=3)[0]

    for name in ("a", "b", "c", "a", "d"):
        come(name)
    assert len(counters) == 3
    assert not come("a").is_admitted  # it was here twice
    assert come("b").windows[0].remaining == 1  # forgotten


def test_refused_and_curious_callers_take_no_room() -> None:
    counters = Counters(clock=lambda: START)
    counters.decide([ask((1, 9), cost=2)], most=10)
    counters.decide([replace(ask(takes=False), subject="x")], most=10)
    assert len(counters) == 0


@pytest.mark.parametrize("form", FORMS, indirect=True)
def test_whoever_got_all_back_leaves_nothing_behind(form: Made) -> None:
    counters = form()
    asks = [replace(ask(), subject=str(number)) for number in range(20)]
    full = replace(ask((1, 1)), subject="full")
    counters.decide(START, full)
    for each in asks:
        assert not all(one.is_admitted for one in counters.decide(START, each, full))
        (found,) = counters.decide(START, each)
        counters.give_back(START, each, found.at)
    assert counters.held() == 1


def test_what_counts_no_more_makes_room_by_itself() -> None:
    now = [START]
    counters = Counters(clock=lambda: now[0])
    for number in range(50):
        counters.decide([replace(ask(), subject=str(number))], most=1000)
    now[0] += 67 * SECOND
    counters.decide([ask()], most=1000)
    assert len(counters) == 1


def test_a_hundred_thousand_callers_fit_into_a_hundred_megabytes() -> None:
    counters = Counters(clock=lambda: START)
    four = Ask(rule="r", subject="", spans=(1, 60, 3600, 86400), limits=(10, 100, 1000, 10000))
    tracemalloc.start()
    try:
        for number in range(100_000):
            counters.decide([replace(four, subject=f"{number:032x}")], most=100_000)
        size, _ = tracemalloc.get_traced_memory()
        for number in range(100_000, 101_000):
            counters.decide([replace(four, subject=f"{number:032x}")], most=100_000)
    finally:
        tracemalloc.stop()
    assert len(counters) == 100_000
    assert size < 100 * 1024 * 1024
