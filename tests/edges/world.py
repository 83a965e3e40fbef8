"""One way to ask both servers the same: clients of ours, or of the stock server."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from authserver import registrar
from config import environment
from tests import credentials, person
from tests.browser import Browser
from tests.credentials import Credentials, Key, KeyAssertion
from tests.doors import Door
from tests.edges import stock, stock_door
from tests.parties import CALLBACK
from tests.person import Person
from tests.rp import RelyingParty

Edge = Callable[["World"], None]
WEB: dict[str, Any] = {
    "redirect_uris": [CALLBACK],
    "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
    "scope": "openid profile email offline_access",
    "token_endpoint_auth_method": "client_secret_basic",
}
PUBLIC: dict[str, Any] = {
    "grant_types": ["authorization_code", "refresh_token"],
    "token_endpoint_auth_method": "none",
}


@dataclass(slots=True, kw_only=True)
class World:
    """A server, whichever it is."""

    door: Door
    ada: Person

    @property
    def is_stock(self) -> bool:
        """Whether this is the one we are compared with."""
        return self.door.name == stock_door.NAME

    def enrol(self, **changes: Any) -> RelyingParty:
        """Register a client, of the web and confidential unless it is said otherwise."""
        whole = {**WEB, **changes}
        key = Key() if whole["token_endpoint_auth_method"] == "private_key_jwt" else None
        if key:
            whole.setdefault("jwks", key.jwks)
        client_id, secret = self._registered(whole)
        proof: Credentials = (
            KeyAssertion(client_id=client_id, key=key)
            if key
            else credentials.made(whole, client_id, secret)
        )
        return RelyingParty(
            door=self.door,
            issuer=environment.current().issuer,
            credentials=proof,
            redirect_uri=whole["redirect_uris"][0],
            person=self.ada,
        )

    def _registered(self, whole: dict[str, Any]) -> tuple[str, str]:
        if self.is_stock:
            client_id, secret = secrets.token_hex(8), whole.get("client_secret", "s" * 43)
            stock.CLIENTS[client_id] = stock.Client(
                client_id=client_id, client_secret=secret, metadata=whole
            )
            return client_id, secret
        made = registrar.register(whole)
        return made.client_id, made.secret or whole.get("client_secret", "")


def ours() -> World:
    """Return a world with our server, where somebody has an account."""
    door = Door(name="front")
    return World(door=door, ada=person.registered(door))


def theirs() -> World:
    """Return a world with the stock server, where everybody is signed in and agrees."""
    door = Door(name=stock_door.NAME)
    browser = Browser(door, environment.current().issuer_origin)
    return World(door=door, ada=Person(browser=browser))
