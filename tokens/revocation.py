"""RFC 7009 §2.1 — ending what was issued: one access token, or a refresh token with its grant."""

from dataclasses import dataclass
from typing import Any

from tokens import access, grants, refresh
from tokens.grants import Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """A token somebody wants ended: whose it is, and what ending it takes."""

    client_id: str
    grant_id: str
    access_claims: dict[str, Any] | None


def presented(text: str) -> Presented | None:
    """Return what kind of token a text is, whatever the hint (§2.1), or None for none of ours."""
    handle = refresh.open(text)
    if handle is not None:
        return Presented(client_id=handle.client_id, grant_id=handle.grant_id, access_claims=None)
    claims = access.read(text)
    if claims is None:
        return None
    return Presented(
        client_id=claims["client_id"], grant_id=claims.get("gid", ""), access_claims=claims
    )


def revoke(token: Presented, *, why: Why = Why.REVOKED) -> None:
    """End it: an access token alone, a refresh token with everything of its grant."""
    if token.access_claims is not None:
        access.revoke(token.access_claims)
    else:
        grants.end(token.grant_id, why=why)
