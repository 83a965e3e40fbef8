"""OIDC Back-Channel Logout §2.3 — who took part is kept with the session, and goes with it."""

import datetime as dt
import io
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import participation, sessions, signals
from accounts.models import Participation
from tests.unit.accounts import visitor

pytestmark = pytest.mark.spec("OIDC Back-Channel Logout §2.3")


def names(sid: str) -> list[str]:
    return [one.client_name for one in participation.of(sid)]


def test_clients_are_noted_once_in_the_order_they_came() -> None:
    sid = visitor.signed_in(visitor.someone()).session[sessions.SID]
    for client_id in ("b", "a", "b"):
        assert sessions.take_part(sid, client_id, client_id.upper())
    assert names(sid) == ["B", "A"]


def test_a_client_that_is_known_costs_one_read() -> None:
    sid = visitor.signed_in(visitor.someone()).session[sessions.SID]
    sessions.take_part(sid, "a", "A")
    with CaptureQueriesContext(connection) as seen:
        assert sessions.take_part(sid, "a", "A")
    assert len(seen) == 1


@pytest.mark.parametrize("how", ["unknown", "ended", "expired", "cut off"])
def test_nobody_takes_part_in_a_session_that_is_over(how: str) -> None:
    user = visitor.someone()
    sid = visitor.signed_in(user).session[sessions.SID]
    travel = dt.timedelta()
    match how:
        case "unknown":
            sid = sessions.new_sid()
        case "ended":
            sessions.end(sid)
        case "expired":
            travel = dt.timedelta(days=900)
        case _:
            user.set_password(visitor.NEW_PASSWORD)
            user.save()
    with time_machine.travel(timezone.now() + travel):
        assert not sessions.take_part(sid, "a", "A")
        assert names(sid) == []


def test_a_new_key_keeps_them_and_the_end_between_two_keys_tells_them() -> None:
    client = visitor.signed_in(visitor.someone())
    sid = client.session[sessions.SID]
    sessions.take_part(sid, "a", "A")
    session = client.session
    session.cycle_key()
    session.save()
    assert names(sid) == ["A"]
    session.cycle_key()
    heard: list[Any] = []

    def listen(**news: object) -> None:
        heard.append((news["sid"], news["participants"]))

    signals.session_ended.connect(listen)
    assert not sessions.end(sid), "its row is away for a moment"
    assert [(sid, ["a"])] == [(sid, [one.client_id for one in those]) for sid, those in heard]
    session.save()
    assert not sessions.take_part(sid, "b", "B"), "and it stays ended"


def test_the_end_of_what_expired_is_no_news_and_leaves_nothing() -> None:
    sid = visitor.signed_in(visitor.someone()).session[sessions.SID]
    sessions.take_part(sid, "a", "A")
    heard: list[Any] = []

    def listen(**news: object) -> None:
        heard.append(news["sid"])

    signals.session_ended.connect(listen)
    with time_machine.travel(timezone.now() + dt.timedelta(days=900)):
        assert sessions.end(sid)
    assert heard == []
    assert not Participation.objects.filter(sid=sid).exists()


def test_the_sweep_removes_what_expired_in_silence() -> None:
    sid = visitor.signed_in(visitor.someone()).session[sessions.SID]
    sessions.take_part(sid, "a", "A")
    with time_machine.travel(timezone.now() + dt.timedelta(days=900)):
        assert participation.sweep(1) == 1
        sessions.SessionStore.clear_expired()
    assert not Participation.objects.filter(sid=sid).exists()


def test_a_name_of_any_length_and_kind_is_kept() -> None:
    sid = visitor.signed_in(visitor.someone()).session[sessions.SID]
    sessions.take_part(sid, "a" * 255, "<Ä>" * 100)
    assert names(sid) == ["<Ä>" * 100]


def test_the_command_signs_somebody_out_everywhere() -> None:
    user = visitor.someone()
    browsers = [visitor.signed_in(user) for _ in range(2)]
    said = io.StringIO()
    call_command("users", "sign-out", user.email, stdout=said)
    assert "sessions_ended: 2" in said.getvalue()
    assert not any(visitor.is_signed_in(client) for client in browsers)
    with pytest.raises(CommandError, match="There is no person"):
        call_command("users", "sign-out", visitor.address())


def test_the_administration_signs_somebody_out_everywhere() -> None:
    boss = visitor.signed_in(visitor.someone(is_staff=True))
    user = visitor.someone()
    client = visitor.signed_in(user)
    form = {"action": "sign_out", "_selected_action": [str(user.pk)]}
    assert boss.post("/admin/accounts/user/", form).status_code == 302
    assert not visitor.is_signed_in(client)
    assert visitor.is_signed_in(boss)


def test_the_administration_shows_who_took_part() -> None:
    boss = visitor.signed_in(visitor.someone(is_staff=True))
    row = visitor.row(boss)
    sessions.take_part(row.sid, "a", "An <app>")
    page = boss.get(f"/admin/accounts/session/{row.pk}/change/")
    assert visitor.shows(page, "An <app>")
