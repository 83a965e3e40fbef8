"""Fetch §3.2 — the headers by which a page of another origin may read an answer of ours.

Credentials are never allowed across origins: what answers here looks at no cookie.
"""

from collections.abc import Callable, Sequence
from typing import Final

from django.db import InterfaceError, OperationalError

from config import connections
from config.answer import Headers

ANYBODY: Final = "*"
_READABLE: Final = (
    "Access-Control-Expose-Headers",
    (
        "WWW-Authenticate, Retry-After, Link, X-Request-Id, RateLimit, RateLimit-Policy,"
        " X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset"
    ),
)
_ASKABLE: Final = "Authorization, Content-Type, DPoP"


class _Judge:
    """The one mutable place: who knows which origins are registered."""

    is_registered: Callable[[str], bool] = staticmethod(lambda _origin: False)


def judged_by(is_registered: Callable[[str], bool]) -> None:
    """Take `is_registered` for what knows."""
    _Judge.is_registered = staticmethod(is_registered)


def is_registered(origin: str) -> bool:
    """Tell whether a client registered this origin; while the database is away, none did."""
    if not origin:
        return False
    try:
        return _Judge.is_registered(origin)
    except (OperationalError, InterfaceError):
        connections.drop_unusable()
        return False


def headers(shown: str, *, methods: Sequence[str] = ()) -> Headers:
    """Return what lets `shown` (an origin, or anybody) read; `methods`: the answer to a preflight.

    No API key may be sent from there: a key in a page is everybody's.
    """
    told: Headers = (("Access-Control-Allow-Origin", shown), _READABLE)
    if not methods:
        return told
    return (
        *told,
        ("Access-Control-Allow-Methods", ", ".join(methods)),
        ("Access-Control-Allow-Headers", _ASKABLE),
        ("Access-Control-Max-Age", "600"),
    )
