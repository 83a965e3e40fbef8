"""RFC 9068 §2.2 — the claims of an access token, typed.

`gid` (the grant) and `born` (instance and client epoch of a token without a grant) are ours: they
let one statement say whether the token still counts.
"""

from typing import NotRequired, TypedDict


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
