"""Sessions: nothing usable rests, the end is absolute, and what was cut off stays so."""

import datetime as dt

import pytest
import time_machine
from django.contrib.sessions.backends.base import UpdateError
from django.utils import timezone

from accounts import people, sessions, signals
from accounts.models import Session
from config import policy
from tests.unit.accounts import visitor
from tokens import epochs


def test_a_visit_makes_no_row() -> None:
    before = Session.objects.count()
    client = visitor.browser()
    for page in ("/", "/account/login/", "/account/signup/", "/account/password/reset/"):
        assert client.get(page).status_code == 200
    assert Session.objects.count() == before
    assert "as_session" not in client.cookies


def test_the_row_holds_neither_key_nor_content() -> None:
    client = visitor.signed_in(visitor.someone())
    key, row = client.session.session_key, visitor.row(client)
    resting = f"{row.key_hash} {row.sealed}"
    assert key
    assert key not in resting
    assert "auth_time" not in resting
    assert "Authentication" not in resting
    thief = visitor.browser()
    for stolen in (row.key_hash, row.sid, row.sealed[:64]):
        thief.cookies["as_session"] = stolen
        assert not visitor.is_signed_in(thief)


def test_a_payload_moved_to_another_row_opens_nothing() -> None:
    victim, attacker = (visitor.signed_in(visitor.someone()) for _ in range(2))
    Session.objects.filter(pk=visitor.row(attacker).pk).update(sealed=visitor.row(victim).sealed)
    assert not visitor.is_signed_in(attacker)


def test_the_end_is_absolute() -> None:
    client = visitor.signed_in(visitor.someone())
    end = visitor.row(client).expires_at
    expected = timezone.now() + policy.current().lifetimes.session
    assert abs(end - expected) < dt.timedelta(seconds=60)
    with time_machine.travel(end - dt.timedelta(seconds=5)):
        assert visitor.is_signed_in(client)
        session = client.session
        session["touched"] = True
        session.save()
    assert visitor.row(client).expires_at == end
    with time_machine.travel(end + dt.timedelta(seconds=1)):
        assert not visitor.is_signed_in(client)


def test_sid_survives_a_new_key_and_not_a_new_login() -> None:
    user = visitor.someone()
    client = visitor.signed_in(user)
    session = client.session
    sid, old_key = session[sessions.SID], session.session_key
    assert len(sid) == 22
    session.cycle_key()
    session.save()
    assert session.session_key != old_key
    assert sessions.SessionStore(old_key).load() == {}
    assert sessions.SessionStore(session.session_key)[sessions.SID] == sid
    client.cookies["as_session"] = str(session.session_key)
    client.force_login(user)
    assert client.session[sessions.SID] != sid
    assert epochs.read(epochs.SESSION, sid) == 1


def test_an_ended_session_cannot_be_written_back() -> None:
    client = visitor.signed_in(visitor.someone())
    in_flight = sessions.SessionStore(client.session.session_key)
    in_flight["x"] = 1
    heard = []

    def listen(**news: object) -> None:
        heard.append((news["subject"], news["sid"]))

    signals.session_ended.connect(listen)
    row = visitor.row(client)
    assert sessions.end(row.sid)
    assert heard == [(row.subject, row.sid)]
    assert not sessions.end(row.sid)
    assert epochs.read(epochs.SESSION, row.sid) > 0
    with pytest.raises(UpdateError):
        in_flight.save()
    assert not visitor.is_signed_in(client)


def test_a_session_ended_between_two_keys_stays_ended() -> None:
    session = visitor.signed_in(visitor.someone()).session
    sid = session[sessions.SID]
    session.cycle_key()
    sessions.end(sid)
    session.save()
    assert sessions.SessionStore(session.session_key).load() == {}


def test_everywhere_but_here() -> None:
    user = visitor.someone()
    here, there, other = (
        visitor.signed_in(user),
        visitor.signed_in(user),
        visitor.signed_in(visitor.someone()),
    )
    assert sessions.end_all(str(user.pk), except_sid=here.session[sessions.SID]) == 1
    assert visitor.is_signed_in(here)
    assert not visitor.is_signed_in(there)
    assert visitor.is_signed_in(other)


@pytest.mark.parametrize("how", ["disable", "delete", "bump"])
def test_a_person_cut_off_has_no_session(how: str) -> None:
    user = visitor.someone()
    client = visitor.signed_in(user)
    copied = sessions.SessionStore(client.session.session_key)
    assert copied[sessions.EPOCH] == 0
    match how:
        case "disable":
            people.disable(str(user.pk))
            people.enable(str(user.pk))
        case "delete":
            people.delete(str(user.pk))
        case _:
            epochs.bump(epochs.PERSON, str(user.pk))
    assert not visitor.is_signed_in(client)


def test_signing_out_ends_the_session() -> None:
    client = visitor.signed_in(visitor.someone())
    sid = client.session[sessions.SID]
    client.post("/account/logout/")
    assert not Session.objects.filter(sid=sid).exists()
    assert epochs.read(epochs.SESSION, sid) == 1


def test_sweep_takes_a_few_expired_rows() -> None:
    kept = visitor.row(visitor.signed_in(visitor.someone()))
    old = [visitor.row(visitor.signed_in(visitor.someone())).pk for _ in range(3)]
    Session.objects.filter(pk__in=old).update(expires_at=timezone.now() - dt.timedelta(days=900))
    assert sessions.sweep(2) == 2
    sessions.SessionStore.clear_expired()
    assert not Session.objects.filter(pk__in=old).exists()
    assert Session.objects.filter(pk=kept.pk).exists()
