"""Which accounts were used in this browser before, so that a person can pick one of them.

A sealed cookie of their own browser says so and proves nothing: whoever picks an account signs in
to it. What is no longer true (a person gone, another address) is not shown.
"""

from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from accounts import familiar, people, sessions
from accounts.familiar import Remembered, cookie_name, of_browser
from accounts.models import User
from tokens import handles

_COOKIE_SECONDS: Final = 365 * 24 * 3600
_MOST: Final = 5
_NEW, _FORGET = "_authserver_signed_in_now", "_authserver_forget_accounts"
Handler = Callable[[HttpRequest], HttpResponse]


def is_empty(request: HttpRequest) -> bool:
    """Tell whether no account was used in this browser, without asking the database."""
    return not of_browser(request)


def accounts(request: HttpRequest) -> list[Remembered]:
    """Return the accounts that were used in this browser and are still so, the last one first."""
    rows = of_browser(request)
    now = people.active_addresses([one.subject for one in rows]) if rows else {}
    return [one for one in rows if now.get(one.subject) == one.email]


def forget(request: HttpRequest) -> None:
    """Let this response take the cookie away."""
    setattr(request, _FORGET, True)


def kept(following: Handler) -> Handler:
    """Note on the way out who has just signed in."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = following(request)
        newest: Remembered | None = getattr(request, _NEW, None)
        if getattr(request, _FORGET, False):
            response.delete_cookie(cookie_name(), samesite="Lax")
        elif newest is not None:
            _note(request, response, newest)
        return response

    return middleware


def _note(request: HttpRequest, response: HttpResponse, newest: Remembered) -> None:
    others = [one for one in of_browser(request) if one.subject != newest.subject]
    kept = (newest, *others)[:_MOST]
    record = {
        "browser": familiar.name(request),
        "accounts": [[one.subject, one.email] for one in kept],
    }
    response.set_cookie(
        cookie_name(),
        handles.seal(handles.REMEMBERED, record),
        max_age=_COOKIE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


@receiver(user_logged_in, dispatch_uid="accounts.remembered")
def _signed_in(request: HttpRequest, user: User, **_extra: Any) -> None:
    subject = str(user.pk)
    setattr(request, _NEW, Remembered(subject=subject, email=user.email))
    familiar.know(request, subject, request.session[sessions.EPOCH])
    request.session[sessions.BROWSER] = familiar.name(request)
