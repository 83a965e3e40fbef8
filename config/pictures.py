"""Pictures we show as our own: what a file is, is told by its first bytes.

SVG can hold scripts, and is never taken.
"""

import functools
import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PATH: Final = "client-logo"
MOST_BYTES: Final = 256 * 1024
FORM: Final = "PNG, JPEG, GIF or WebP file of at most 256 KiB"
_MAGIC: Final = (
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"GIF87a", 0, "image/gif"),
    (b"GIF89a", 0, "image/gif"),
    (b"WEBP", 8, "image/webp"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture, and the name by which browsers keep it."""

    content_type: str
    body: bytes
    digest: str


def content_type(body: bytes) -> str | None:
    """Return what a picture is by its first bytes, or None."""
    for magic, at, kind in _MAGIC:
        is_riff = kind != "image/webp" or body.startswith(b"RIFF")
        if body[at : at + len(magic)] == magic and is_riff:
            return kind
    return None


def digest(body: bytes) -> str:
    """Return the name of a picture: the base64url of its SHA-256."""
    return urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()


@functools.lru_cache(maxsize=4)
def read(path: Path) -> Picture | None:
    """Return the picture in a file, or None where there is none; read once for a process."""
    try:
        with path.open("rb") as file:
            body = file.read(MOST_BYTES + 1)
    except (OSError, ValueError):  # a path may hold a NUL
        return None
    kind = content_type(body)
    if kind is None or len(body) > MOST_BYTES:
        return None
    return Picture(content_type=kind, body=body, digest=digest(body))
