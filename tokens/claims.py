"""RFC 9068 §2.2 — the claim sets we sign, typed (ID tokens: OIDC Core §2).

`gid` (the grant) and `born` (instance and client epoch of a token without a grant) are ours: they
let one statement say whether the token still counts.
"""

from typing import Any, NotRequired, TypedDict


class AccessClaims(TypedDict):
    """An access token; NumericDates are whole seconds."""

    iss: str
    sub: str
    aud: str | list[str]
    client_id: str
    scope: str
    iat: int
    exp: int
    jti: str
    gid: NotRequired[str]
    born: NotRequired[list[int]]
    auth_time: NotRequired[int]
    acr: NotRequired[str]
    amr: NotRequired[list[str]]
    cnf: NotRequired[dict[str, str]]


class IdClaims(TypedDict):
    """An ID token."""

    iss: str
    sub: str
    aud: str
    iat: int
    exp: int
    auth_time: int
    sid: NotRequired[str]
    nonce: NotRequired[str]
    acr: NotRequired[str]
    amr: NotRequired[list[str]]
    azp: NotRequired[str]
    at_hash: NotRequired[str]


Claims = dict[str, Any]
