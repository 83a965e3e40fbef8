"""Two providers elsewhere, and somebody who has an account at the first."""

from collections.abc import Iterator

import pytest

from tests import idp, person
from tests.doors import Door
from tests.idp import Idp
from tests.person import Person


@pytest.fixture
def way_in() -> Door:
    """Return the front door: pages are the same behind both."""
    return Door(name="front")


@pytest.fixture
def other() -> Idp:
    """Return a second provider; it runs beside `theirs`."""
    return Idp(name="other")


@pytest.fixture
def theirs(other: Idp) -> Iterator[Idp]:
    """Return a provider that knows somebody under a proven address."""
    one = Idp(name="theirs", email=person.address())
    with idp.running(one, other):
        yield one


@pytest.fixture
def newcomer(way_in: Door) -> Person:
    """Return somebody without an account here."""
    return Person(browser=person.browser(way_in))
