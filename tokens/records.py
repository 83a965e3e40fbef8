"""The typed records that travel sealed: what a code, a refresh token or an interaction says.

A record's fields are its wire form, in this order: append only, and give what you append a default.
"""

import hashlib
from dataclasses import dataclass, field

from tokens import encoding


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """An authorization code (RFC 6749 §4.1.2): everything that was granted, and by whom.

    Instants are whole seconds but `auth_time` (microseconds: a login within the same second
    counts). The redirect URI and the challenge travel as digests, so that a common code stays
    short.
    """

    grant_id: str
    client_id: str
    subject: str
    sid: str
    session_ends_at: int
    scope: str
    resources: tuple[str, ...]
    authorization_details: str
    claims: str
    auth_time: int
    amr: tuple[str, ...]
    acr: str
    cnf: str
    nonce: str
    redirect: str
    challenge: str
    epoch_person: int
    epoch_client: int
    epoch_consent: int
    expires_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """A refresh token (RFC 6749 §1.5): a generation of one grant.

    Deterministic in these fields, so that a retry inside the grace is answered byte for byte.
    """

    grant_id: str
    generation: int
    client_id: str
    cnf: str

    @property
    def jti(self) -> str:
        """Return the token's identifier, as introspection shows it."""
        seed = f"{self.grant_id}.{self.generation}".encode()
        return encoding.b64(hashlib.sha256(seed).digest()[:16])


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSecret:
    """A device secret (OpenID Native SSO): a grant, and the applications that may build on it."""

    grant_id: str
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """An authorization request on its way through login and consent, bound to one browser."""

    parameters: dict[str, str] = field(default_factory=dict)
    client_name: str
    redirect_uri: str
    browser: str
    started_at: float
    expires_at: float


def redirect_digest(uri: str) -> str:
    """Return the 128-bit digest under which a code remembers its redirect URI."""
    return encoding.b64(hashlib.sha256(uri.encode()).digest()[:16])
