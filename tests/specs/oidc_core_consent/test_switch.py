"""OIDC Core §3.1.2.4 — the consent page lets the person go on as somebody else."""

import pytest

from tests import person as people
from tests.browser import Page
from tests.person import Person
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("OIDC Core §3.1.2.4")


def test_the_consent_page_offers_another_account(rp: RelyingParty, someone: Person) -> None:
    other = people.registered(rp.door)
    asked = rp.asking()
    page = someone.sign_in(someone.browser.open(rp.url(asked)))
    page = someone.browser.open(Page(page).links["Use another account"])
    page = someone.decide(page, "other")
    someone.email, someone.subject = other.email, other.subject
    answer = someone.decide(someone.sign_in(page), "allow")
    arrival = rp.arrival(asked, answer)
    assert arrival.outcome == "code"
    tokens = rp.redeem(arrival).json()
    assert rp.userinfo(tokens["access_token"]).json()["sub"] == other.subject
