"""RFC 6749 §2.3.1 — client id and secret in the Authorization header.

Both are form-encoded before they are joined. Many clients send them raw, so what does not match
decoded is tried as it came; ids and secrets of ours read the same either way.
"""

import base64
import binascii
from urllib.parse import unquote_plus

from authserver import clients
from authserver.clients import Client
from authserver.request import ProtocolRequest

_LONGEST = 4096


def authenticate(_query: object, request: ProtocolRequest) -> Client | None:
    """Return the client whose secret the Authorization header holds."""
    raw = credentials(request.headers["Authorization"])
    if raw is None:
        return None
    decoded = _decoded(raw[0]), _decoded(raw[1])
    client = clients.authenticated(*decoded)
    if client is None and decoded != raw:
        client = clients.authenticated(*raw)
    return client


def credentials(header: str) -> tuple[str, str] | None:
    """Return id and secret as they were sent, or None for anything that is not Basic."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic" or len(encoded) > _LONGEST:
        return None
    try:
        text = base64.b64decode(encoded.strip(" ").encode("ascii"), validate=True).decode()
    except (binascii.Error, UnicodeError):
        return None
    identifier, colon, secret = text.partition(":")
    return (identifier, secret) if colon and secret else None


def _decoded(text: str) -> str:
    try:
        return unquote_plus(text, errors="strict")
    except UnicodeDecodeError:
        return text
