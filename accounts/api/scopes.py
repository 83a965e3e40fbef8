"""What a token may be granted for the API, and the audience it must have been issued to."""

from typing import Final

from config import environment

READ: Final = "users:read"
WRITE: Final = "users:write"
ADMIN: Final = "users:admin"
"""Stands for the other two as well; granted to administrators alone, and never to a program."""
ALL: Final = (READ, WRITE, ADMIN)
FOR_PROGRAMS: Final = (READ, WRITE)


def audience() -> str:
    """Return the identifier of the API as a resource (RFC 8707 §2)."""
    return f"{environment.current().issuer}/api"
