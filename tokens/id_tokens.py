"""OIDC Core §2 — ID tokens: what the client may know of how and when its user signed in."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from config import environment
from tokens import encoding, instants, jws, ring

_DIGESTS: Final = {
    **dict.fromkeys(("ES256", "RS256", "PS256"), hashlib.sha256),
    "ES384": hashlib.sha384,
    **dict.fromkeys(("ES512", "EdDSA", "Ed25519"), hashlib.sha512),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Who signed in, when and how, as one client may know it."""

    client_id: str
    sub: str
    sid: str
    auth_time: int
    acr: str
    amr: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What travels in the same answer, and is bound to the ID token by half a digest each."""

    access_token: str = ""
    code: str = ""
    state: str = ""


def mint(
    facts: Facts,
    *,
    alg: str,
    lifetime: dt.timedelta,
    beside: Beside,
    nonce: str = "",
    claims: Mapping[str, Any] | None = None,
) -> str:
    """Return a signed ID token; `claims` may add to the protocol's own, never replace them."""
    moment = instants.now()
    own: dict[str, Any] = {
        "iss": environment.current().issuer,
        "sub": facts.sub,
        "aud": facts.client_id,
        "iat": instants.seconds(moment),
        "exp": instants.seconds(instants.after(moment, lifetime)),
        "auth_time": instants.seconds(facts.auth_time),
        "acr": facts.acr,
        "amr": list(facts.amr),
        "sid": facts.sid,
    }
    halves = {"at_hash": beside.access_token, "c_hash": beside.code, "s_hash": beside.state}
    own |= {name: half_hash(text, alg) for name, text in halves.items() if text}
    if nonce:
        own["nonce"] = nonce
    return ring.current().sign({**(claims or {}), **own}, typ=jws.ID_JWT, alg=alg)


def half_hash(text: str, alg: str) -> str:
    """Return the left half of a value's digest (OIDC Core §3.1.3.6, §3.3.2.11; FAPI's `s_hash`)."""
    whole = _DIGESTS[alg](text.encode()).digest()
    return encoding.b64(whole[: len(whole) // 2])


def hint(text: str) -> dict[str, Any] | None:
    """Return the claims of an ID token we issued, however old (`id_token_hint`), or None."""
    claims = jws.check_signature(text, ring.verifiers(jws.ID_JWT, text))
    is_ours = claims is not None and claims.get("iss") == environment.current().issuer
    return claims if is_ours else None
