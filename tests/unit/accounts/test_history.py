"""ASVS 5.0 §16.3 — history: noted with what it is about, counted, aged, and gone with its owner."""

import datetime as dt
import logging
import uuid

import pytest
import time_machine
from django.db import transaction
from django.test import RequestFactory
from django.utils import timezone

from accounts import history, people
from accounts.models import Event
from tests.unit.accounts import visitor

pytestmark = pytest.mark.spec("ASVS 5.0 §16.3")
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def somebody() -> str:
    return str(uuid.uuid4())


def test_what_is_noted_is_read_newest_first_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    subject = somebody()
    asked = RequestFactory().get("/", headers={"user-agent": FIREFOX}, REMOTE_ADDR="192.0.2.7")
    with caplog.at_level(logging.INFO, logger="authserver.security"):
        history.note(subject, "password_changed")
        history.note(subject, "passkey_added", asked, label="Blue key")
    newest, oldest = history.of(subject)
    assert (newest.title, newest.detail) == ("A passkey was added", "Blue key")
    assert (newest.address, newest.device) == ("192.0.2.7", "Firefox\nWindows")
    assert (oldest.name, oldest.address, oldest.device) == ("password_changed", "", "")
    assert [one.getMessage() for one in caplog.records] == ["password_changed", "passkey_added"]
    assert history.of(subject, before=newest.number) == [oldest]
    assert history.of(subject, limit=1) == [newest]
    assert history.of(somebody()) == []


def test_what_is_undone_was_never_noted() -> None:
    subject = somebody()
    with transaction.atomic():
        history.note(subject, "password_changed")
        transaction.set_rollback(True)
    assert history.of(subject) == []


def test_failures_that_follow_each_other_bury_nothing() -> None:
    subject, start = somebody(), timezone.now()
    for minutes in (0, 40, 80, 120):
        with time_machine.travel(start + dt.timedelta(minutes=minutes), tick=False):
            history.note(subject, "sign_in_failed")
    with time_machine.travel(start + dt.timedelta(hours=4)):
        history.note(subject, "sign_in_failed")
    assert [one.times for one in history.of(subject)] == [1, 4]
    assert history.of(subject)[1].at == start + dt.timedelta(minutes=120)


def test_age_takes_the_address_first_and_then_the_row() -> None:
    subject, start = somebody(), timezone.now()
    asked = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7", headers={"user-agent": FIREFOX})
    history.note(subject, "signed_in", asked)
    for days, left in ((29, ["192.0.2.7"]), (31, [""]), (399, [""]), (401, [])):
        with time_machine.travel(start + dt.timedelta(days=days)):
            while history.sweep(500):
                pass
            assert [one.address for one in history.of(subject)] == left


def test_the_history_goes_with_its_owner() -> None:
    one, other = visitor.someone(), visitor.someone()
    for user in (one, other):
        history.note(str(user.pk), "signed_in")
    people.delete(str(one.pk))
    assert not Event.objects.filter(subject=str(one.pk)).exists()
    assert len(history.of(str(other.pk))) == 2
