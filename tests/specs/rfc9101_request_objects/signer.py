"""A client that signs its authorization requests, and one that leaves them at its own address."""

import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any

import jwt
from jwt.utils import base64url_encode

from tests.browser import Browser
from tests.credentials import Key
from tests.parties import Enrol
from tests.rp import Arrival, Asked, RelyingParty


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A relying party with a registered key."""

    rp: RelyingParty
    key: Key = field(default_factory=Key)

    def claims(self, asked: Asked, **changes: Any) -> dict[str, Any]:
        """Return what a good object says, changed; a claim given as None is left out."""
        now = int(time.time())
        own = {"iss": self.rp.client_id, "aud": self.rp.issuer, "iat": now, "exp": now + 300}
        whole = {**asked.parameters, **own, **changes}
        return {name: value for name, value in whole.items() if value is not None}

    def sign(
        self, claims: dict[str, Any], *, key: Any = None, alg: str = "ES256", **head: Any
    ) -> str:
        """Return the object as a JWT; None takes a member out of its header."""
        whole = {"typ": "oauth-authz-req+jwt", "kid": self.key.kid, **head}
        members = {name: value for name, value in whole.items() if value is not None}
        return jwt.encode(claims, key or self.key.private, algorithm=alg, headers=members)

    def sign_text(self, payload: str, header: str | None = None) -> str:
        """Return a JWS over the very texts given, signed with the client's key."""
        head = header or json.dumps({"alg": "ES256", "kid": self.key.kid})
        data = b".".join(base64url_encode(part.encode()) for part in (head, payload))
        signature = jwt.get_algorithm_by_name("ES256").sign(data, self.key.private)
        return (data + b"." + base64url_encode(signature)).decode()

    def hashed(self, claims: dict[str, Any], secret: str) -> str:
        """Return an HS256 JWS under whatever secret, as a library that knows no better makes it."""
        head, payload = ({"alg": "HS256", "kid": self.key.kid}, claims)
        data = b".".join(base64url_encode(json.dumps(part).encode()) for part in (head, payload))
        digest = hmac.digest(secret.encode(), data, "sha256")
        return (data + b"." + base64url_encode(digest)).decode()

    def send(self, text: str, asked: Asked | None = None, **beside: Any) -> Arrival:
        """Send an object and what stands beside it; `asked` is what must be answered."""
        outer = self.outer(request=text, **beside)
        return self.rp.arrival(asked or outer, self.browser.send("GET", self.rp.url(outer)))

    def outer(self, **beside: Any) -> Asked:
        """Return a request of the client's name and what stands beside it."""
        given = {"client_id": self.rp.client_id, **beside}
        parameters = {name: value for name, value in given.items() if value is not None}
        return Asked(parameters=parameters, verifier=None)

    @property
    def browser(self) -> Browser:
        """The browser of the client's user."""
        assert self.rp.person
        return self.rp.person.browser


def enrolled(enrol: Enrol, **metadata: Any) -> Signer:
    """Return a client that registered a key for its requests."""
    key = Key()
    return Signer(rp=enrol(jwks=key.jwks, **metadata), key=key)
