"""WebAuthn §7 — whether what a browser answered proves that somebody holds a passkey.

Origins are compared whole, never by suffix; whoever holds the device must have been verified by
it. Attestation is not asked for, so nothing is said here about the make of a device.
"""

import hashlib
import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, TypeVar

from cryptography.exceptions import InvalidSignature
from fido2 import cbor
from fido2.cose import CoseKey
from fido2.webauthn import AttestationObject, AuthenticatorData

from accounts import ceremonies
from accounts.ceremonies import Ceremony
from config import environment
from tokens import encoding

T = TypeVar("T")
LONGEST_ID: Final = 1023  # bytes, §4
_TRANSPORTS: Final = frozenset({"ble", "hybrid", "internal", "nfc", "smart-card", "usb"})
_UNREADABLE: Final = (
    *(ValueError, KeyError, TypeError, IndexError, AttributeError, AssertionError),
    *(struct.error, RecursionError, OverflowError, NotImplementedError),
)


class Why(Enum):
    """What was wrong with an answer."""

    UNREADABLE = "unreadable"
    STALE = "stale"  # expired, used before, or made for another browser, person or purpose
    ELSEWHERE = "elsewhere"  # made on another origin
    UNVERIFIED = "unverified"  # the device did not verify who holds it
    UNSUPPORTED = "unsupported"  # a key that we cannot check
    UNKNOWN = "unknown"  # no such passkey, or not this person's
    FORGED = "forged"  # signed by another key, or the flags contradict each other
    COPIED = "copied"  # its counter went back
    TAKEN = "taken"  # it is registered already
    TOO_MANY = "too_many"


class RefusedError(ValueError):
    """An answer that proves nothing, and why; `subject` is whose passkey it was, where known."""

    def __init__(self, why: Why, *, subject: str = "") -> None:
        super().__init__(why.value)
        self.why = why
        self.subject = subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A new credential."""

    id: str
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]
    provider: str
    can_sync: bool
    is_synced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An answer to a challenge of ours whose signature is still to be checked.

    `subject` is whose passkey it says to be, '' when it does not say.
    """

    id: str
    subject: str
    sign_count: int
    can_sync: bool
    is_synced: bool
    signed: bytes
    signature: bytes


def made(text: str, ceremony: Ceremony) -> Made:
    """Return the credential that a browser made for us (§7.1); spends the challenge.

    Raises:
        RefusedError: with what was wrong.
    """
    response = _response(text)
    client_data = _bytes(response, "clientDataJSON")
    attestation = _read(lambda: AttestationObject(_bytes(response, "attestationObject")))
    _judge_client_data(client_data, "webauthn.create", ceremony)
    data = attestation.auth_data
    _judge_authenticator(data)
    credential = data.credential_data
    if credential is None or not 0 < len(credential.credential_id) <= LONGEST_ID:
        raise RefusedError(Why.UNREADABLE)
    public_key = _read(lambda: cbor.encode(dict(credential.public_key)))
    if not _is_checkable(public_key):
        raise RefusedError(Why.UNSUPPORTED)
    told = response.get("transports")
    transports = {one for one in told if isinstance(one, str)} if isinstance(told, list) else set()
    return Made(
        id=encoding.b64(credential.credential_id),
        public_key=public_key,
        sign_count=data.counter,
        transports=tuple(sorted(transports & _TRANSPORTS)),
        provider=str(credential.aaguid),
        can_sync=data.is_backup_eligible(),
        is_synced=data.is_backed_up(),
    )


def claim(text: str, ceremony: Ceremony) -> Claim:
    """Return what an answer says (§7.2); spends the challenge, right or wrong.

    Raises:
        RefusedError: with what was wrong.
    """
    response = _response(text)
    client_data = _bytes(response, "clientDataJSON")
    data = _read(lambda: AuthenticatorData(_bytes(response, "authenticatorData")))
    signature = _bytes(response, "signature")
    handle = _bytes(response, "userHandle") if response.get("userHandle") else b""
    _judge_client_data(client_data, "webauthn.get", ceremony)
    _judge_authenticator(data)
    return Claim(
        id=response["id"],
        subject=handle.decode("ascii", "replace"),
        sign_count=data.counter,
        can_sync=data.is_backup_eligible(),
        is_synced=data.is_backed_up(),
        signed=bytes(data) + hashlib.sha256(client_data).digest(),
        signature=signature,
    )


def is_signed(one: Claim, public_key: bytes) -> bool:
    """Tell whether this key signed the answer (§7.2)."""
    return _verifies(public_key, one.signed, one.signature) is True


def _judge_client_data(client_data: bytes, kind: str, ceremony: Ceremony) -> None:
    """Judge what the browser says (§5.8.1); the origin is ours to the last character."""
    said = encoding.members(client_data)
    if said is None or said.get("type") != kind or not isinstance(said.get("challenge"), str):
        raise RefusedError(Why.UNREADABLE)
    is_framed = said.get("crossOrigin", False) is not False or "topOrigin" in said
    if said.get("origin") != environment.current().issuer_origin or is_framed:
        raise RefusedError(Why.ELSEWHERE)
    if not ceremonies.spend(encoding.unb64(said["challenge"]) or b"", ceremony):
        raise RefusedError(Why.STALE)


def _judge_authenticator(data: AuthenticatorData) -> None:
    """Judge what the device says (§6.1)."""
    if data.rp_id_hash != hashlib.sha256(ceremonies.rp_id().encode()).digest():
        raise RefusedError(Why.ELSEWHERE)
    if not (data.is_user_present() and data.is_user_verified()):
        raise RefusedError(Why.UNVERIFIED)
    if data.is_backed_up() and not data.is_backup_eligible():
        raise RefusedError(Why.FORGED)


def _response(text: str) -> dict[str, Any]:
    """Return the `response` of a credential as JSON (§5.1), with its `id`."""
    whole = encoding.members(text.encode("utf-8", "replace")) or {}
    response, name = whole.get("response"), whole.get("id")
    if not isinstance(response, dict) or not isinstance(name, str) or not encoding.unb64(name):
        raise RefusedError(Why.UNREADABLE)
    return {**response, "id": name}


def _bytes(response: dict[str, Any], name: str) -> bytes:
    value = response.get(name)
    data = encoding.unb64(value) if isinstance(value, str) else None
    if data is None:
        raise RefusedError(Why.UNREADABLE)
    return data


def _read(parse: Callable[[], T]) -> T:
    """Parse what may be anything at all."""
    try:
        return parse()
    except RefusedError:
        raise
    except _UNREADABLE:
        raise RefusedError(Why.UNREADABLE) from None


def _is_checkable(public_key: bytes) -> bool:
    """Tell whether a key is of a kind that we asked for, and sound: it can say no."""
    is_asked_for = _key(public_key).get(3) in ceremonies.ALGORITHMS
    return is_asked_for and _verifies(public_key, b"", b"no signature") is False


def _verifies(public_key: bytes, signed: bytes, signature: bytes) -> bool | None:
    """Tell whether the signature is the key's; None when the key itself is no key."""
    try:
        _key(public_key).verify(signed, signature)
    except InvalidSignature:
        return False
    except _UNREADABLE:
        return None
    return True


def _key(public_key: bytes) -> CoseKey:
    held: Any = cbor.decode(public_key)
    return CoseKey.parse(held)
