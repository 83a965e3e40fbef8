"""Accounts that were used in a browser before, as its own sealed cookie says: it proves nothing."""

import uuid
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.http import HttpRequest

from accounts.models import email_key
from tokens import handles

_COOKIE: Final = "as_accounts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """An account that was used in this browser; `since` is its last sign-in, 0 when not known."""

    subject: str
    email: str
    since: float = 0.0


def cookie_name() -> str:
    """Return the name of the cookie."""
    return f"__Host-{_COOKIE}" if settings.SESSION_COOKIE_SECURE else _COOKIE


def of_browser(request: HttpRequest) -> list[Remembered]:
    """Return the accounts as the browser's cookie has them, the last one first."""
    text = request.COOKIES.get(cookie_name(), "")
    record = handles.open(handles.REMEMBERED, text) if text else None
    held = record or {}
    return [
        Remembered(
            subject=str(uuid.UUID(subject)),
            email=email,
            since=held.get("since", {}).get(subject, 0.0),
        )
        for subject, email in held.get("accounts", [])
    ]


def is_of(request: HttpRequest, *, subject: str = "", email: str = "") -> bool:
    """Tell whether an account, known by its subject or by its address, was used in this browser."""
    key = email_key(email)
    return any(
        (subject and one.subject == subject) or (key and email_key(one.email) == key)
        for one in of_browser(request)
    )
