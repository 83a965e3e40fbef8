"""NIST SP 800-38D — secrets that must be readable again, sealed before they rest in a row.

Private signing keys, shared secrets of client_secret_jwt. AES-256-GCM under a key derived from the
root key ring; purpose and row are associated data, so a sealed value moved to another row does not
open.
"""

import os
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tokens import derivation

_VERSION = b"\x01"
_holders: list[Callable[[], int]] = []


class LockedError(RuntimeError):
    """A secret that everything depends on rests under a root key that is not here."""


def seal(purpose: str, row_id: str, data: bytes) -> bytes:
    """Return `data` sealed for one row."""
    key_id, key = derivation.keys("vault")[0]
    nonce = os.urandom(12)
    head = _VERSION + key_id
    return head + nonce + AESGCM(key).encrypt(nonce, data, _about(head, purpose, row_id))


def open(purpose: str, row_id: str, sealed: bytes) -> bytes | None:
    """Return what was sealed for this row, or None when it was not, or its root key is gone."""
    head, nonce, rest = sealed[:5], sealed[5:17], sealed[17:]
    key = dict(derivation.keys("vault")).get(head[1:])
    if key is None or head[:1] != _VERSION:
        return None
    try:
        return AESGCM(key).decrypt(nonce, rest, _about(head, purpose, row_id))
    except InvalidTag:
        return None


def holder(reseal: Callable[[], int]) -> None:
    """Name a function that seals its rows anew under the first root key and counts them."""
    _holders.append(reseal)


def reseal_all() -> int:
    """Seal everything that rests sealed under the first root key; return how much needed it."""
    return sum(reseal() for reseal in _holders)


def is_current(sealed: bytes) -> bool:
    """Tell whether a value is sealed under the first root key, so needs no new seal."""
    return sealed[1:5] == derivation.keys("vault")[0][0]


def _about(head: bytes, purpose: str, row_id: str) -> bytes:
    return head + f"{purpose}|{row_id}".encode()
