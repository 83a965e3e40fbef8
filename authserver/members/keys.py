"""The public keys a client registers."""

from collections.abc import Mapping
from typing import Any, Final

from authserver.members.shapes import WrongError
from tokens import jws

_MOST: Final = 50
_SECRET_PARTS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


def jwks(value: object) -> Mapping[str, Any]:
    """Read a key set: public keys only, at least one, no kid twice (RFC 7517 §5)."""
    if not isinstance(value, dict):
        raise WrongError("must be an object with the member keys")
    try:
        jws.load_public_jwks(value)
    except jws.NotAKeyError as fault:
        raise WrongError(str(fault)) from fault
    members = value["keys"]
    if any(_SECRET_PARTS & member.keys() for member in members):
        raise WrongError("holds a private or a shared key")
    kids = [member["kid"] for member in members if "kid" in member]
    if not 0 < len(members) <= _MOST or len(set(kids)) < len(kids):
        raise WrongError(f"must hold 1 to {_MOST} keys, and no kid twice")
    return value
