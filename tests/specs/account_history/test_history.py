"""ASVS 5.0 §16.3.1 — people read what happened to their account, and nobody else's."""

import pytest
from django.test import Client

from accounts import history, people
from accounts.models import Event
from config import environment
from tests import person as persons
from tests.browser import Page
from tests.doors import Door
from tests.person import Person
from tests.rp import RelyingParty
from tests.specs.account_sessions import pages

pytestmark = pytest.mark.spec("ASVS 5.0 §16.3.1")


def shown(person: Person, query: str = "") -> str:
    page = person.browser.open(f"{pages.address('history')}{query}")
    assert page.status_code == 200
    return page.text


def test_it_tells_what_when_where_and_with_what(someone: Person, rp: RelyingParty) -> None:
    rp.tokens()
    text = shown(someone)
    assert "You signed in" in text
    assert "An application was connected" in text
    assert someone.browser.door.peer in text
    rp.tokens()
    noted = [one.name for one in history.of(someone.subject)]
    assert noted.count("application_connected") == 1, "what was agreed before is no news"


def test_it_is_read_page_by_page(someone: Person) -> None:
    pages.enter(someone)
    for number in range(65):
        history.note(someone.subject, "passkey_renamed", label=f"key-{number:02}-")
    found, query = "", ""
    for _ in range(3):
        text = shown(someone, query)
        found += text
        query = Page(someone.browser.visited[-1]).links.get("Older", "").partition("/history/")[2]
    assert query == ""
    assert [found.count(f"key-{number:02}-") for number in range(65)] == [1] * 65


@pytest.mark.parametrize("before", ["0", "-1", "x", "9" * 40, "%D9%A3", "1e3", ""])
def test_whatever_stands_in_the_address_is_no_fault(someone: Person, before: str) -> None:
    pages.enter(someone)
    shown(someone, f"?before={before}")


def test_nobody_reads_anothers(someone: Person, somebody_else: Person) -> None:
    pages.enter(someone)
    pages.enter(somebody_else)
    history.note(somebody_else.subject, "passkey_added", label="Secret key name")
    newest = Event.objects.order_by("-pk").values_list("pk", flat=True)[0]
    assert "Secret key name" not in shown(someone, f"?before={newest + 1}")
    assert "Secret key name" in shown(somebody_else)


def test_names_are_text(someone: Person) -> None:
    pages.enter(someone)
    history.note(someone.subject, "passkey_added", label="<script>alert(1)</script>")
    assert "<script>alert" not in shown(someone)


def test_failures_of_strangers_are_told_and_counted(someone: Person, way_in: Door) -> None:
    stranger = Person(browser=persons.browser(way_in), email=someone.email, password="wrong")
    for _ in range(3):
        stranger.sign_in(stranger.browser.open(pages.address("")))
    pages.enter(someone)
    text = shown(someone)
    assert "A sign-in failed" in text
    assert "3 times" in text
    assert stranger.browser.door.peer in text


def test_an_administrator_reads_it_too_and_changes_nothing(someone: Person) -> None:
    history.note(someone.subject, "passkey_added", label="Blue key")
    boss = people.create(email=persons.address(), password=persons.PASSWORD, is_staff=True)
    client = Client(headers={"host": environment.current().issuer_host})
    client.force_login(boss)
    page = client.get("/admin/accounts/event/", {"q": someone.email})
    assert page.status_code == 200
    assert "A passkey was added" in page.content.decode()
    number = history.of(someone.subject)[0].number
    assert client.get(f"/admin/accounts/event/{number}/change/").status_code == 200
    assert client.get("/admin/accounts/event/add/").status_code == 403
    for path in (f"{number}/delete/", f"{number}/change/"):
        assert client.post(f"/admin/accounts/event/{path}", {"name": "x"}).status_code == 403
    people.delete(str(boss.pk))
