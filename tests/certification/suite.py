"""The conformance suite's way of being a client: it registers itself, and knows no PKCE.

What the server needs for that is read from where an operator reads it: docs/conformance.md.
"""

import json
import re
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from accounts import importing, people
from authserver import importing as client_importing
from config import environment, policy_file
from config.policy import Policy
from tests import credentials, registrations, tree
from tests.credentials import ASSERTION, Proof
from tests.doors import Door, Response
from tests.person import Person
from tests.person import browser as new_browser
from tests.rp import RelyingParty

PAGE: Final = "docs/conformance.md"
CALLBACK: Final = "https://suite.example/test/a/authserver/callback"
SCOPE: Final = "openid"
GRANTS: Final = {
    "code": ["authorization_code"],
    "id_token": ["implicit"],
    "id_token token": ["implicit"],
    "code id_token": ["authorization_code", "implicit"],
}


def example(name: str) -> str:
    """Return the block of the page that is fenced under a file's name."""
    text = (tree.ROOT / PAGE).read_text(encoding="utf-8")
    found = re.search(rf"^ *```\w+ {re.escape(name)}\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    assert found, f"{PAGE} has no {name}"
    return found[1]


def permissions(folder: Path) -> Policy:
    """Return the policy that the page tells an operator to set."""
    path = folder / "policy.toml"
    path.write_text(example("policy.toml"), encoding="utf-8")
    permitted, faults = policy_file.read(path)
    assert faults == []
    return permitted


def somebody(door: Door) -> Person:
    """Return the page's person, about whom everything is known, in a browser of their own."""
    (record,) = json.loads(example("people.json"))
    assert importing.problems([record]) == []
    if people.find_by_email(record["email"]) is None:
        importing.bring_in([record])
    return Person(
        browser=new_browser(door),
        email=record["email"],
        password=record["password"],
        name=record["name"],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """An RSA key of the suite's."""

    private: RSAPrivateKey
    kid: str | None
    """Only keys that the server fetches have a name."""

    @property
    def jwks(self) -> dict[str, Any]:
        """The public half."""
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {"keys": [{**public, "use": "sig", "alg": "RS256", **self._named}]}

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return claims signed with RS256, the header saying nothing else of them."""
        headers = {"typ": None, **self._named}
        return jwt.encode(dict(claims), self.private, algorithm="RS256", headers=headers)

    @property
    def _named(self) -> dict[str, str]:
        return {"kid": self.kid} if self.kid else {}


def key_pair(*, named: bool = False) -> KeyPair:
    """Return a new key."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return KeyPair(private=private, kid=secrets.token_hex(8) if named else None)


@dataclass(slots=True, kw_only=True)
class Assertion:
    """private_key_jwt for the token endpoint's address, good for a minute."""

    client_id: str
    key: KeyPair
    audience: str

    def proof(self, audience: str) -> Proof:
        """Sign an assertion; whom it is for the suite decides by itself."""
        now = int(time.time())
        who = {"iss": self.client_id, "sub": self.client_id, "aud": self.audience}
        when = {"nbf": now, "iat": now, "exp": now + 60, "jti": secrets.token_urlsafe(15)}
        return {}, {
            "client_assertion_type": ASSERTION,
            "client_assertion": self.key.sign({**who, **when}),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """The suite, at one of the server's doors."""

    door: Door
    person: Person

    def send(self, **members: Any) -> Response:
        """Register a client as every module begins; a member given as None is left out."""
        usual = {
            "client_name": "Conformance suite",
            "grant_types": ["authorization_code"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "client_secret_basic",
            "redirect_uris": [CALLBACK],
            "contacts": ["certification@suite.example"],
        }
        whole = {n: v for n, v in {**usual, **members}.items() if v is not None}
        return registrations.Newcomer(door=self.door).send(whole)

    def register(self, **members: Any) -> dict[str, Any]:
        """Do so, and have it succeed."""
        answer = self.send(**members)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def client(
        self, kind: str = "code", *, key: KeyPair | None = None, **members: Any
    ) -> RelyingParty:
        """Return a registered client for one response type; with a key, it proves itself by it."""
        whole = {"response_types": [kind], "grant_types": GRANTS[kind], **members}
        if key is not None:
            whole["token_endpoint_auth_method"] = "private_key_jwt"
            if "jwks_uri" not in members:
                whole["jwks"] = key.jwks
        told = self.register(**whole)
        party = RelyingParty(
            door=self.door,
            issuer=environment.current().issuer,
            credentials=credentials.Nothing(client_id=told["client_id"]),
            redirect_uri=told["redirect_uris"][0],
            person=self.person,
        )
        if key is None:
            party.credentials = credentials.made(told, told["client_id"], told.get("client_secret"))
        else:
            party.credentials = Assertion(
                client_id=told["client_id"], key=key, audience=party.address("token")
            )
        return party


def asked(kind: str = "code", **changes: Any) -> dict[str, Any]:
    """Return how a module changes a usual request: no challenge, and `openid` alone."""
    usual = {"code_challenge": None, "code_challenge_method": None, "scope": SCOPE}
    return {"response_type": kind, **usual, **changes}


def import_problems(listed: list[dict[str, Any]]) -> list[Any]:
    """Return what the server would not import."""
    return list(client_importing.read(listed)[1])


@contextmanager
def let_through(origin: str) -> Iterator[None]:
    """Let the server ask an address of the suite's, though it is a private one."""
    host = urlsplit(origin).netloc
    with environment.replaced(allowed_private_hosts=frozenset({host})):
        yield
