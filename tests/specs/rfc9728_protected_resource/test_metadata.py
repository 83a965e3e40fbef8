"""Who knows the API alone finds who issues tokens for it, from its refusal on."""

import re

import pytest

from config import environment
from tests import api
from tests.api import Program
from tests.doors import Door

pytestmark = pytest.mark.spec("RFC 9728 §3")


def test_a_refusal_names_the_document_and_that_the_issuer(way_in: Door) -> None:
    answer = Program(door=way_in).get()
    assert answer.status_code == 401
    challenge = answer.headers["WWW-Authenticate"] or ""
    assert "error=" not in challenge
    found = re.search(r'resource_metadata="([^"]+)"', challenge)
    assert found
    document = way_in.get(found[1])
    assert document.status_code == 200
    issuer = environment.current().issuer
    assert document.json() == {
        "resource": f"{issuer}/api",
        "resource_name": "User API",
        "authorization_servers": [issuer],
        "scopes_supported": ["users:read", "users:write", "users:admin"],
        "bearer_methods_supported": ["header"],
    }
    assert document.headers["Access-Control-Allow-Origin"] is None
    read = way_in.get(found[1], headers={"Origin": "https://spa.example"})
    assert read.headers["Access-Control-Allow-Origin"] == "*"


def test_it_is_also_found_without_the_path(way_in: Door) -> None:
    whole = way_in.get(f"{environment.current().issuer}/.well-known/oauth-protected-resource")
    assert whole.json()["resource"].endswith("/api")


def test_the_scopes_are_those_of_the_server(way_in: Door) -> None:
    issuer = environment.current().issuer
    metadata = way_in.get(f"{issuer}/.well-known/openid-configuration").json()
    assert {"users:read", "users:write", "users:admin"} <= set(metadata["scopes_supported"])
    assert api.SCOPE.split()[0] in metadata["scopes_supported"]
