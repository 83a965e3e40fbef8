"""A device that keeps passkeys, and the browser that asks it: client data and signatures by hand.

What a page asks for is read off the page; every part of the answer can be told otherwise.
"""

import hashlib
import html
import json
import os
import re
import struct
from dataclasses import dataclass, field
from typing import Any, Protocol

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fido2 import cbor

from config import environment
from tests.browser import Form, Page
from tests.doors import Response
from tokens import encoding

PRESENT, VERIFIED, CAN_SYNC, SYNCED, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40
USUAL = PRESENT | VERIFIED
_OPTIONS = re.compile(r'data-passkey="(\w+)" data-options="([^"]*)"')


class Signer(Protocol):
    """A key pair, and its public half in COSE (RFC 9052 §7)."""

    cose: dict[int, Any]

    def sign(self, message: bytes) -> bytes:
        """Sign a message."""


class Es256:
    """What most devices make; `secret` is its private half, by which it can be made again."""

    def __init__(self, secret: bytes = b"") -> None:
        curve = ec.SECP256R1()
        known = int.from_bytes(secret, "big")
        self._key = (
            ec.derive_private_key(known, curve) if secret else ec.generate_private_key(curve)
        )
        self.secret = self._key.private_numbers().private_value.to_bytes(32, "big")
        numbers = self._key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        self.cose: dict[int, Any] = {1: 2, 3: -7, -1: 1, -2: x, -3: y}

    def sign(self, message: bytes) -> bytes:
        """Sign a message."""
        return self._key.sign(message, ec.ECDSA(hashes.SHA256()))


class Ed25519:
    """Some security keys."""

    def __init__(self) -> None:
        self._key = ed25519.Ed25519PrivateKey.generate()
        x = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.cose: dict[int, Any] = {1: 1, 3: -8, -1: 6, -2: x}

    def sign(self, message: bytes) -> bytes:
        """Sign a message."""
        return self._key.sign(message)


class Rs256:
    """Older computers."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(65537, 2048)
        n = self._key.public_key().public_numbers().n
        self.cose: dict[int, Any] = {1: 3, 3: -257, -1: n.to_bytes(256, "big"), -2: b"\1\0\1"}

    def sign(self, message: bytes) -> bytes:
        """Sign a message."""
        return self._key.sign(message, padding.PKCS1v15(), hashes.SHA256())


def options(page: Response, kind: str) -> dict[str, Any]:
    """Return what the button of this kind would call the browser with."""
    found = dict(_OPTIONS.findall(page.text))
    assert kind in found, f"no {kind} on {page.url}: {page.status_code} {Page(page).heading}"
    asked: dict[str, Any] = json.loads(html.unescape(found[kind]))
    return asked


def form(page: Response) -> Form:
    """Return the form that carries the answer."""
    found = Page(page).form_with("credential")
    assert found, f"no passkey asked for on {page.url}: {Page(page).heading}"
    return found


@dataclass(slots=True, kw_only=True)
class Authenticator:
    """One passkey on one device; `handle` is what it calls its owner."""

    key: Signer = field(default_factory=Es256)
    id: bytes = field(default_factory=lambda: os.urandom(32))
    aaguid: bytes = bytes(16)
    counter: int = 0
    handle: str | None = None

    @property
    def name(self) -> str:
        """Its id, as JSON has it."""
        return encoding.b64(self.id)

    def create(self, asked: dict[str, Any], **told: Any) -> str:
        """Return what a browser answers that was asked to make a passkey.

        `told` changes what is said: type, challenge, origin, rp_id, flags, more (client data).
        """
        self.handle = asked["user"]["id"]
        credential = self.aaguid + struct.pack(">H", len(self.id)) + self.id
        told = {"type": "webauthn.create", "flags": USUAL | ATTESTED, **told}
        data = self._data(asked["rp"]["id"], told) + credential + cbor.encode(self.key.cose)
        attestation = {"fmt": "none", "attStmt": {}, "authData": told.get("data", data)}
        return self._answer(
            clientDataJSON=_client_data(asked, told),
            attestationObject=cbor.encode(attestation),
            transports=told.get("transports", ["internal", "hybrid"]),
        )

    def get(self, asked: dict[str, Any], **told: Any) -> str:
        """Return what a browser answers that was asked for a passkey; `told` as in `create`."""
        told = {"type": "webauthn.get", "flags": USUAL, **told}
        data, client_data = self._data(asked["rpId"], told), _client_data(asked, told)
        handle = told.get("handle", self.handle)
        return self._answer(
            clientDataJSON=client_data,
            authenticatorData=data,
            signature=told.get("key", self.key).sign(data + hashlib.sha256(client_data).digest()),
            userHandle=handle,
        )

    def _data(self, rp_id: str, told: dict[str, Any]) -> bytes:
        rp = hashlib.sha256(told.get("rp_id", rp_id).encode()).digest()
        return rp + struct.pack(">BI", told["flags"], told.get("counter", self.counter))

    def _answer(self, **response: Any) -> str:
        parts = {
            name: encoding.b64(value) if isinstance(value, bytes) else value
            for name, value in response.items()
        }
        return json.dumps({"id": self.name, "response": parts})


def _client_data(asked: dict[str, Any], told: dict[str, Any]) -> bytes:
    said = {
        "type": told["type"],
        "challenge": told.get("challenge", asked["challenge"]),
        "origin": told.get("origin", environment.current().issuer_origin),
        "crossOrigin": False,
        **told.get("more", {}),
    }
    return json.dumps(said).encode()
