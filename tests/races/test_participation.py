"""OIDC Back-Channel Logout §2.3 — who takes part while a session ends is told or turned away."""

import datetime as dt
import functools
import threading
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from accounts import participation, sessions, signals
from accounts.models import Participation, Session
from tests.races.crowd import ROUNDS, THREADS, Crowd
from tokens import encoding

CLIENTS = ("one", "two", "three")


def a_session(subject: str) -> str:
    sid = sessions.new_sid()
    Session.objects.create(
        key_hash=encoding.token(256),
        sid=sid,
        subject=subject,
        sealed="",
        created_at=timezone.now(),
        expires_at=timezone.now() + dt.timedelta(hours=1),
    )
    return sid


@pytest.fixture
def heard() -> Iterator[list[tuple[str, set[str]]]]:
    """Return what is said about sessions that end."""
    news: list[tuple[str, set[str]]] = []
    lock = threading.Lock()

    def listen(sid: str, participants: Any, **_: object) -> None:
        with lock:
            news.append((sid, {one.client_id for one in participants}))

    signals.session_ended.connect(listen)
    yield news
    signals.session_ended.disconnect(listen)


def test_nobody_slips_in_behind_the_end(heard: list[tuple[str, set[str]]]) -> None:
    joined_late = 0
    with Crowd(2 * len(CLIENTS) + 2) as crowd:
        for _ in range(ROUNDS // 4):
            heard.clear()
            sid = a_session(str(uuid.uuid4()))
            take = [functools.partial(sessions.take_part, sid, name, name) for name in CLIENTS]
            end = functools.partial(sessions.end, sid)
            answers = crowd.run([*take, end, *take, end])
            joins = zip(CLIENTS * 2, answers[:3] + answers[4:7], strict=True)
            taken = {name for name, has_joined in joins if has_joined}
            assert [answers[3], answers[7]].count(True) == 1, "it ends once"
            assert heard == [(sid, taken)], "who was let in is told, and nobody else"
            assert not Participation.objects.filter(sid=sid).exists()
            assert not sessions.take_part(sid, "late", "late")
            joined_late += len(taken) < len(CLIENTS)
    assert joined_late, "the race never happened"


def test_one_client_in_many_tabs_takes_part_once() -> None:
    with Crowd() as crowd:
        for _ in range(ROUNDS // 8):
            sid = a_session(str(uuid.uuid4()))
            take = functools.partial(sessions.take_part, sid, "app", "App")
            assert crowd.run([take] * THREADS) == [True] * THREADS
            assert [one.client_id for one in participation.of(sid)] == ["app"]


def test_everybody_ends_everything_at_once(heard: list[tuple[str, set[str]]]) -> None:
    """Several ends of the same sessions neither lock each other out nor tell anything twice."""
    with Crowd(4) as crowd:
        for _ in range(ROUNDS // 8):
            heard.clear()
            subject = str(uuid.uuid4())
            sids = [a_session(subject) for _ in range(5)]
            assert all(sessions.take_part(sid, "app", "App") for sid in sids)
            tasks: list[Any] = [
                functools.partial(sessions.end_all, subject),
                functools.partial(sessions.end_all, subject),
                functools.partial(sessions.end, sids[2]),
                functools.partial(sessions.end_and_list, sids[4]),
            ]
            crowd.run(tasks)
            assert sorted(heard) == sorted((sid, {"app"}) for sid in sids)
