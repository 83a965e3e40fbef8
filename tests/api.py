"""A program that calls the API: with a token that the server issued, or with a key."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from accounts import api_keys, people
from config import environment
from tests import person
from tests.doors import Door, Response
from tests.parties import Enrol
from tests.person import Person
from tests.rp import RelyingParty

PROBLEM = "application/problem+json"
SCOPE = "openid users:read users:write users:admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """Somebody's program. `headers` are its credential."""

    door: Door
    headers: dict[str, str] = field(default_factory=dict)
    person: Person | None = None

    def call(
        self,
        method: str,
        path: str = "",
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Response:
        """Send a request below /api/v1/users; what is no bytes goes as JSON."""
        raw = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        kind = {"Content-Type": "application/json"} if body is not None else {}
        url = f"{environment.current().issuer}/api/v1/users{path}"
        whole = {**kind, **self.headers, **(headers or {})}
        return self.door.send(method, url, body=raw, headers=whole, **more)

    def get(self, path: str = "", **more: Any) -> Response:
        """Send a GET."""
        return self.call("GET", path, **more)

    def post(self, body: Any, path: str = "", **more: Any) -> Response:
        """Send a POST."""
        return self.call("POST", path, body, **more)

    def patch(self, path: str, body: Any, **more: Any) -> Response:
        """Send a PATCH."""
        return self.call("PATCH", path, body, **more)

    def delete(self, path: str, **more: Any) -> Response:
        """Send a DELETE."""
        return self.call("DELETE", path, **more)


def with_token(door: Door, token: str, who: Person | None = None) -> Program:
    """Return a program that shows this token."""
    return Program(door=door, headers={"Authorization": f"Bearer {token}"}, person=who)


def of_person(rp: RelyingParty, who: Person, scope: str = SCOPE) -> Program:
    """Return a program that acts for a person, who agreed to it a moment ago."""
    token = rp.tokens(who, scope=scope)["access_token"]
    return with_token(rp.door, token, who)


def with_key(door: Door, *scopes: str) -> Program:
    """Return a program that shows an API key of its own."""
    _id, key = api_keys.make(f"service-{secrets.token_hex(6)}", scopes)
    return Program(door=door, headers={"X-API-Key": key})


def administrator(door: Door) -> Person:
    """Return an administrator."""
    return person.registered(door, is_staff=True)


def new_user(**changes: Any) -> dict[str, Any]:
    """Return what a new account may look like, changed; None leaves a member out."""
    usual = {
        "email": person.address(),
        "password": person.PASSWORD,
        "name": "Grace Brewster Hopper",
        "age": 85,
    }
    return {name: value for name, value in (usual | changes).items() if value is not None}


def codes(answer: Response) -> dict[str, list[str]]:
    """Return the codes of a problem's errors by field; it must be a problem."""
    assert answer.headers["Content-Type"] == PROBLEM, answer.text
    document = answer.json()
    assert document["success"] is False
    assert document["status"] == answer.status_code
    assert document["message"] == document["detail"]
    found: dict[str, list[str]] = {}
    for fault in document["errors"]:
        assert set(fault) == {"field", "message", "code", "pointer"}
        found.setdefault(fault["field"], []).append(fault["code"])
    return found


def row(subject: str) -> Any:
    """Return a person's row as it is now."""
    return people.find(subject)


@pytest.fixture
def own(enrol: Enrol, someone: Person) -> Program:
    """Return a program of somebody who is nobody special."""
    return of_person(enrol(scope=SCOPE), someone)


@pytest.fixture
def admin(enrol: Enrol, way_in: Door) -> Program:
    """Return a program of an administrator, who has signed in a moment ago."""
    return of_person(enrol(scope=SCOPE), administrator(way_in))


@pytest.fixture
def service(way_in: Door, signing_keys: None) -> Program:
    """Return a program with an API key."""
    return with_key(way_in, "users:read", "users:write")
