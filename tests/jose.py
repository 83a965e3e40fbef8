"""Keys, signatures and encryption as a client has them, by another library than the server's.

The server signs with PyJWT; here everything is joserfc, so a mistake is not made twice.
"""

import base64
import json
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from joserfc import jwe, jws, jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

ALGORITHMS: Final = ("RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
Key = RSAKey | ECKey | OKPKey


def private_key(kind: str) -> Key:
    """Return a new private key for an algorithm, or of a curve."""
    match kind:
        case "RS256" | "PS256" | "RSA-OAEP-256":
            return RSAKey.generate_key(2048)
        case "EdDSA" | "Ed25519":
            return OKPKey.generate_key("Ed25519")
        case "X25519":
            return OKPKey.generate_key("X25519")
        case _:
            curves = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521", "ECDH-ES": "P-256"}
            return ECKey.generate_key(curves.get(kind, kind))


def public_jwk(key: Key, **more: Any) -> dict[str, Any]:
    """Return the public half, as it is registered or published."""
    return {**key.as_dict(private=False), **more}


def jwks_of(keys: Mapping[str, Key], **more: Any) -> dict[str, Any]:
    """Return a key set, every key under its name."""
    return {"keys": [public_jwk(key, kid=kid, **more) for kid, key in keys.items()]}


def signed(claims: Mapping[str, Any], key: Key, alg: str, **header: Any) -> str:
    """Return a compact JWS; a header member given as None is left out."""
    head = {"alg": alg, "typ": "JWT", **header}
    whole = {name: value for name, value in head.items() if value is not None}
    registry = jws.JWSRegistry(algorithms=[alg], strict_check_header=False)
    with _quiet():
        return jws.serialize_compact(whole, json.dumps(claims), key, registry=registry)


def segment(value: object) -> str:
    """Return any JSON as a part of a compact token, however wrong it is there."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A token whose signature was checked, or whose encryption was opened."""

    header: dict[str, Any]
    text: str

    @property
    def claims(self) -> dict[str, Any]:
        """What it says."""
        return dict(json.loads(self.text))


def verified(text: str, jwks: Mapping[str, Any], alg: str) -> Read:
    """Return a JWS that one key of a set verifies under this algorithm and no other."""
    with _quiet():
        keys = KeySet.import_key_set({"keys": list(jwks["keys"])})
        read = jws.deserialize_compact(text, keys, algorithms=[alg])
        assert jwt.decode(text, keys, algorithms=[alg]).claims == json.loads(read.payload or b"")
    return Read(header=dict(read.headers()), text=(read.payload or b"").decode())


def opened(text: str, key: Key, alg: str, enc: str) -> Read:
    """Return what a JWE holds, encrypted with this pair of algorithms and no other."""
    read = jwe.decrypt_compact(text, key, algorithms=[alg, enc])
    return Read(header=dict(read.headers()), text=(read.plaintext or b"").decode())


@contextmanager
def _quiet() -> Iterator[None]:
    """Let joserfc say in vain that EdDSA has a newer name: both are what is tested."""
    with warnings.catch_warnings(action="ignore", category=SecurityWarning):
        yield
