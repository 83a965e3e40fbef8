"""What needs a row of its own while it waits: found by the SHA-256 of a 256-bit random.

Set-up links, and codes and interactions too long for a URL. The record rests sealed, so that a dump
shows nothing that could be presented.
"""

import datetime as dt
import hashlib
from typing import Any

from tokens import encoding, handles, instants, statements

_PUT = """
INSERT INTO tokens_pending (digest, kind, about, sealed, expires_at)
VALUES (%(digest)s, %(kind)s, %(about)s, %(sealed)s, %(expires_at)s)
RETURNING kind
"""
_FIND = """
SELECT sealed FROM tokens_pending
 WHERE digest = %(digest)s AND kind = %(kind)s AND expires_at > %(now)s
"""
_TAKE = """
DELETE FROM tokens_pending
 WHERE digest = %(digest)s AND kind = %(kind)s AND expires_at > %(now)s
RETURNING sealed
"""
_VOID = "DELETE FROM tokens_pending WHERE kind = %(kind)s AND about = %(about)s RETURNING kind"


def put(
    kind: str,
    record: dict[str, Any],
    lifetime: dt.timedelta,
    *,
    about: str = "",
    void_others: bool = False,
) -> str:
    """Keep a record for `lifetime` and return the secret that finds it.

    `void_others` ends whatever waited under the same kind and `about` before.
    """
    if void_others:
        statements.write(_VOID, {"kind": kind, "about": about})
    secret = encoding.token(256)
    row = {
        "digest": _digest(secret),
        "kind": kind,
        "about": about,
        "sealed": handles.seal(handles.PENDING, record).encode(),
        "expires_at": instants.after(instants.now(), lifetime),
    }
    statements.write(_PUT, row)
    return secret


def find(kind: str, secret: str) -> dict[str, Any] | None:
    """Return the record without consuming it."""
    return _opened(statements.fetch(_FIND, _key(kind, secret)))


def take(kind: str, secret: str) -> dict[str, Any] | None:
    """Return the record and consume it; of several takers one wins."""
    return _opened(statements.write(_TAKE, _key(kind, secret)))


def _key(kind: str, secret: str) -> dict[str, Any]:
    return {"kind": kind, "digest": _digest(secret), "now": instants.now()}


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _opened(row: tuple[Any, ...] | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return handles.open(handles.PENDING, bytes(row[0]).decode("ascii"))
