"""accounts.notices: what happened is told by mail, later, however long the mail server is away."""

import json
import smtplib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import django
import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.test import override_settings
from django.utils import timezone

from accounts import models, notices, people
from config import mail_url, outbox
from config.models import Delivery
from tests.unit.accounts import visitor


class Away(BaseEmailBackend):
    """A mail server that raises what the test says."""

    fault: Exception = ConnectionRefusedError()

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send nothing."""
        raise self.fault


@contextmanager
def mailing(**mailer: Any) -> Iterator[None]:
    if django.VERSION >= (6, 1):
        changed: dict[str, Any] = {"MAILERS": {"default": mailer}}
    else:
        changed = {"EMAIL_BACKEND": mailer["BACKEND"]}
    with override_settings(**changed):
        yield


@contextmanager
def failing(fault: Exception) -> Iterator[None]:
    Away.fault = fault
    with mailing(BACKEND=f"{__name__}.Away", OPTIONS={}):
        yield


def told(user: models.User) -> Delivery:
    """Tell a person, and return what became of it."""
    notices.tokens_reused(str(user.pk), "App")
    outbox.deliver_due()
    mine = Delivery.objects.filter(kind=notices.MAIL, payload__contains=str(user.pk))
    return mine.latest("id")


def mails_to(user: models.User) -> list[EmailMessage]:
    return [one for one in mail.outbox if one.to == [user.email]]


@pytest.mark.parametrize(
    ("fault", "is_dead"),
    [
        (ConnectionRefusedError(), False),
        (TimeoutError(), False),
        (smtplib.SMTPServerDisconnected(), False),
        (smtplib.SMTPAuthenticationError(535, b"hush"), False),
        (smtplib.SMTPDataError(554, b"spam"), False),
        (smtplib.SMTPRecipientsRefused({"a@b": (450, b"greylisted")}), False),
        (smtplib.SMTPRecipientsRefused({"a@b": (550, b"no such user")}), True),
    ],
)
def test_a_mail_that_was_not_taken_is_tried_again(fault: Exception, is_dead: bool) -> None:
    user = visitor.someone()
    with failing(fault):
        found = told(user)
    assert (found.delivered_at, bool(found.dead_at), found.attempts) == (None, is_dead, 1)
    assert "hush" not in found.log
    Delivery.objects.filter(pk=found.pk).update(dead_at=None, due_at=found.put_at)
    outbox.deliver_due()
    assert len(mails_to(user)) == 1
    Delivery.objects.filter(pk=found.pk).delete()


def test_without_a_mail_server_it_is_given_up_at_once() -> None:
    with mailing(**mail_url.mailer(None, is_production=True)):
        found = told(visitor.someone())
    assert found.dead_at
    assert "AUTHSERVER_EMAIL_URL" in found.log
    found.delete()


def test_whoever_left_meanwhile_gets_none() -> None:
    user = visitor.someone()
    notices.tokens_reused(str(user.pk), "App")
    people.disable(str(user.pk))
    outbox.deliver_due()
    assert mails_to(user) == []


def test_a_mail_that_comes_too_late_to_help_is_not_sent() -> None:
    user = visitor.someone()
    late = (timezone.now() - timedelta(seconds=1)).isoformat()
    notices.put(str(user.pk), "tokens_reused", {"application": "App"}, good_until=late)
    outbox.deliver_due()
    assert mails_to(user) == []


def test_what_was_sealed_elsewhere_is_given_up() -> None:
    user = visitor.someone()
    notices.put(str(user.pk), "tokens_reused", {"application": "App"})
    mine = Delivery.objects.filter(kind=notices.MAIL, payload__contains=str(user.pk))
    row = mine.latest("id")
    mine.update(payload=json.dumps({**json.loads(row.payload), "sealed": "as_ml_AAAA"}))
    outbox.deliver_due()
    row.refresh_from_db()
    assert row.dead_at
    assert mails_to(user) == []
    row.delete()


def test_mails_of_different_people_wait_apart() -> None:
    targets = set()
    for _ in range(40):
        user = visitor.someone()
        notices.put(str(user.pk), "tokens_reused", {"application": "App"})
        mine = Delivery.objects.filter(payload__contains=str(user.pk))
        targets.add(mine.latest("id").target)
    outbox.deliver_due()
    assert len(targets) > 1


def test_the_address_does_not_rest_in_the_outbox() -> None:
    user = visitor.someone()
    found = told(user)
    assert found.delivered_at
    assert user.email not in found.payload + found.target + found.log
    assert len(mails_to(user)) == 1
