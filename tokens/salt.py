"""The 32 random bytes that this database adds to every key derived from a root key."""

import functools
import os

from tokens import statements

_SELECT = "SELECT value FROM tokens_salt WHERE id = 1"
_INSERT = """
INSERT INTO tokens_salt (id, value) VALUES (1, %(value)s)
ON CONFLICT (id) DO NOTHING RETURNING id
"""


@functools.cache
def value() -> bytes:
    """Return the salt, made on first use; read once per process."""
    row = statements.fetch(_SELECT, {})
    if row is None:
        statements.write(_INSERT, {"value": os.urandom(32)})
        row = statements.fetch(_SELECT, {})
    if row is None:
        message = "the salt could not be written"
        raise RuntimeError(message)
    return bytes(row[0])
