"""Addresses that nobody else has, and what a limit is answered with."""

from dataclasses import replace

from tests import peers
from tests.doors import Door, Response
from tests.rp import RelyingParty

STANDING = (
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "RateLimit-Policy",
    "RateLimit",
)


def somewhere(door: Door) -> Door:
    """Return the same door for somebody at an address of their own."""
    return replace(door, peer=peers.somewhere())


def elsewhere(party: RelyingParty) -> RelyingParty:
    """Return the same client at another address."""
    return replace(party, door=somewhere(party.door))


def told(response: Response) -> set[str]:
    """Return which of the headers came that say where a caller stands."""
    return {name for name in STANDING if response.headers[name] is not None}


def waits(response: Response) -> int:
    """Return the seconds of Retry-After; the answer must be a 429 of OAuth."""
    assert response.status_code == 429, response.text
    assert response.json()["error"] == "temporarily_unavailable"
    assert response.headers["Cache-Control"] == "no-store"
    (value,) = response.headers.get_all("Retry-After")
    return int(value)
