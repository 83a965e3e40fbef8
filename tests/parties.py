"""Who takes part in a black-box test: fresh clients and people, under names nobody else has."""

import secrets
from collections.abc import Callable
from typing import Any

import pytest

from authserver import models, registrar, resources
from config import environment
from tests import credentials, person
from tests.credentials import Key, KeyAssertion
from tests.doors import Door
from tests.person import Person
from tests.rp import RelyingParty
from tokens import keys, ring

CALLBACK = "https://app.example/cb"
LOOPBACK = "http://127.0.0.1/cb"
AddApi = Callable[..., str]
"""`add_api(**columns)`: register a resource; its identifier, which is also its scope's name."""
Enrol = Callable[..., RelyingParty]
"""`enrol(**metadata)`: register a client (RFC 7591 metadata over a confidential web client's);
`is_own` for one that registered itself."""

WEB: dict[str, Any] = {
    "redirect_uris": [CALLBACK],
    "grant_types": ["authorization_code", "refresh_token"],
    "scope": "openid profile email address phone offline_access",
}
MACHINE: dict[str, Any] = {"grant_types": ["client_credentials"], "redirect_uris": []}


@pytest.fixture(scope="session")
def signing_keys(database: None) -> None:
    """Give the server the keys that its start command makes."""
    keys.ensure()
    ring.forget()  # whoever looked before saw none


@pytest.fixture
def way_in(door: str) -> Door:
    """Return the door of this run."""
    return Door(name=door)


@pytest.fixture
def enrol(signing_keys: None, way_in: Door, someone: Person) -> Enrol:
    """Return what registers a client; `someone` uses it unless a call names another."""

    def enrol(*, is_own: bool = False, **metadata: Any) -> RelyingParty:
        whole = {"client_name": f"App {secrets.token_hex(4)}", **WEB, **metadata}
        key = Key() if whole.get("token_endpoint_auth_method") == "private_key_jwt" else None
        if key is not None and "jwks_uri" not in whole:
            whole.setdefault("jwks", key.jwks)
        made = registrar.register(whole, is_own=is_own)
        return RelyingParty(
            door=way_in,
            issuer=environment.current().issuer,
            credentials=(
                KeyAssertion(client_id=made.client_id, key=key)
                if key is not None
                else credentials.made(whole, made.client_id, made.secret)
            ),
            redirect_uri=next(iter(whole["redirect_uris"]), ""),
            person=someone,
        )

    return enrol


@pytest.fixture
def someone(way_in: Door) -> Person:
    """Return a person with an account."""
    return person.registered(way_in)


@pytest.fixture
def somebody_else(way_in: Door) -> Person:
    """Return another person with an account and a browser of their own."""
    return person.registered(way_in, name="Grace Other")


@pytest.fixture
def rp(enrol: Enrol) -> RelyingParty:
    """Return a confidential web client (client_secret_basic) with refresh tokens."""
    return enrol()


@pytest.fixture
def other_rp(enrol: Enrol) -> RelyingParty:
    """Return a second confidential web client with the same redirect URI."""
    return enrol()


@pytest.fixture
def public(enrol: Enrol) -> RelyingParty:
    """Return a public native client with a loopback redirect URI."""
    return enrol(
        token_endpoint_auth_method="none", application_type="native", redirect_uris=[LOOPBACK]
    )


@pytest.fixture
def machine(enrol: Enrol) -> RelyingParty:
    """Return a client that acts for itself."""
    return enrol(**MACHINE)


@pytest.fixture
def resource_server(enrol: Enrol) -> RelyingParty:
    """Return an API that may introspect every token."""
    return enrol(**MACHINE, may_introspect=True)


@pytest.fixture
def add_api(signing_keys: None) -> AddApi:
    """Return what registers a resource with one scope."""

    def add_api(**columns: Any) -> str:
        name = f"https://api.example/{secrets.token_hex(6)}"
        row = models.Resource.objects.create(identifier=name, name="An API", **columns)
        models.Scope.objects.create(name=name, resource=row, title="Use the API")
        resources.evict()
        return name

    return add_api
