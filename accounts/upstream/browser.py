"""Which browser a visit to a provider belongs to: a cookie of 256 random bits, and nothing else.

It is no session and names nobody. A state or a handle that somebody else's browser presents finds
nothing, so nobody can be signed in to an account of another's choosing.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tokens import encoding

_COOKIE = "as_upstream"
_SECONDS = 3600
_BITS = 256


def cookie_name() -> str:
    """Return the name of the cookie."""
    return f"__Host-{_COOKIE}" if settings.SESSION_COOKIE_SECURE else _COOKIE


def of(request: HttpRequest) -> str:
    """Return what this browser is known by, or ''."""
    text = request.COOKIES.get(cookie_name(), "")
    return text if len(encoding.unb64(text) or b"") == _BITS // 8 else ""


def new() -> str:
    """Return what a browser can be known by."""
    return encoding.token(_BITS)


def keep(response: HttpResponse, browser: str) -> None:
    """Let the browser keep it for a while."""
    response.set_cookie(
        cookie_name(),
        browser,
        max_age=_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",  # it has to come along when the provider sends the browser back
    )
