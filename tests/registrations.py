"""Clients that register themselves: whoever knows nothing but the discovery document."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from config import environment, policy
from config.policy import Registration, RegistrationMode
from tests import credentials, peers, person
from tests.doors import Door, Response
from tests.parties import CALLBACK
from tests.rp import RelyingParty

JSON = {"Content-Type": "application/json"}
WEB: dict[str, Any] = {"redirect_uris": [CALLBACK]}
OPEN = Registration(mode=RegistrationMode.OPEN, per_address=100_000, max_unused=1_000_000)


def permitting(**changes: Any) -> Registration:
    """Return an open registration with other rules."""
    values = {name: getattr(OPEN, name) for name in Registration.__slots__}
    return Registration(**{**values, **changes})


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """Somebody who registers clients."""

    door: Door

    @property
    def address(self) -> str:
        """Where clients are registered."""
        return f"{environment.current().issuer}/oauth2/register"

    def send(self, document: Any = None, *, token: str = "", **changes: Any) -> Response:
        """Post metadata (a good web client's, changed), or `document` as it is."""
        body = document if document is not None else {**WEB, **changes}
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.door.send("POST", self.address, headers={**JSON, **bearer(token)}, body=raw)

    def register(self, *, token: str = "", **changes: Any) -> dict[str, Any]:
        """Register a client; it must succeed. Return what it was told."""
        answer = self.send(token=token, **changes)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def manage(
        self, method: str, told: dict[str, Any], document: Any = None, *, token: str | None = None
    ) -> Response:
        """Speak to a client's own configuration; by default with its token."""
        known = told["registration_access_token"] if token is None else token
        raw = b"" if document is None else json.dumps(document).encode()
        headers = {**JSON, **bearer(known)}
        return self.door.send(method, told["registration_client_uri"], headers=headers, body=raw)

    def put(self, told: dict[str, Any], **changes: Any) -> Response:
        """Replace a client's metadata by its own, changed; None takes a member away."""
        whole = {"client_id": told["client_id"], **WEB, **changes}
        return self.manage("PUT", told, {k: v for k, v in whole.items() if v is not None})

    def party(self, told: dict[str, Any], **more: Any) -> RelyingParty:
        """Return the client at work, with a person who uses it."""
        made = credentials.made(told, told["client_id"], told.get("client_secret"))
        return RelyingParty(
            door=self.door,
            issuer=environment.current().issuer,
            credentials=made,
            redirect_uri=told["redirect_uris"][0],
            person=person.registered(self.door),
            **more,
        )


def bearer(token: str) -> dict[str, str]:
    """Return the header that presents a token, if there is one."""
    return {"Authorization": f"Bearer {token}"} if token else {}


@pytest.fixture
def newcomer(signing_keys: None, way_in: Door) -> Iterator[Newcomer]:
    """Return somebody with an address nobody else has, while registration is open."""
    peer = peers.somewhere()
    with policy.replaced(registration=OPEN):
        yield Newcomer(door=Door(name=way_in.name, peer=peer))
