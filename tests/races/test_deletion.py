"""ASVS 5.0 §14.2.7 — keeping an account at the last moment keeps it, or comes too late."""

import datetime as dt
import functools
from collections.abc import Callable

import time_machine
from django.test import RequestFactory
from django.utils import timezone

from accounts import deletion, people
from tests import person
from tests.races.crowd import Crowd
from tests.races.worlds import FRONT

ROUNDS = 20
Act = Callable[[], object]


def test_keeping_and_deleting_at_once_end_in_one_of_them() -> None:
    request = RequestFactory().get("/")
    ends = set()
    with Crowd(4) as crowd:
        for _ in range(ROUNDS):
            subject = person.registered(FRONT).subject
            deletion.ask(subject, request)
            keep: Act = functools.partial(deletion.keep, subject, request)
            sweep: Act = functools.partial(deletion.sweep, 100)
            with time_machine.travel(timezone.now() + dt.timedelta(days=15)):
                kept, _, kept_too, _ = crowd.run([keep, sweep, keep, sweep])
            is_there = people.find(subject) is not None
            assert bool(kept or kept_too) is is_there
            assert not (kept and kept_too), "it is taken back once"
            assert deletion.due_at(subject) is None
            ends.add(is_there)
    assert ends
