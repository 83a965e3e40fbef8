"""RFC 6749 §1.5 — refresh tokens as text: a sealed handle to a generation of a grant."""

from dataclasses import dataclass
from typing import Any

from config import environment
from tokens import grants, handles, instants
from tokens.grants import Grant
from tokens.records import Refresh


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A refresh token that could be used at this moment."""

    refresh: Refresh
    grant: Grant

    def claims(self, *, sub: str) -> dict[str, Any]:
        """Return what introspection may say of it (RFC 7662 §2.2); `sub` as the client knows it."""
        return {
            "iss": environment.current().issuer,
            "sub": sub,
            "client_id": self.grant.client_id,
            "scope": self.grant.scope,
            "iat": instants.seconds(self.grant.rotated_at),
            "exp": instants.seconds(self.grant.refresh_expires_at),
            "jti": self.refresh.jti,
            "gid": self.grant.id,
        }


def text(grant: Grant) -> str:
    """Return the refresh token of a grant's present generation: the same text every time."""
    return handles.seal(handles.REFRESH, grant.refresh())


def open(text_: str) -> Refresh | None:
    """Return what a refresh token says, or None; whether it still counts is not asked."""
    return handles.open(handles.REFRESH, text_)


def find(text_: str) -> Found | None:
    """Return the token if it is the present generation of a grant that is alive."""
    refresh = open(text_)
    grant = None if refresh is None else grants.find(refresh.grant_id)
    if refresh is None or grant is None or grant.generation != refresh.generation:
        return None
    return Found(refresh=refresh, grant=grant)
