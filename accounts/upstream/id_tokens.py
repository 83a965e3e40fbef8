"""OIDC Core §3.1.3.7 — a provider's ID token, checked: all of it holds, or nobody came.

Every check is of something that must be there: a nonce, an audience, an expiry that is missing is
as wrong as one that differs.
"""

import time
from collections.abc import Mapping
from typing import Any, Final, TypeGuard

from accounts.upstream import discovery
from accounts.upstream.account import RefusedError
from accounts.upstream.discovery import Metadata
from config.upstream import Provider
from tokens import id_tokens

_LEEWAY: Final = 60.0  # seconds that two clocks may differ
_OLDEST: Final = 600.0  # it was made for the code that was redeemed just now
_LONGEST_SUB: Final = 255


def read(
    provider: Provider, told: Metadata, text: object, *, nonce: str, access_token: str
) -> Mapping[str, Any]:
    """Return the claims of an ID token from the token endpoint.

    Raises:
        RefusedError: when anything in it is not as it must be.
    """
    found = discovery.verified(provider, text, told) if isinstance(text, str) else None
    if found is None:
        raise RefusedError("No key of the provider verifies the ID token.")
    header, claims = found
    if header.get("typ", "JWT") not in {"JWT", "jwt"}:
        raise RefusedError("The token is of another type.")
    for holds, reason in (
        (claims.get("iss") == provider.issuer, "The ID token is of another issuer."),
        (_is_for(provider.client_id, claims), "The ID token is for another audience."),
        (_is_timely(claims), "The ID token has expired, or is from another time."),
        (claims.get("nonce") == nonce, "The ID token answers another request."),
        (is_subject(claims.get("sub")), "The ID token names nobody."),
        (_is_beside(claims, access_token, header), "The ID token is for another access token."),
    ):
        if not holds:
            raise RefusedError(reason)
    return claims


def check_freshness(claims: Mapping[str, Any], since: float) -> None:
    """Refuse a proof older than the visit that asked for a new one (OIDC Core §3.1.2.1).

    Large providers never say when it was; what they do not say is not held against the person.
    """
    at = claims.get("auth_time", since)
    if since and not (_is_instant(at) and at >= since - _LEEWAY):
        raise RefusedError("The provider did not have the person prove themselves anew.")


def is_subject(sub: object) -> bool:
    """Tell whether this names somebody (OIDC Core §2: at most 255 ASCII characters)."""
    is_text = isinstance(sub, str) and sub.isascii() and sub.isprintable()
    return is_text and 0 < len(str(sub)) <= _LONGEST_SUB


def _is_for(client_id: str, claims: Mapping[str, Any]) -> bool:
    """Tell whether it is for us alone: we trust no other audience, so there may be none."""
    audience = claims.get("aud")
    return audience in (client_id, [client_id]) and claims.get("azp", client_id) == client_id


def _is_timely(claims: Mapping[str, Any]) -> bool:
    moment = time.time()
    exp, iat, nbf = claims.get("exp"), claims.get("iat"), claims.get("nbf", 0)
    if not (_is_instant(exp) and _is_instant(iat) and _is_instant(nbf)):
        return False
    is_young = moment - _OLDEST <= iat <= moment + _LEEWAY
    return is_young and nbf - _LEEWAY <= moment < exp + _LEEWAY


def _is_instant(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_beside(claims: Mapping[str, Any], access_token: str, header: Mapping[str, Any]) -> bool:
    half = id_tokens.half_hash(access_token, str(header["alg"]))
    return str(claims.get("at_hash", half)) == half
