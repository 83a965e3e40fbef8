"""OIDC Core §8.1 — pairwise subjects: a person has another identifier in every sector.

Computed, never stored: an HMAC of sector and identifier under a secret of this database, which
rests sealed under the root key ring and stays the same when that turns. Session ids are hidden the
same way, for a `sid` that two sectors share would link what their subjects keep apart.
"""

import hashlib
import hmac
import os
from typing import Final

from django.db import connection

from tokens import encoding, statements, vault

SUBJECT_TYPES: Final = ("public", "pairwise")
_PURPOSE: Final = "pairwise secret"
_SELECT: Final = "SELECT sealed FROM tokens_pairwisesecret WHERE id = 1"
_INSERT: Final = """
INSERT INTO tokens_pairwisesecret (id, sealed) VALUES (1, %(sealed)s)
ON CONFLICT (id) DO NOTHING RETURNING id
"""
_RESEAL: Final = """
UPDATE tokens_pairwisesecret SET sealed = %(sealed)s WHERE id = 1 AND sealed = %(before)s
RETURNING id
"""
_known: list[bytes] = []


def subject(subject: str, sector: str) -> str:
    """Return a person's `sub` in a sector, 43 characters; unchanged for the sector ''."""
    return _within(sector, "sub", subject) if sector else subject


def sid(sid: str, sector: str) -> str:
    """Return a session's `sid` in a sector, 43 characters; unchanged for the sector ''."""
    return _within(sector, "sid", sid) if sector else sid


def is_locked() -> bool:
    """Tell whether the secret is there and its root key is not."""
    if _known:
        return False
    row = statements.fetch(_SELECT, {})
    return row is not None and vault.open(_PURPOSE, "1", bytes(row[0])) is None


def forget() -> None:
    """Read the secret again at the next use (another root key, another database)."""
    _known.clear()


def reseal() -> int:
    """Seal the secret anew under the first root key; return how many seals that took."""
    row = statements.fetch(_SELECT, {})
    before = bytes(row[0]) if row else b""
    secret = vault.open(_PURPOSE, "1", before) if before else None
    if secret is None or vault.is_current(before):
        return 0
    values = {"sealed": vault.seal(_PURPOSE, "1", secret), "before": before}
    return 1 if statements.write(_RESEAL, values) else 0


def _within(sector: str, kind: str, value: str) -> str:
    said = encoding.json([kind, sector, value])  # JSON, so no two triples read alike
    return encoding.b64(hmac.digest(_secret(), said, hashlib.sha256))


def _secret() -> bytes:
    """Return the secret, read once per process; of several processes that make it one wins.

    Raises:
        LockedError: when its root key is not here.
    """
    if _known:
        return _known[0]
    row = statements.fetch(_SELECT, {})
    if row is None:
        statements.write(_INSERT, {"sealed": vault.seal(_PURPOSE, "1", os.urandom(32))})
        row = statements.fetch(_SELECT, {})
    secret = vault.open(_PURPOSE, "1", bytes(row[0])) if row else None
    if secret is None:
        raise vault.LockedError(_PURPOSE)
    if not connection.in_atomic_block:  # what this transaction made may yet be rolled back
        _known[:] = [secret]
    return secret
