"""An issuer that answers whatever a test wants: what the examples must not believe."""

import base64
import functools
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

Answer = Callable[[], Any]


@dataclass(slots=True, kw_only=True)
class Impostor:
    """A false issuer: its keys, its documents by path, and how often each was asked for."""

    issuer: str
    keys: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    authorization: str = ""

    def __post_init__(self) -> None:
        self.keys = {
            "rsa": _rsa_key(),
            "ec": ec.generate_private_key(ec.SECP256R1()),
        }
        endpoints = ("authorization", "token", "userinfo", "introspection", "revocation")
        metadata = {f"{name}_endpoint": f"{self.issuer}/{name}" for name in endpoints}
        metadata |= {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks"}
        self.answers["/.well-known/openid-configuration"] = lambda: metadata
        self.answers["/jwks"] = self.jwks

    def jwks(self) -> dict[str, Any]:
        """Return the public keys."""
        return {"keys": [_public(kid, key) for kid, key in self.keys.items()]}

    def sign(self, claims: dict[str, Any], *, kid: str, typ: str = "JWT") -> str:
        """Sign claims with one of the keys."""
        alg = "RS256" if isinstance(self.keys[kid], rsa.RSAPrivateKey) else "ES256"
        return jwt.encode(claims, self.keys[kid], algorithm=alg, headers={"kid": kid, "typ": typ})

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Return what tokens of every kind hold, changed; None leaves a claim out."""
        moment = int(time.time())
        usual = {"iss": self.issuer, "sub": "somebody", "iat": moment, "exp": moment + 300}
        return {name: value for name, value in (usual | changes).items() if value is not None}

    def forged(self, text: str, *, alg: str, kid: str) -> str:
        """Return a token unsigned, or with the public key taken for a secret (RFC 8725 §2.1)."""
        header = {**jwt.get_unverified_header(text), "alg": alg, "kid": kid}
        begun = f"{_b64(json.dumps(header).encode())}.{text.split('.')[1]}"
        if alg == "none":
            return f"{begun}."
        secret = json.dumps(_public(kid, self.keys[kid])).encode()
        return f"{begun}.{_b64(hmac.digest(secret, begun.encode(), hashlib.sha256))}"


@functools.cache
def _rsa_key() -> rsa.RSAPrivateKey:
    """Return the one RSA key of all impostors: making one takes long."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _public(kid: str, key: Any) -> dict[str, Any]:
    algorithm = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    return {**algorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig"}


@contextmanager
def running() -> Iterator[Impostor]:
    """Listen on loopback until the block ends."""

    class Call(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            impostor.asked.append(path)
            impostor.authorization = self.headers.get("Authorization", "")
            body = json.dumps(impostor.answers[path]()).encode()
            self.send_response(200)
            for name, text in {"Content-Type": "application/json", **impostor.headers}.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, format: str, *args: Any) -> None:
            """Stay quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Call) as server:
        impostor = Impostor(issuer=f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield impostor
        finally:
            server.shutdown()
