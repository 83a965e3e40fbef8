"""OIDC Back-Channel Logout §2.4 — logout tokens: what a client is told when a session ends.

A type of its own, an event and no nonce keep it from being taken for an ID token (§4.1). It is made
at the moment of delivery, so that it is fresh however often that was tried before.
"""

import datetime as dt
from typing import Any, Final

from config import environment
from tokens import encoding, instants, jws, ring

EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
LIFETIME: Final = dt.timedelta(minutes=2)
"""The most that §2.4 recommends; a later try gets a token of its own."""


def mint(*, client_id: str, sub: str, sid: str, alg: str) -> str:
    """Return a signed logout token; `sub` and `sid` are in the client's own terms."""
    moment = instants.now()
    claims: dict[str, Any] = {
        "iss": environment.current().issuer,
        "aud": client_id,
        "iat": instants.seconds(moment),
        "exp": instants.seconds(instants.after(moment, LIFETIME)),
        "jti": encoding.token(128),
        "events": {EVENT: {}},
        "sub": sub,
        "sid": sid,
    }
    return ring.current().sign(claims, typ=jws.LOGOUT_JWT, alg=alg)
