"""OIDC Core §3.1.2.1 — max_age: how long ago the person may have signed in."""

import time

import pytest
import time_machine

from tests.browser import Page
from tests.person import Person
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("OIDC Core §3.1.2.1")


@pytest.mark.parametrize(("age", "max_age"), [(0, "3600"), (3590, "3600"), (86_000, None)])
def test_a_sign_in_young_enough_is_enough(rp: RelyingParty, age: int, max_age: str | None) -> None:
    rp.tokens()
    with time_machine.travel(time.time() + age):
        assert rp.ask(max_age=max_age).outcome == "code"


@pytest.mark.parametrize(("age", "max_age"), [(3602, "3600"), (3, "1"), (0, "0")])
def test_an_older_one_is_repeated(
    rp: RelyingParty, someone: Person, age: int, max_age: str
) -> None:
    rp.tokens()
    with time_machine.travel(time.time() + age):
        start = int(time.time())
        asked = rp.asking(max_age=max_age)
        page = someone.browser.open(rp.url(asked))
        assert Page(page).form_with("password")
        tokens = rp.redeem(rp.arrival(asked, someone.answer(page))).json()
        assert rp.claims(tokens["id_token"])["auth_time"] >= start


@pytest.mark.parametrize(("age", "max_age"), [(3602, "3600"), (0, "0")])
def test_with_prompt_none_it_is_an_error(rp: RelyingParty, age: int, max_age: str) -> None:
    rp.tokens()
    with time_machine.travel(time.time() + age):
        assert rp.ask(max_age=max_age, prompt="none").outcome == "login_required"


def test_the_first_sign_in_satisfies_it(rp: RelyingParty, someone: Person) -> None:
    asked = rp.asking(max_age="0")
    page = someone.sign_in(someone.browser.open(rp.url(asked)))
    assert rp.arrival(asked, someone.decide(page, "allow")).outcome == "code"


def test_it_holds_for_the_consent_page_too(rp: RelyingParty, someone: Person) -> None:
    """A consent page that lay open past max_age sends the person to prove themselves first."""
    rp.tokens(scope="openid")
    asked = rp.asking(max_age="600", scope="openid email")
    page = someone.browser.open(rp.url(asked))
    with time_machine.travel(time.time() + 900):
        page = someone.decide(page, "allow")
        assert Page(page).form_with("password")
        assert rp.arrival(asked, someone.answer(page)).outcome == "code"
