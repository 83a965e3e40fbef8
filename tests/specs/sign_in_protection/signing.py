"""Signing in on the page, rightly and wrongly, from anywhere."""

from dataclasses import dataclass, replace
from typing import Any

from config import environment
from tests import person as people
from tests.browser import Browser, Page
from tests.doors import Door, Response
from tests.person import Person

WRONG = "Wrong-Horse7battery"
COOKIE = "as_accounts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Via(Door):
    """A door behind which every request has one more header."""

    header: tuple[str, str]

    def send(self, method: str, url: str, **more: Any) -> Response:
        """Send a request with the header."""
        name, value = self.header
        more["headers"] = {**more.get("headers", {}), name: value}
        return super(Via, self).send(method, url, **more)


def here(path: str) -> str:
    """Return an address of an account page."""
    return f"{environment.current().issuer}/account/{path}"


def via(person: Person, peer: str, name: str, value: str) -> Person:
    """Return the person at a new browser, whose requests come from a peer and say something."""
    door = Via(name=person.browser.door.name, peer=peer, header=(name, value))
    return replace(person, browser=Browser(door, person.browser.site))


def nobody_like(person: Person) -> Person:
    """Return somebody without an account at a new browser."""
    return replace(person.elsewhere(), email=people.address())


def sign_in(person: Person, password: str | None = None) -> Response:
    """Fill in the sign-in page, and return what comes of it at once."""
    form = Page(person.browser.open(here("login/"))).form_with("login")
    assert form
    typed = person.password if password is None else password
    return person.browser.press(form, login=person.email, password=typed)


def statuses(person: Person, count: int) -> list[int]:
    """Try so many wrong passwords."""
    return [sign_in(person, WRONG).status_code for _ in range(count)]


def known(person: Person) -> Person:
    """Return the same person at a new browser that they signed in with, and out."""
    there = person.elsewhere()
    assert sign_in(there).status_code == 302
    there.sign_out()
    return there


def copied(person: Person) -> Person:
    """Return them at a browser with a copy of the cookie that names this one."""
    there = person.elsewhere()
    there.browser.jar.plant(COOKIE, person.browser.jar.cookies[COOKIE].value)
    return there
