"""ASVS 5.0 §6.4.1 — set-up links: made on the terminal only, for one person, once, and soon.

No administrator ever chooses or sees somebody's password: people do, by a mailed code.
"""

import time
from typing import Any

import pytest
import time_machine

from accounts import people as directory
from accounts import setup
from accounts.models import User
from tests import second_factors
from tests.api import Program
from tests.browser import Page
from tests.person import Person
from tests.races.crowd import Crowd
from tests.specs.account_recovery import mails

pytestmark = pytest.mark.spec("ASVS 5.0 §6.4.1")
NEW = "Another-Horse8battery"


@pytest.fixture
def boss(someone: Person) -> Person:
    """Return an administrator."""
    directory.appoint(someone.subject, is_staff=True)
    return someone


def used(person: Person, link: str, more: dict[str, str] | None = None) -> Any:
    """Use a link with a new password, and whatever else somebody adds to the form."""
    page = person.browser.open(link)
    asking = Page(page).form_with("password")
    if asking is None:
        return page
    fields = {**asking.fields, "password": NEW, **(more or {})}
    return person.browser.follow(person.browser.send("POST", link, fields))


def test_it_works_once(boss: Person) -> None:
    link = setup.link(boss.email)
    used(boss.elsewhere(), link)
    assert User.objects.get(pk=boss.subject).check_password(NEW)
    thief = boss.elsewhere()
    assert used(thief, link).status_code == 404
    assert not mails.is_in(thief.browser)


def test_of_many_at_one_moment_one_wins(boss: Person) -> None:
    link = setup.link(boss.email)
    asking = mails.form(boss.browser.open(link), "password")
    headers = {"Cookie": boss.browser.jar.header(link), "Origin": boss.browser.site}
    fields = {**asking.fields, "password": NEW}
    with Crowd(6) as crowd:
        statuses = crowd.run(
            [
                lambda: boss.browser.door.post(link, fields, headers=headers).status_code
                for _ in range(6)
            ]
        )
    assert statuses.count(302) <= 1
    assert set(statuses) <= {302, 404, 503}, "503: so many at once had to wait to be hashed"
    if 302 in statuses:
        assert used(boss.elsewhere(), link).status_code == 404


@pytest.mark.parametrize(
    "more",
    [
        {"email": "mallory@example.com"},
        {"person": "00000000-0000-4000-8000-000000000000", "subject": "x", "id": "x", "sub": "x"},
        {"is_superuser": "1", "is_staff": "0", "role": "owner", "org": "other"},
    ],
    ids=str,
)
def test_what_else_is_posted_changes_nothing(
    boss: Person, somebody_else: Person, more: dict[str, str]
) -> None:
    used(boss.elsewhere(), setup.link(boss.email), more)
    found = User.objects.get(pk=boss.subject)
    assert (found.email, found.is_staff) == (boss.email, True)
    assert not User.objects.get(pk=somebody_else.subject).is_staff
    assert not User.objects.filter(email="mallory@example.com").exists()


def test_it_is_good_for_nothing_else(boss: Person) -> None:
    secret = setup.link(boss.email).rpartition("/")[2]
    for path in ("password/reset/link/", "confirm-email/link/", "not-me/"):
        assert boss.browser.open(mails.account(path) + secret).status_code == 404


@pytest.mark.parametrize("what", ["too late", "no longer an administrator", "gone", "a new one"])
def test_what_ends_it(boss: Person, what: str) -> None:
    link, moment = setup.link(boss.email), time.time()
    if what == "too late":
        moment += 30 * 60 + 1
    elif what == "a new one":
        setup.link(boss.email)
    elif what == "gone":
        directory.delete(boss.subject)
    else:
        directory.appoint(boss.subject, is_staff=False)
    with time_machine.travel(moment):
        assert used(boss.elsewhere(), link).status_code == 404


def test_it_never_skips_the_second_factor(boss: Person) -> None:
    second_factors.given_app(boss.subject)
    returning = boss.elsewhere()
    used(returning, setup.link(boss.email))
    assert not mails.is_in(returning.browser)


@pytest.mark.spec("ASVS 5.0 §6.4.6")
def test_no_administrator_sets_a_password(admin: Program, someone: Person) -> None:
    before = User.objects.get(pk=someone.subject).password
    answer = admin.patch(f"/{someone.subject}", {"password": NEW, "currentPassword": NEW})
    assert answer.status_code in {400, 403, 422}
    assert User.objects.get(pk=someone.subject).password == before
