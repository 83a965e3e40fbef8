"""Programs that call the API, each with a credential of another kind."""

import pytest

from tests import api
from tests.api import Program
from tests.doors import Door
from tests.parties import Enrol
from tests.person import Person


@pytest.fixture
def own(enrol: Enrol, someone: Person) -> Program:
    """Return a program of somebody who is nobody special."""
    return api.of_person(enrol(scope=api.SCOPE), someone)


@pytest.fixture
def admin(enrol: Enrol, way_in: Door) -> Program:
    """Return a program of an administrator, who has signed in a moment ago."""
    return api.of_person(enrol(scope=api.SCOPE), api.administrator(way_in))


@pytest.fixture
def service(way_in: Door, signing_keys: None) -> Program:
    """Return a program with an API key."""
    return api.with_key(way_in, "users:read", "users:write")
