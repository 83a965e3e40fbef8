"""OIDC Core §16.14, RFC 9700 §4.15 — every request this server makes to an address others chose."""

from collections.abc import Mapping
from dataclasses import dataclass


class OutgoingError(Exception):
    """The other side was not asked, or gave no usable answer; `reason` is one sentence of ours."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """An answer of status 200; `max_age` is how many seconds it may be kept (None: not said)."""

    status: int
    content_type: str
    body: bytes
    max_age: int | None


def fault(url: str) -> str | None:
    """Tell in one sentence why we would never ask this URL, or None; no name is resolved."""
    raise NotImplementedError(url)


def get(url: str, *, accept: str, max_bytes: int = 65536) -> Fetched:
    """Fetch a document.

    Raises:
        OutgoingError: whatever else than a whole answer of status 200 in time.
    """
    raise NotImplementedError(url)


def post_form(url: str, fields: Mapping[str, str]) -> int:
    """Post a form and return the HTTP status, whatever it is.

    Raises:
        OutgoingError: when no answer came in time.
    """
    raise NotImplementedError(url)
