"""A client that publishes its keys, and the web server where it does."""

from collections.abc import Iterator

import pytest

from authserver import client_keys
from tests import jose, published
from tests.parties import MACHINE, Enrol
from tests.published import Site
from tests.rp import RelyingParty


@pytest.fixture
def keys() -> dict[str, jose.Key]:
    """Return the client's private keys by name."""
    return {"first": jose.private_key("ES256")}


@pytest.fixture
def site(keys: dict[str, jose.Key]) -> Iterator[Site]:
    """Return the client's web server, which publishes their public halves."""
    client_keys.forget()
    with published.site(jose.jwks_of(keys)) as here:
        yield here


@pytest.fixture
def app(enrol: Enrol, site: Site) -> RelyingParty:
    """Return a client that authenticates with what it publishes."""
    return enrol(**MACHINE, token_endpoint_auth_method="private_key_jwt", jwks_uri=site.url)
