"""Authlib's Django client: a site written as its documentation shows it."""

from collections.abc import Iterator

import pytest

from tests.relying_parties import visitor, world
from tests.relying_parties.visitor import Visitor
from tests.relying_parties.world import World

pytestmark = pytest.mark.leg("sqlite")


@pytest.fixture(scope="module")
def site(here: World) -> Iterator[str]:
    """Run the site."""
    with here.site("authlib") as address:
        yield address


@pytest.fixture
def somebody(here: World, site: str) -> Visitor:
    """Return somebody who has never been there."""
    return visitor.at(site, here.person())


def test_the_whole_journey(here: World, somebody: Visitor) -> None:
    claims = somebody.read("login")["claims"]
    assert (claims["iss"], claims["aud"]) == (here.issuer, "rp-authlib")
    profile = somebody.read("profile")
    assert (profile["sub"], profile["email"]) == (claims["sub"], world.EMAIL)

    refreshed = somebody.read("again")
    assert (refreshed["claims"]["sub"], refreshed["is_new"]) == (claims["sub"], True)
    assert somebody.read("introspection")["active"] is True
    assert somebody.read("revocation") == {"status": 200}
    assert somebody.read("introspection") == {"active": False}

    assert somebody.read("leave") == {"left": True}
    refused = somebody.open("login?prompt=none")
    assert (refused.status_code, refused.json()) == (400, {"error": "login_required"})


def test_a_person_who_refuses(somebody: Visitor) -> None:
    refused = somebody.open("login?prompt=consent", decision="deny")
    assert (refused.status_code, refused.json()) == (400, {"error": "access_denied"})
