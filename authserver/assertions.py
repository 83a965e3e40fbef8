"""RFC 7521 §4.2, RFC 10070 — client assertions: a client proves itself with a signed statement.

The audience is our issuer, as one string. The token endpoint's address is refused: one made
for it could be collected by a server that imitates ours. A client whose library knows no other
may be let off by `danger_token_endpoint_audience` (docs/decisions/assertion-audience.md).
"""

import logging
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django.urls import reverse

from authserver.client_keys import Verified
from authserver.clients import Client
from config import environment, logs, policy
from tokens import instants, jws, replay

TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_TYPS: Final = frozenset({"jwt", "client-authentication+jwt"})  # RFC 7519 §5.1, RFC 10070
_LONGEST_JTI: Final = 255
_log: Final = logging.getLogger("authserver.clients")


def issuer_of(text: str) -> str | None:
    """Return the client id an unverified assertion names: only to find whose keys to ask."""
    claims = jws.unverified_claims(text)
    subject = claims.get("sub")
    return subject if isinstance(subject, str) and subject == claims.get("iss") else None


def allowed(client: Client, algorithms: frozenset[str]) -> frozenset[str]:
    """Return which of a method's algorithms a client may use: the registered one, if it has one."""
    registered = client.token_endpoint_auth_signing_alg
    return algorithms & {registered} if registered else algorithms


def is_good(verified: Verified | None, client: Client) -> bool:
    """Tell whether a signed text proves `client`, and use it up: a second time it proves nothing.

    `verified` is its header and claims, None where no key of the client verifies it.
    """
    reason = _fault(*verified, client) if verified else "signature or algorithm"
    if reason:
        _log.info(
            "assertion refused", extra={logs.FIELDS: {"client": client.client_id, "reason": reason}}
        )
    return not reason


def _fault(header: Mapping[str, Any], claims: Mapping[str, Any], client: Client) -> str:
    """Return what does not fit, for the log; the jti is used up only when all else does."""
    if not _is_typed(header):
        return "typ"
    if not claims.get("iss") == claims.get("sub") == client.client_id:
        return "iss or sub"
    if not _is_for_us(claims.get("aud"), client):
        return "aud"
    if not _is_timely(claims):
        return "exp, nbf or iat"
    return "" if _is_first(claims, client) else "jti"


def _is_for_us(audience: object, client: Client) -> bool:
    here = environment.current()
    if audience == here.issuer:
        return True
    # RFC 7523 §3 of 2015 named the token endpoint, and let an audience be a list.
    named = audience if isinstance(audience, list) else [audience]
    ours = [here.issuer, here.issuer_origin + reverse("authserver:token")]
    is_ours = bool(named) and all(name in ours for name in named)
    return client.danger_token_endpoint_audience and is_ours


def _is_typed(header: Mapping[str, Any]) -> bool:
    typ = header.get("typ", "JWT")
    return isinstance(typ, str) and typ.lower().removeprefix("application/") in _TYPS


def _is_timely(claims: Mapping[str, Any]) -> bool:
    """Check exp (required, bounded), and nbf and iat where present, with the policy's leeway."""
    rules = policy.current().assertions
    leeway, most = rules.leeway.total_seconds(), rules.max_lifetime.total_seconds()
    now = time.time()
    exp = instants.numeric_date(claims.get("exp"))
    begins = [instants.numeric_date(claims[name]) for name in ("nbf", "iat") if name in claims]
    if exp is None or not now - leeway < exp <= now + most + leeway:
        return False
    return all(begin is not None and begin <= now + leeway for begin in begins)


def _is_first(claims: Mapping[str, Any], client: Client) -> bool:
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_JTI:
        return False
    seconds = (
        timedelta(seconds=float(claims["exp"]) - time.time()) + policy.current().assertions.leeway
    )
    until = instants.after(instants.now(), seconds + timedelta(seconds=1))
    return replay.mark("client assertion", f"{client.client_id} {jti}", until)
