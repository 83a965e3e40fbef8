"""RFC 5869 — keys derived from the root key ring: one for each purpose.

Key = HKDF(root key, salt kept in the database, info = purpose): the root key alone forges nothing,
nor does a dump of the database.
"""

import functools

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from config import environment
from tokens import salt


@functools.cache
def _derive(secret: bytes, salt_: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt_, info=info).derive(secret)


def keys(purpose: str) -> list[tuple[bytes, bytes]]:
    """Return (key id, 32-byte key) for every root key, the sealing one first."""
    info = f"authserver {purpose}".encode()
    here = environment.current()
    return [(root.key_id, _derive(root.secret, salt.value(), info)) for root in here.root_keys]
