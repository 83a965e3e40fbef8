"""RFC 7515 §2 — base64url without padding, strict: one text for one value; and plain JSON."""

import base64
import binascii
import os
from json import JSONDecoder, JSONEncoder
from typing import Any, NoReturn


def b64(data: bytes) -> str:
    """Encode bytes."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unb64(text: str) -> bytes | None:
    """Decode a text, or return None for whatever `b64` would not have written."""
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        data = binascii.a2b_base64(padded.translate(_TO_STANDARD), strict_mode=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        return None
    return data if b64(data) == text else None


def json(value: object) -> bytes:
    """Return a value as JSON; `json.dumps` with arguments would make an encoder for every call."""
    return _ENCODER.encode(value).encode()


def members(data: bytes | None) -> dict[str, Any] | None:
    """Return a JSON object; None for anything else, or where one names a member twice."""
    try:
        value = _DECODER.decode((data or b"").decode())
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        message = "a member twice"
        raise ValueError(message)
    return found


def _refused(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which are no JSON."""
    raise ValueError(name)


def token(bits: int) -> str:
    """Return that many random bits as text."""
    return b64(os.urandom(bits // 8))


_ENCODER = JSONEncoder(separators=(",", ":"), ensure_ascii=False)
_DECODER = JSONDecoder(object_pairs_hook=_once, parse_constant=_refused)
_TO_STANDARD = bytes.maketrans(b"-_+/", b"+/!!")
