"""RFC 8452 — sealed handles: opaque tokens that carry their own record.

`prefix_` + base64url(key id ‖ nonce ‖ AES-GCM-SIV(record)), with prefix and key id as associated
data. Opening needs no I/O and costs the same whatever is wrong; a handle of one purpose is garbage
to every other. The fixed prefixes let secret scanners find a leaked one.
"""

import dataclasses
import functools
import hashlib
import json
import os
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from config import environment
from tokens import derivation, encoding
from tokens.records import Code, DeviceSecret, Interaction, Refresh

T = TypeVar("T")
_KEY_ID: Final = 4
_NONCE: Final = 12
_LEAST: Final = _KEY_ID + _NONCE + 16
_MOST: Final = 262_144
_FORGED: Final = bytes(_LEAST + 64)


@dataclass(frozen=True, slots=True)
class Purpose(Generic[T]):
    """What a handle is for: its prefix, and the record it seals (a dataclass or JSON)."""

    prefix: str
    record: type[T]
    fields: tuple[str, ...] = ()
    is_deterministic: bool = False


def _names(record: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(record))


CODE = Purpose("as_ac", Code, _names(Code))
REFRESH = Purpose("as_rt", Refresh, _names(Refresh), is_deterministic=True)
ACCESS: Purpose[dict[str, Any]] = Purpose("as_at", dict)
INTERACTION = Purpose("as_ix", Interaction, _names(Interaction))
DEVICE_SECRET = Purpose("as_ds", DeviceSecret, _names(DeviceSecret), is_deterministic=True)
SESSION: Purpose[dict[str, Any]] = Purpose("as_se", dict)
PENDING: Purpose[dict[str, Any]] = Purpose("as_pd", dict)
CURSOR: Purpose[dict[str, Any]] = Purpose("as_cu", dict)
REMEMBERED: Purpose[dict[str, Any]] = Purpose("as_kn", dict)
PASSKEY: Purpose[dict[str, Any]] = Purpose("as_pk", dict)
MAILED: Purpose[dict[str, Any]] = Purpose("as_ml", dict)


def seal(purpose: Purpose[T], record: T) -> str:
    """Return the record as a handle under the sealing root key."""
    value = [getattr(record, name) for name in purpose.fields] or record
    plain = encoding.json(value)
    nonce = (
        hashlib.sha256(plain).digest()[:_NONCE] if purpose.is_deterministic else os.urandom(_NONCE)
    )
    key_id, cipher = _ciphers(purpose.prefix)[0]
    sealed = cipher.encrypt(nonce, plain, purpose.prefix.encode() + key_id)
    return f"{purpose.prefix}_{encoding.b64(key_id + nonce + sealed)}"


def open(purpose: Purpose[T], text: str) -> T | None:
    """Return what a handle of this purpose says, or None; its age is not judged."""
    data = _decoded(purpose, text)
    key_id = data[:_KEY_ID]
    known = dict(_ciphers(purpose.prefix))
    cipher = known.get(key_id) or next(iter(known.values()))
    try:
        plain = cipher.decrypt(
            data[_KEY_ID : _KEY_ID + _NONCE],
            data[_KEY_ID + _NONCE :],
            purpose.prefix.encode() + key_id,
        )
    except InvalidTag:
        return None
    return _record(purpose, json.loads(plain))


def is_from_elsewhere(purpose: Purpose[T], text: str) -> bool:
    """Tell whether a well-formed handle names a root key that this process does not hold.

    From an authenticated client that is an operator's mistake (a key that seals before it opens
    everywhere), not a bad token.
    """
    data = _decoded(purpose, text)
    known = {key_id for key_id, _ in _ciphers(purpose.prefix)}
    return data is not _FORGED and data[:_KEY_ID] not in known


def _decoded(purpose: Purpose[Any], text: str) -> bytes:
    prefix, body = text[: len(purpose.prefix) + 1], text[len(purpose.prefix) + 1 :]
    if prefix != f"{purpose.prefix}_" or len(body) > _MOST:
        return _FORGED
    data = encoding.unb64(body)
    return _FORGED if data is None or len(data) < _LEAST else data


def _record(purpose: Purpose[T], fields: Any) -> T:
    if not purpose.fields:
        return fields  # type: ignore[no-any-return]
    values = (tuple(value) if isinstance(value, list) else value for value in fields)
    return purpose.record(**dict(zip(purpose.fields, values, strict=False)))


def _ciphers(prefix: str) -> tuple[tuple[bytes, AESGCMSIV], ...]:
    here = environment.current()
    return _ring(prefix, here.root_keys, here.instance_epoch)


@functools.cache
def _ring(prefix: str, _roots: Any, epoch: int) -> tuple[tuple[bytes, AESGCMSIV], ...]:
    keys = derivation.keys(f"handle {prefix} {epoch}")
    return tuple((key_id, AESGCMSIV(key)) for key_id, key in keys)
