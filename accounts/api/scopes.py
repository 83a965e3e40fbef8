"""What a token may be granted for the API, and which resource it must have been issued for."""

from typing import Final

from config import environment

READ: Final = "users:read"
WRITE: Final = "users:write"
ADMIN: Final = "users:admin"
"""Stands for the other two as well; granted to administrators alone, and never to a program."""
ALL: Final = (READ, WRITE, ADMIN)
FOR_PROGRAMS: Final = (READ, WRITE)
METADATA: Final = "/.well-known/oauth-protected-resource"


def audience() -> str:
    """Return the identifier of the API as a resource (RFC 8707 §2)."""
    return f"{environment.current().issuer}/api"


def metadata_url() -> str:
    """Return where the API is described: its path, after the well-known one (RFC 9728 §3.1)."""
    here = environment.current()
    return f"{here.issuer_origin}{METADATA}{here.issuer_path}/api"


def metadata() -> dict[str, str | list[str]]:
    """Return what the API says of itself (RFC 9728 §2): who issues its tokens, for which scopes."""
    return {
        "resource": audience(),
        "resource_name": "User API",
        "authorization_servers": [environment.current().issuer],
        "scopes_supported": list(ALL),
        "bearer_methods_supported": ["header"],
    }
