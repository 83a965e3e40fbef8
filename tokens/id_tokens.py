"""OIDC Core §2 — ID tokens: what the client may know of how and when its user signed in."""

import datetime as dt
import hashlib
from typing import Any

from config import environment
from tokens import encoding, instants, jws, ring
from tokens.grants import Grant

_DIGESTS = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}


def mint(
    grant: Grant,
    *,
    sub: str,
    alg: str,
    lifetime: dt.timedelta,
    access_token: str = "",
    nonce: str = "",
    claims: dict[str, Any] | None = None,
) -> str:
    """Return a signed ID token; `claims` may add to the protocol's own, never replace them."""
    moment = instants.now()
    own: dict[str, Any] = {
        "iss": environment.current().issuer,
        "sub": sub,
        "aud": grant.client_id,
        "iat": instants.seconds(moment),
        "exp": instants.seconds(instants.after(moment, lifetime)),
        "auth_time": instants.seconds(grant.auth_time),
        "acr": grant.acr,
        "amr": grant.amr.split(),
        "sid": grant.sid,
    }
    if nonce:
        own["nonce"] = nonce
    if access_token:
        own["at_hash"] = half_hash(access_token, alg)
    return ring.current().sign({**(claims or {}), **own}, typ=jws.ID_JWT, alg=alg)


def half_hash(text: str, alg: str) -> str:
    """Return the left half of a value's digest (OIDC Core §3.1.3.6): `at_hash`, `c_hash`."""
    digest = _DIGESTS.get(alg[-3:], hashlib.sha512)  # EdDSA hashes with SHA-512
    whole = digest(text.encode("ascii")).digest()
    return encoding.b64(whole[: len(whole) // 2])


def hint(text: str) -> dict[str, Any] | None:
    """Return the claims of an ID token we issued, however old (`id_token_hint`), or None."""
    claims = jws.check_signature(text, ring.verifiers(jws.ID_JWT, text))
    is_ours = claims is not None and claims.get("iss") == environment.current().issuer
    return claims if is_ours else None
