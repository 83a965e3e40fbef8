"""W3C Change Password URL §2 — password managers find the page."""

import pytest

from tests.browser import Page
from tests.doors import Door
from tests.person import Person

pytestmark = pytest.mark.spec("W3C Change Password URL §2")
PLACE = "/.well-known/change-password"


def test_it_leads_to_the_page(way_in: Door, someone: Person) -> None:
    answer = way_in.get(PLACE)
    assert answer.status_code == 302
    page = someone.browser.open(answer.location)
    assert Page(page).form_with("login"), "whoever is not signed in does so first"
    page = someone.sign_in(page)
    assert Page(page).form_with("oldpassword")


@pytest.mark.spec("W3C Change Password URL §3")
def test_what_does_not_exist_is_not_found(way_in: Door) -> None:
    name = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200"
    assert way_in.get(name).status_code == 404
