"""Somebody who has passkeys: adds them on the pages, and signs in with them."""

import re
from typing import Any

from accounts import passkeys
from config import environment
from tests import authenticator
from tests.authenticator import Authenticator
from tests.browser import Page
from tests.doors import Response
from tests.person import Person

ISSUER = environment.current().issuer
STRANGE_ORIGINS = {
    "another site": "https://badexample.com",
    "a name that ends like ours": ISSUER.replace("://", "://bad"),
    "a name that begins like ours": ISSUER.replace("localhost", "localhost.evil.test"),
    "a name below ours": ISSUER.replace("://", "://sub."),
    "another scheme": ISSUER.replace("http:", "https:"),
    "another port": "http://localhost:8001",
    "no port": "http://localhost",
    "the other loopback name": ISSUER.replace("localhost", "127.0.0.1"),
    "a path": f"{ISSUER}/",
    "capitals": ISSUER.upper(),
    "an application": "android:apk-key-hash:x",
    "nothing": "",
    "null": None,
    "a list": [ISSUER],
}


def url(path: str) -> str:
    """Return an address of the account pages."""
    return f"{environment.current().issuer}/account/{path}"


def add(person: Person, device: Authenticator, *, name: str = "", **told: Any) -> Response:
    """Add a passkey, signing in first where that is asked."""
    page = person.visit(url("passkeys/add/"))
    answer = device.create(authenticator.options(page, "create"), **told)
    return person.browser.submit(authenticator.form(page), credential=answer, name=name)


def sign_in(
    person: Person, device: Authenticator, page: Response | None = None, **told: Any
) -> Response:
    """Sign in with a passkey on the sign-in page."""
    page = page or person.browser.open(url("login/"))
    answer = device.get(authenticator.options(page, "sign_in"), **told)
    return person.browser.submit(authenticator.form(page), credential=answer)


def prove(person: Person, device: Authenticator, page: Response, **told: Any) -> Response:
    """Show the passkey on a page that asks a person it knows."""
    answer = device.get(authenticator.options(page, "prove"), **told)
    return person.browser.submit(authenticator.form(page), credential=answer)


def link(person: Person, name: str) -> str:
    """Return the address of one passkey, as the list has it."""
    page = person.browser.open(url("passkeys/"))
    return Page(page).links[f"Rename or remove “{name}”"]


def names(person: Person) -> list[str]:
    """Return what the list of a person's passkeys calls them."""
    page = person.browser.open(url("passkeys/"))
    assert Page(page).heading == "Your passkeys", page.url
    found = (re.fullmatch("Rename or remove “(.*)”", text) for text in Page(page).links)
    return [one[1] for one in found if one]


def has(person: Person) -> int:
    """Return how many passkeys rest."""
    return passkeys.count(person.subject)


def is_signed_in(person: Person) -> bool:
    """Tell whether the account's page opens."""
    return Page(person.browser.open(url(""))).heading == "Your account"
