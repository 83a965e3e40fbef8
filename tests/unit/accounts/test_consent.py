"""Consent: the union agreed, remembered until withdrawn."""

import datetime as dt

import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import consent, signals
from accounts.models import Consent
from tests.unit.accounts import visitor
from tokens import epochs


def test_what_was_agreed_is_the_union() -> None:
    subject = str(visitor.someone().pk)
    assert not consent.covers(subject, "app", [])
    consent.give(subject, "app", "App", ["openid", "email"])
    consent.give(subject, "app", "App, renamed", ["profile"])
    assert consent.covers(subject, "app", {"openid", "email", "profile"})
    assert not consent.covers(subject, "app", {"openid", "phone"})
    assert not consent.covers(subject, "other", ["openid"])
    (agreed,) = consent.of(subject)
    assert agreed.client_name == "App, renamed"
    assert agreed.scope == ("email", "openid", "profile")


def test_withdrawing_cuts_off() -> None:
    subject, heard = str(visitor.someone().pk), []

    def listen(**news: object) -> None:
        heard.append((news["subject"], news["client_id"]))

    signals.consent_withdrawn.connect(listen)
    consent.give(subject, "app", "App", ["openid"])
    assert consent.withdraw(subject, "app")
    assert heard == [(subject, "app")]
    assert epochs.read(epochs.CONSENT, epochs.consent_id(subject, "app")) == 1
    assert not consent.covers(subject, "app", [])
    assert not consent.withdraw(subject, "app")


def test_use_is_noted_once_a_day() -> None:
    subject = str(visitor.someone().pk)
    consent.give(subject, "app", "App", ["openid"])
    standing = consent.standing(subject, "app")
    with CaptureQueriesContext(connection) as asked:
        consent.used(subject, "app", standing)
    assert asked.captured_queries == []
    tomorrow = timezone.now() + dt.timedelta(days=1, seconds=1)
    with time_machine.travel(tomorrow):
        consent.used(subject, "app", standing)
    row = Consent.objects.get(user_id=subject)
    assert row.last_used_at is not None
    assert row.last_used_at >= tomorrow - dt.timedelta(seconds=5)


def test_using_what_needed_no_consent_writes_nothing() -> None:
    subject = str(visitor.someone().pk)
    assert consent.standing(subject, "first-party") is None
    with CaptureQueriesContext(connection) as asked:
        consent.used(subject, "first-party", None)
    assert asked.captured_queries == []


def test_withdrawing_by_the_page() -> None:
    user = visitor.someone()
    client = visitor.signed_in(user)
    consent.give(str(user.pk), "app-1", "Rock & Roll <i>", ["openid", "photos"])
    page = client.get("/account/applications/")
    assert visitor.shows(page, "Rock & Roll <i>")
    assert visitor.shows(page, "who you are")
    answer = client.post("/account/applications/", {"client_id": "app-1"}, follow=True)
    assert visitor.shows(answer, "Rock & Roll <i> is disconnected")
    assert not consent.covers(str(user.pk), "app-1", [])


def test_a_scope_brings_its_claims_along_and_a_claim_no_scope() -> None:
    subject = str(visitor.someone().pk)
    consent.give(subject, "app", "App", ["openid", "email", "claim=gender"])
    for names in (["claim=email_verified"], ["openid", "claim=email", "claim=gender"], []):
        assert consent.covers(subject, "app", names)
    for name in ("claim=nickname", "email_verified", "gender", "profile", "claim=openid", "claim="):
        assert not consent.covers(subject, "app", ["openid", name])
    (agreed,) = consent.of(subject)
    assert (agreed.scope, agreed.claims, agreed.resources) == (("email", "openid"), ("gender",), ())
