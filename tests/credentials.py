"""The five ways a client proves itself (RFC 6749 §2.3, RFC 7523 §2.2), as a client writes them."""

import base64
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote_plus

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from jwt.algorithms import ECAlgorithm

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
Proof = tuple[dict[str, str], dict[str, str]]
"""Headers and form parameters that prove a client."""


class Credentials(Protocol):
    """What a client proves itself with."""

    @property
    def client_id(self) -> str:
        """Whose they are."""

    def proof(self, audience: str) -> Proof:
        """Return headers and parameters for one request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """none: a public client names itself."""

    client_id: str

    def proof(self, audience: str) -> Proof:
        """Name the client."""
        return {}, {"client_id": self.client_id}


@dataclass(frozen=True, slots=True, kw_only=True)
class Basic:
    """client_secret_basic."""

    client_id: str
    secret: str

    def proof(self, audience: str) -> Proof:
        """Put both, form-encoded, into the header."""
        pair = f"{quote_plus(self.client_id)}:{quote_plus(self.secret)}"
        return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}, {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """client_secret_post."""

    client_id: str
    secret: str

    def proof(self, audience: str) -> Proof:
        """Put both into the body."""
        return {}, {"client_id": self.client_id, "client_secret": self.secret}


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key pair of a client."""

    private: EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    kid: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def pem(self) -> str:
        """The private half, as clients keep it."""
        return self.private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()

    @property
    def jwks(self) -> dict[str, Any]:
        """The public half, to be registered."""
        public = ECAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {"keys": [{**public, "kid": self.kid, "alg": "ES256", "use": "sig"}]}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyAssertion:
    """private_key_jwt."""

    client_id: str
    key: Key

    def proof(self, audience: str) -> Proof:
        """Sign an assertion with the private key."""
        claims = statement(self.client_id, audience)
        headers = {"kid": self.key.kid}
        return _asserted(jwt.encode(claims, self.key.private, algorithm="ES256", headers=headers))


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretAssertion:
    """client_secret_jwt."""

    client_id: str
    secret: str

    def proof(self, audience: str) -> Proof:
        """Sign an assertion with the secret."""
        claims = statement(self.client_id, audience)
        return _asserted(jwt.encode(claims, self.secret, algorithm="HS256"))


def statement(client_id: str, audience: str, **changes: Any) -> dict[str, Any]:
    """Return the claims of a good assertion, changed; None takes a claim away."""
    now = int(time.time())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "iat": now,
        "exp": now + 60,
        "jti": secrets.token_hex(16),
    }
    return {name: value for name, value in {**claims, **changes}.items() if value is not None}


def _asserted(text: str) -> Proof:
    return {}, {"client_assertion_type": ASSERTION, "client_assertion": text}


def made(metadata: Mapping[str, Any], client_id: str, secret: str | None) -> Credentials:
    """Return the credentials that fit a client's metadata; the secret is the one it was given."""
    match metadata.get("token_endpoint_auth_method", "client_secret_basic"):
        case "none":
            return Nothing(client_id=client_id)
        case "client_secret_basic":
            return Basic(client_id=client_id, secret=secret or "")
        case "client_secret_post":
            return Post(client_id=client_id, secret=secret or "")
        case "client_secret_jwt":
            return SecretAssertion(client_id=client_id, secret=secret or "")
    raise ValueError("A client with a key is made from the key it was registered with.")
