"""One name for one request: sent to the caller, written into every line logged meanwhile."""

import contextvars
import secrets

HEADER = "X-Request-Id"
_current: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")


def begin() -> str:
    """Name a new request: 16 hex digits of our own; what the caller sent is never taken over."""
    name = secrets.token_hex(8)
    _current.set(name)
    return name


def current() -> str:
    """Return the name of the request at hand, or an empty text."""
    return _current.get()


def end() -> None:
    """Forget the request, so that what the thread logs next is not put down to it."""
    _current.set("")
