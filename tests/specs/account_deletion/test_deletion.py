"""ASVS 5.0 §14.2.7 — people delete their account, may change their mind, and then are gone."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import time_machine
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.management import call_command
from django.test import RequestFactory
from django.utils import timezone

from accounts import deletion, history, people
from accounts.models import Deletion, User
from config import outbox, policy
from config.keeping import Deletion as Rules
from config.models import Delivery
from tests import letters
from tests import person as persons
from tests.browser import Page
from tests.doors import Door, Response
from tests.dump import dump
from tests.parties import Enrol
from tests.person import Person
from tests.rp import RelyingParty
from tests.specs.account_sessions import pages

pytestmark = pytest.mark.spec("ASVS 5.0 §14.2.7")
DAY = dt.timedelta(days=1)
# The random identifier alone: counters that keep what was cut off cut off, deliveries that tell of
# the end, and what administrators did.
KEPT = {"tokens_epoch", "tokens_grant", "config_delivery", "django_admin_log"}


def ask(person: Person, **fields: str) -> Response:
    """Press the button, with the box ticked unless a call says otherwise."""
    form = pages.form_of(pages.open_page(person, "delete"), "csrfmiddlewaretoken")
    whole = {"csrfmiddlewaretoken": form.fields["csrfmiddlewaretoken"], "sure": "on", **fields}
    return person.browser.send("POST", pages.address("delete"), whole)


def sign_in(person: Person) -> Response:
    return person.sign_in(person.browser.open(pages.address("")))


@contextmanager
def later(by: dt.timedelta) -> Iterator[None]:
    with time_machine.travel(timezone.now() + by):
        yield


def sweep() -> None:
    call_command("sweep", "--json")


def mails(person: Person) -> list[str]:
    return [str(one.subject) for one in letters.to(person.email)]


def test_asking_ends_everything_at_once(someone: Person, enrol: Enrol) -> None:
    pages.enter(someone)
    there = pages.elsewhere(someone)
    listener = enrol(backchannel_logout_uri="https://app.example/backchannel")
    tokens = listener.tokens(there, scope="openid offline_access")
    shown = someone.browser.follow(ask(someone))
    assert Page(shown).heading == "Your account will be deleted"
    assert [pages.is_in(one) for one in (someone, there)] == [False, False]
    assert listener.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert listener.userinfo(tokens["access_token"]).status_code == 401
    waiting = Delivery.objects.filter(target=listener.client_id, kind="backchannel_logout")
    assert waiting.count() == 1
    assert "Your account will be deleted" in mails(someone)


def test_who_signs_in_is_asked_first_and_may_keep_it(someone: Person, rp: RelyingParty) -> None:
    pages.enter(someone)
    ask(someone)
    asked = rp.asking()
    page = someone.sign_in(someone.browser.open(rp.url(asked)))
    assert Page(page).heading == "Keep your account?"
    assert not pages.is_in(someone), "nobody gets a session before they say so"
    page = someone.decide(someone.browser.open(pages.address("keep")), "keep")
    assert "Your account is kept. Nothing of it will be deleted." in page.text
    arrived = rp.arrival(asked, someone.answer(page))
    assert rp.redeem(arrived).status_code == 200, "and goes on to the application"
    assert deletion.due_at(someone.subject) is None
    assert "Your account is kept" in mails(someone)
    noted = [one.name for one in history.of(someone.subject)]
    assert noted.index("deletion_cancelled") < noted.index("deletion_requested")
    with later(15 * DAY):
        sweep()
    assert people.find(someone.subject)


def test_who_lets_it_be_gets_no_session(someone: Person) -> None:
    pages.enter(someone)
    ask(someone)
    page = sign_in(someone)
    page = someone.decide(page, "leave")
    assert Page(page).heading == "Your account will be deleted"
    assert not pages.is_in(someone)
    assert deletion.due_at(someone.subject)
    answer = someone.browser.open(pages.address("keep"))
    assert "/account/login/" in answer.url, "nobody waits there any more"


def test_when_the_grace_is_over_nothing_is_left(someone: Person, rp: RelyingParty) -> None:
    rp.tokens()
    user = User.objects.get(pk=someone.subject)
    LogEntry.objects.log_actions(user.pk, [user], CHANGE, change_message="x")
    ask(someone)
    outbox.deliver_due()
    with later(14 * DAY - dt.timedelta(minutes=1)):
        sweep()
        assert people.find(someone.subject)
    with later(14 * DAY + dt.timedelta(minutes=1)):
        sweep()
        assert people.find(someone.subject) is None
        page = sign_in(someone)
        assert page.status_code == 200
        assert not pages.is_in(someone)
    for table, column, value in dump.read():
        text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
        assert someone.email not in text, (table, column)
        if someone.subject in text or someone.subject.replace("-", "") in text:
            assert table in KEPT, (table, column)


def test_it_is_said_on_purpose_and_proved_a_short_while_ago(someone: Person) -> None:
    pages.enter(someone)
    assert ask(someone, sure="").status_code == 200
    assert "Tick this to delete your account." in someone.browser.visited[-1].text
    assert deletion.due_at(someone.subject) is None
    with later(dt.timedelta(minutes=16)):
        answer = ask(someone)
        assert answer.status_code in {302, 303}
        assert deletion.due_at(someone.subject) is None
        someone.prove(someone.browser.follow(answer))
        assert deletion.due_at(someone.subject) is not None
        assert not pages.is_in(someone)


def test_asking_twice_does_not_put_it_off(someone: Person) -> None:
    pages.enter(someone)
    ask(someone)
    first = deletion.due_at(someone.subject)
    with later(DAY):
        deletion.ask(someone.subject, RequestFactory().get("/"))
        assert deletion.due_at(someone.subject) == first


def test_the_only_administrator_stays(way_in: Door) -> None:
    boss = persons.registered(way_in, is_staff=True)
    pages.enter(boss)
    others = list(User.objects.filter(is_staff=True).exclude(pk=boss.subject))
    User.objects.filter(pk__in=[one.pk for one in others]).update(is_staff=False)
    try:
        shown = ask(boss)
        assert "You are the only administrator." in shown.text
        assert pages.is_in(boss)
    finally:
        User.objects.filter(pk__in=[one.pk for one in others]).update(is_staff=True)
    second = persons.registered(way_in, is_staff=True)
    assert ask(boss).status_code == 303
    assert deletion.due_at(boss.subject)
    people.delete(second.subject)


def test_administrators_do_not_all_leave_one_after_the_other(way_in: Door) -> None:
    boss, second = (persons.registered(way_in, is_staff=True) for _ in range(2))
    others = User.objects.filter(is_staff=True).exclude(pk__in=[boss.subject, second.subject])
    appointed = list(others.values_list("pk", flat=True))
    others.update(is_staff=False)
    try:
        pages.enter(second)
        deletion.ask(boss.subject, RequestFactory().get("/"))
        assert "You are the only administrator." in ask(second).text
        assert deletion.due_at(second.subject) is None
    finally:
        User.objects.filter(pk__in=appointed).update(is_staff=True)
        for one in (boss, second):
            people.delete(one.subject)


def test_without_a_grace_it_happens_now(someone: Person) -> None:
    pages.enter(someone)
    with policy.replaced(deletion=Rules(grace=dt.timedelta())):
        assert "It cannot be taken back." in pages.open_page(someone, "delete").text
        shown = someone.browser.follow(ask(someone))
        assert Page(shown).heading == "Your account is deleted"
    assert people.find(someone.subject) is None
    assert not Deletion.objects.filter(user_id=someone.subject).exists()
