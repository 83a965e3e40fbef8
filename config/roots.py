"""NIST SP 800-57 part 1 §5.3.5 — the root keys, from which every other secret here is derived.

The first key seals, all of them open. In development the key file is made at first need; in
production the operator gives the keys, so that a forgotten volume cannot silently change them.
"""

import base64
import binascii
import hashlib
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SECRET_BYTES = 32
FILE_NAME = "root.keys"
HOW_TO_MAKE = "openssl rand -base64 32"


@dataclass(frozen=True, slots=True, kw_only=True)
class RootKey:
    """A 256-bit secret and the four bytes it is recognised by."""

    key_id: bytes
    secret: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: bytes) -> "RootKey":
        """Return the key of these 32 bytes."""
        return cls(key_id=hashlib.sha256(secret).digest()[:4], secret=secret)


def hkdf(root: RootKey, purpose: bytes, *, salt: bytes | None = None, length: int = 32) -> bytes:
    """Derive the key of one purpose from a root key (RFC 5869)."""
    derive = HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=purpose)
    return derive.derive(root.secret)


def parse(text: str) -> tuple[RootKey, ...]:
    """Return the keys of a list in base64; raise ValueError with a sentence that shows none."""
    keys: list[RootKey] = []
    for position, word in enumerate(re.split(r"[\s,]+", text.strip(", \t\r\n")), start=1):
        secret = _decoded(word)
        if secret is None or len(secret) != SECRET_BYTES:
            message = f"Key {position} is not base64 of exactly {SECRET_BYTES} bytes."
            raise ValueError(message)
        keys.append(RootKey.of(secret))
    if len({key.key_id for key in keys}) != len(keys):
        message = "The same key is given twice."
        raise ValueError(message)
    return tuple(keys)


def is_weak(key: RootKey) -> bool:
    """Tell whether the bytes were evidently typed or padded rather than drawn at random."""
    return len(set(key.secret)) < SECRET_BYTES // 2


def read_or_make(path: Path) -> tuple[RootKey, ...]:
    """Return the keys of the development file, made (0600) by whoever comes first.

    Raises OSError when the folder cannot be written and ValueError when the file is not a key list.
    """
    make_folder(path.parent)
    if not path.exists():
        _make(path)
    return parse(path.read_text(encoding="ascii", errors="replace"))


def make_folder(folder: Path) -> None:
    """Make the data folder, readable by its owner alone; leave an existing one as it is."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _make(path: Path) -> None:
    # Written beside and linked into place: no process ever reads half a file, and of two
    # processes that start together one wins and both use its key.
    text = base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode() + "\n"
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        _link(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _link(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:
        return


def _decoded(word: str) -> bytes | None:
    standard = word.translate(str.maketrans("-_", "+/")).rstrip("=")
    try:
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
