"""Somebody with a passkey; pages are the same behind both doors, so the front one does."""

import pytest

from tests import person
from tests.authenticator import Authenticator
from tests.doors import Door
from tests.person import Person
from tests.specs.webauthn_passkeys import owner


@pytest.fixture
def way_in() -> Door:
    """Return the front door."""
    return Door(name="front")


@pytest.fixture
def device() -> Authenticator:
    """Return a device that has no passkey yet."""
    return Authenticator()


@pytest.fixture
def ada(way_in: Door, device: Authenticator) -> Person:
    """Return somebody who added a passkey elsewhere, and is not signed in in this browser."""
    ada = person.registered(way_in)
    owner.add(ada.elsewhere(), device, name="My phone")
    return ada
