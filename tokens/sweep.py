"""Removing rows that nothing can refer to any more, in small steps by primary key."""

from typing import Any, Final

from config import policy
from tokens import instants, statements

STEP: Final = 500
_GRANTS = """
DELETE FROM tokens_grant WHERE id IN (
  SELECT id FROM tokens_grant
   WHERE id > %(after)s
   ORDER BY id LIMIT %(step)s)
  AND (expires_at + %(margin)s < %(now)s
       OR (rotated_at + idle) + %(margin)s < %(now)s
       OR revoked_at + %(kept)s < %(now)s)
RETURNING id
"""
_LAST = """
SELECT max(id)
  FROM (SELECT id FROM tokens_grant WHERE id > %(after)s ORDER BY id LIMIT %(step)s) page
"""
_EXPIRED: Final = {
    "tokens_pending": "DELETE FROM tokens_pending WHERE expires_at < %(before)s RETURNING kind",
    "tokens_replay": "DELETE FROM tokens_replay WHERE expires_at < %(before)s RETURNING expires_at",
    "tokens_tries": "DELETE FROM tokens_tries WHERE expires_at < %(before)s RETURNING count",
    "tokens_browser": "DELETE FROM tokens_browser WHERE expires_at < %(before)s RETURNING place",
    "tokens_epoch": "DELETE FROM tokens_epoch WHERE expires_at < %(before)s RETURNING kind",
}


def run() -> dict[str, int]:
    """Remove what has expired; return how many rows of each table went."""
    margin = instants.micros(policy.current().lifetimes.margin)
    before = {"before": instants.now() - margin}
    counts = {table: _count(sql, before) for table, sql in _EXPIRED.items()}
    counts["tokens_grant"] = _sweep_grants(margin)
    return counts


def _sweep_grants(margin: int) -> int:
    """Walk the primary key, so that no statement holds many rows and no index is needed."""
    lifetimes = policy.current().lifetimes
    kept = instants.micros(lifetimes.access_token + lifetimes.code) + margin
    values: dict[str, Any] = {"now": instants.now(), "margin": margin, "kept": kept, "step": STEP}
    total, after = 0, ""
    while True:
        last = statements.fetch(_LAST, {"after": after, "step": STEP})
        if last is None or last[0] is None:
            return total
        total += _count(_GRANTS, values | {"after": after})
        after = last[0]


def _count(sql: str, parameters: dict[str, Any]) -> int:
    return len(statements.write_all(sql, parameters))
