"""Passkey Endpoints §2 — password managers find where a passkey is added, and looked after."""

import pytest

from config import environment
from tests.authenticator import options
from tests.browser import Page
from tests.doors import Door
from tests.person import Person

pytestmark = pytest.mark.spec("Passkey Endpoints §2")
PLACE = "/.well-known/passkey-endpoints"


def test_they_lead_to_the_pages(way_in: Door, someone: Person) -> None:
    answer = way_in.get(PLACE, headers={"Origin": "https://manager.example"})
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    places = answer.json()
    assert sorted(places) == ["enroll", "manage"]
    page = someone.visit(places["enroll"])
    assert options(page, "create"), "signed in on the way"
    assert Page(someone.visit(places["manage"])).heading == "Your passkeys"


def test_an_address_has_none(way_in: Door, someone: Person) -> None:
    with environment.replaced(issuer="http://127.0.0.1:8000"):
        assert way_in.get(PLACE).status_code == 404
