"""People nobody else has, and browsers for them."""

import re
import secrets
from typing import Any

from django.http import HttpRequest
from django.test import Client
from django.utils.html import escape

from accounts import people, sessions
from accounts.models import Session, User
from config import environment
from tests import letters, peers

PASSWORD = "Correct-Horse7battery"
NEW_PASSWORD = "Another-Horse8battery"


def address() -> str:
    """Return an e-mail address that nobody has."""
    return f"{secrets.token_hex(8)}@example.com"


def someone(**about: Any) -> User:
    """Create a person."""
    return people.create(**{"email": address(), "password": PASSWORD, **about})


def browser(**options: Any) -> Client:
    """Return a browser that opened this server by its own name, from an address of its own."""
    peer = peers.somewhere()
    host = environment.current().issuer_host
    return Client(headers={"host": host}, REMOTE_ADDR=peer, **options)


def signed_in(user: User) -> Client:
    """Return a browser in which the person has signed in with their password."""
    client = browser()
    answer = client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()
    return client


def is_signed_in(client: Client) -> bool:
    """Tell whether the browser gets to see an account."""
    return client.get("/account/").status_code == 200


def row(client: Client) -> Session:
    """Return the row behind the browser's cookie."""
    return Session.objects.get(pk=sessions._digest(client.session.session_key or ""))


def request_of(client: Client) -> HttpRequest:
    """Return a request that carries the browser's session."""
    answer = client.get("/account/")
    request: HttpRequest = answer.wsgi_request
    return request


def code_sent_to(email: str) -> str:
    """Return the last code that was mailed to an address."""
    text = next(
        str(one.body)
        for one in reversed(letters.delivered())
        if email.casefold() in str(one.to).casefold()
    )
    found = re.search(r"^ {4}(\S+)$", text, re.MULTILINE)
    assert found, text
    return found.group(1)


def shows(answer: Any, text: str) -> bool:
    """Tell whether a page shows a text."""
    return escape(text) in answer.content.decode()
