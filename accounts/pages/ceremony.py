"""WebAuthn §13.4.3 — which browser and which person a challenge is for, read from the request."""

import hashlib

from django.http import HttpRequest
from django.middleware.csrf import get_token

from accounts import authentication, proving
from accounts.ceremonies import Ceremony, Purpose
from tokens import encoding


def sign_in(request: HttpRequest) -> Ceremony:
    """Return the ceremony of somebody whom nobody knows yet."""
    return Ceremony(purpose=Purpose.SIGN_IN, browser=_browser(request))


def proof(request: HttpRequest) -> Ceremony | None:
    """Return the ceremony of who waits at the second step or is signed in; None: nobody."""
    pending = proving.pending_person(request)
    if pending is None:
        return of_person(request, Purpose.AGAIN)
    return Ceremony(
        purpose=Purpose.SECOND_FACTOR, browser=_browser(request), subject=str(pending.pk)
    )


def of_person(request: HttpRequest, purpose: Purpose) -> Ceremony | None:
    """Return a ceremony of who is signed in; it ends with the session and with the password."""
    person = authentication.signed_in(request)
    if person is None:
        return None
    return Ceremony(purpose=purpose, browser=f"{person.sid} {person.epoch}", subject=person.subject)


def _browser(request: HttpRequest) -> str:
    """Return a name for this browser, of the secret in its forms, which a sign-in renews."""
    get_token(request)
    secret = str(request.META.get("CSRF_COOKIE", ""))
    return encoding.b64(hashlib.sha256(f"passkey {secret}".encode()).digest())
