"""RFC 7523 §3 (7) — values that may be used once.

A row decides, so neither a lost cache nor a second process lets a value be used twice.
"""

import hashlib

from tokens import statements

_MARK = """
INSERT INTO tokens_replay (digest, expires_at) VALUES (%(digest)s, %(expires_at)s)
ON CONFLICT (digest) DO NOTHING
RETURNING expires_at
"""


def mark(kind: str, value: str, expires_at: int) -> bool:
    """Use a value until `expires_at` (an instant); False when it was used before."""
    digest = hashlib.sha256(f"{kind}\0{value}".encode("utf-8", "surrogatepass")).digest()
    return statements.decide(_MARK, {"digest": digest, "expires_at": expires_at}) is not None
