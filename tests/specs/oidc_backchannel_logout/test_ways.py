"""OIDC Back-Channel Logout §2.3 — however a session ends, both clients that took part are told."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.utils import timezone

from accounts import people, sessions
from config import outbox, policy
from tests import person
from tests.browser import Page
from tests.person import Person
from tests.specs.oidc_backchannel_logout.conftest import Hearing, Party

pytestmark = pytest.mark.spec("OIDC Back-Channel Logout §2.3")
User: Any = get_user_model()
NEW = "Another-Horse8battery"


def sid_of(party: Party) -> str:
    sid: str = party.rp.claims(party.rp.tokens()["id_token"])["sid"]
    return sid


def by_account_page(someone: Person, _sid: str) -> None:
    someone.sign_out()


def by_admin_logout(someone: Person, _sid: str) -> None:
    people.appoint(someone.subject, is_staff=True)
    page = someone.browser.open(f"{someone.browser.site}/admin/")
    form = next(f for f in Page(page).forms if f.action.endswith("/admin/logout/"))
    someone.browser.submit(form)


def by_command(someone: Person, _sid: str) -> None:
    call_command("users", "sign-out", someone.email, stdout=io.StringIO())


def by_the_session(_someone: Person, sid: str) -> None:
    assert sessions.end(sid)


def change_password(them: Person) -> None:
    """Change it on the account page, signing in first where that is needed."""
    page = them.visit(f"{them.browser.site}/account/password/change/")
    form = Page(page).form_with("oldpassword")
    assert form
    page = them.browser.submit(form, oldpassword=them.password, password1=NEW, password2=NEW)
    assert not Page(page).form_with("oldpassword"), page.text


def by_new_password_elsewhere(someone: Person, _sid: str) -> None:
    change_password(someone.elsewhere())


def by_reset(someone: Person, _sid: str) -> None:
    there = someone.elsewhere()
    page = there.browser.open(f"{there.browser.site}/account/password/reset/")
    form = Page(page).form_with("email")
    assert form
    page = there.browser.submit(form, email=someone.email)
    form = Page(page).form_with("code")
    assert form
    page = there.browser.submit(form, code=there.mailed_code())
    form = Page(page).form_with("password1")
    assert form
    page = there.browser.submit(form, password1=NEW, password2=NEW)
    assert not Page(page).form_with("password1"), page.text


def by_row_password(someone: Person, _sid: str) -> None:
    """Change it as Django's own `changepassword` command does."""
    user = User.objects.get(pk=someone.subject)
    user.set_password(NEW)
    user.save()


def by_disabling(someone: Person, _sid: str) -> None:
    call_command("users", "disable", someone.email, stdout=io.StringIO())


def by_deleting(someone: Person, _sid: str) -> None:
    people.delete(someone.subject)


def by_deleting_the_row(someone: Person, _sid: str) -> None:
    User.objects.get(pk=someone.subject).delete()


def by_deleting_rows(someone: Person, _sid: str) -> None:
    User.objects.filter(pk=someone.subject).delete()


def by_dismissal(someone: Person, _sid: str) -> None:
    people.appoint(someone.subject, is_staff=False)


def by_somebody_else_signing_in(someone: Person, _sid: str) -> None:
    """Sign in as another person in the same browser, by the account chooser's way out."""
    from django.test import Client  # noqa: PLC0415  its force_login is Django's own `login`

    client = Client(headers={"host": someone.browser.site.partition("//")[2]})
    for name, morsel in someone.browser.jar.cookies.items():
        client.cookies[name] = morsel.value
    other = people.create(email=person.address(), password=NEW)
    client.force_login(other)


def by_signing_in_again(someone: Person, _sid: str) -> None:
    from django.test import Client  # noqa: PLC0415  the same

    client = Client(headers={"host": someone.browser.site.partition("//")[2]})
    for name, morsel in someone.browser.jar.cookies.items():
        client.cookies[name] = morsel.value
    client.force_login(User.objects.get(pk=someone.subject))


WAYS: list[Callable[[Person, str], None]] = [
    by_account_page,
    by_admin_logout,
    by_command,
    by_the_session,
    by_new_password_elsewhere,
    by_reset,
    by_row_password,
    by_disabling,
    by_deleting,
    by_deleting_the_row,
    by_deleting_rows,
    by_dismissal,
    by_somebody_else_signing_in,
    by_signing_in_again,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_both_clients_are_told(
    hearing: Hearing, someone: Person, way: Callable[[Person, str], None]
) -> None:
    first, second = hearing(), hearing()
    sid = sid_of(first)
    assert sid_of(second) == sid
    way(someone, sid)
    outbox.deliver_due()
    for party in (first, second):
        (token,) = party.ear.tokens
        claims = party.rp.claims(token)
        assert (claims["sub"], claims["sid"]) == (someone.subject, sid)


def test_the_session_that_changes_the_password_goes_on(hearing: Hearing, someone: Person) -> None:
    party = hearing()
    sid = sid_of(party)
    change_password(someone)
    outbox.deliver_due()
    assert party.ear.heard == []
    assert sid_of(party) == sid, "its cookie has a new key, its name is the same"
    someone.sign_out()
    outbox.deliver_due()
    assert len(party.ear.tokens) == 1, "and what took part before is still known"


def test_only_the_session_that_ends_is_told_of(hearing: Hearing, someone: Person) -> None:
    party = hearing()
    there = someone.elsewhere()
    first = sid_of(party)
    second = party.rp.claims(party.rp.tokens(there)["id_token"])["sid"]
    someone.sign_out()
    outbox.deliver_due()
    assert [party.rp.claims(token)["sid"] for token in party.ear.tokens] == [first]
    people.sign_out(someone.subject)
    outbox.deliver_due()
    assert party.rp.claims(party.ear.tokens[-1])["sid"] == second


def test_the_end_by_time_is_no_news(hearing: Hearing, someone: Person) -> None:
    party = hearing()
    sid = sid_of(party)
    with time_machine.travel(timezone.now() + policy.current().lifetimes.session + timedelta(1)):
        sessions.end(sid)
        people.sign_out(someone.subject)
        outbox.deliver_due()
        assert party.ear.heard == []
        sessions.SessionStore.clear_expired()


def test_a_consent_withdrawn_ends_no_session(hearing: Hearing, someone: Person) -> None:
    from accounts import consent  # noqa: PLC0415  the page's own function

    party = hearing()
    sid = sid_of(party)
    assert consent.withdraw(someone.subject, party.rp.client_id)
    outbox.deliver_due()
    assert party.ear.heard == []
    assert sid_of(party) == sid
