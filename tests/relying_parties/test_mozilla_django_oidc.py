"""mozilla-django-oidc: a Django site with its settings and nothing else."""

from collections.abc import Iterator

import pytest

from tests.relying_parties import visitor, world
from tests.relying_parties.visitor import Visitor
from tests.relying_parties.world import World

pytestmark = pytest.mark.leg("sqlite")
NOBODY = {"email": None}
SOMEBODY = {"email": world.EMAIL}


@pytest.fixture(scope="module")
def site(here: World) -> Iterator[str]:
    """Run the site."""
    with here.site("mozilla") as address:
        yield address


@pytest.fixture
def somebody(here: World, site: str) -> Visitor:
    """Return somebody who has never been there."""
    return visitor.at(site, here.person())


def sign_out(somebody: Visitor) -> None:
    """Press the site's sign-out button."""
    there = somebody.browser.send("POST", f"{somebody.site}/oidc/logout/")
    back = somebody.person.browser.open(there.location)
    assert back.location == f"{somebody.site}/"


def test_the_whole_journey(somebody: Visitor) -> None:
    assert somebody.read("") == NOBODY
    assert somebody.read("oidc/authenticate/") == SOMEBODY
    sign_out(somebody)
    assert somebody.read("") == NOBODY


def test_the_session_is_renewed_silently(somebody: Visitor) -> None:
    somebody.read("oidc/authenticate/")
    somebody.read("expire")
    visited = len(somebody.person.browser.visited)
    assert somebody.read("") == SOMEBODY
    assert len(somebody.person.browser.visited) == visited + 1, "the person saw no page"


def test_a_session_that_ended_here_is_not_renewed(somebody: Visitor) -> None:
    somebody.read("oidc/authenticate/")
    somebody.person.browser.jar.cookies.clear()
    somebody.read("expire")
    assert somebody.open("").status_code == 403
    assert somebody.read("") == NOBODY


def test_a_person_who_refuses(here: World, site: str) -> None:
    somebody = visitor.at(site, here.person(world.GRACE))  # nobody else of hers has agreed
    assert somebody.open("oidc/authenticate/", decision="deny").status_code == 403
    assert somebody.read("") == NOBODY
