"""OIDC Core §3.1.2.1 — prompt: what the person is asked, and what they are never asked."""

import time

import pytest
import time_machine

from tests.browser import Page
from tests.doors import Response
from tests.person import Person
from tests.rp import Arrival, RelyingParty

pytestmark = pytest.mark.spec("OIDC Core §3.1.2.1")


def asks_for(response: Response) -> str:
    """Return what a page wants of the person."""
    page = Page(response)
    wants = {"login": "sign in", "password": "prove", "allow": "agree", "continue": "choose"}
    return next((word for name, word in wants.items() if page.form_with(name)), page.heading)


def auth_time(rp: RelyingParty, arrival: Arrival) -> int:
    return int(rp.claims(rp.redeem(arrival).json()["id_token"])["auth_time"])


def test_none_without_a_session_shows_nothing(rp: RelyingParty) -> None:
    assert rp.ask(prompt="none").outcome == "login_required"


def test_none_without_consent_shows_nothing(rp: RelyingParty, other_rp: RelyingParty) -> None:
    rp.tokens()
    assert other_rp.ask(prompt="none").outcome == "consent_required"


def test_none_with_more_scopes_than_agreed_shows_nothing(rp: RelyingParty) -> None:
    rp.tokens(scope="openid")
    assert rp.ask(prompt="none", scope="openid email").outcome == "consent_required"


def test_none_with_session_and_consent_issues_a_code(rp: RelyingParty) -> None:
    rp.tokens()
    arrival = rp.ask(prompt="none")
    assert arrival.outcome == "code"
    assert rp.redeem(arrival).status_code == 200


def test_none_after_signing_out_shows_nothing(rp: RelyingParty, someone: Person) -> None:
    rp.tokens()
    someone.sign_out()
    assert rp.ask(prompt="none").outcome == "login_required"


def test_login_asks_again_in_spite_of_a_session(rp: RelyingParty, someone: Person) -> None:
    before = auth_time(rp, rp.authorize())
    with time_machine.travel(time.time() + 5):
        asked = rp.asking(prompt="login")
        page = someone.browser.open(rp.url(asked))
        assert asks_for(page) == "prove"
        arrival = rp.arrival(asked, someone.answer(page))
        assert auth_time(rp, arrival) >= before + 5


def test_login_asks_again_within_the_same_second(rp: RelyingParty, someone: Person) -> None:
    with time_machine.travel(int(time.time()) + 1.0):
        rp.authorize()
        page = someone.browser.open(rp.url(rp.asking(prompt="login")))
        assert asks_for(page) == "prove"


def test_login_asks_again_every_time(rp: RelyingParty, someone: Person) -> None:
    for _ in range(2):
        rp.authorize(prompt="login")
    assert asks_for(someone.browser.open(rp.url(rp.asking(prompt="login")))) == "prove"


def test_login_is_not_skipped_by_a_wrong_password(rp: RelyingParty, someone: Person) -> None:
    rp.tokens()
    asked = rp.asking(prompt="login")
    page = someone.browser.open(rp.url(asked))
    someone.password, right = "Wrong-Horse7battery", someone.password
    page = someone.prove(page)
    assert (page.status_code, asks_for(page)) == (200, "prove")
    assert asks_for(someone.browser.open(rp.url(asked))) == "prove"
    someone.password = right
    assert rp.arrival(asked, someone.answer(page)).outcome == "code"


def test_login_without_a_session_asks_once(rp: RelyingParty, someone: Person) -> None:
    asked = rp.asking(prompt="login")
    page = someone.sign_in(someone.browser.open(rp.url(asked)))
    assert asks_for(page) == "agree"
    assert rp.arrival(asked, someone.decide(page, "allow")).outcome == "code"


def test_consent_asks_again_though_it_is_remembered(rp: RelyingParty, someone: Person) -> None:
    rp.tokens()
    asked = rp.asking(prompt="consent")
    page = someone.browser.open(rp.url(asked))
    assert asks_for(page) == "agree"
    assert rp.arrival(asked, someone.decide(page, "allow")).outcome == "code"
    assert rp.ask(prompt="none").outcome == "code"


def test_consent_may_be_refused_though_it_was_given(rp: RelyingParty) -> None:
    rp.tokens()
    assert rp.authorize(decision="deny", prompt="consent").outcome == "access_denied"


def test_login_and_consent_ask_for_both(rp: RelyingParty, someone: Person) -> None:
    rp.tokens()
    page = someone.browser.open(rp.url(rp.asking(prompt="consent login")))
    assert asks_for(page) == "prove"
    page = someone.prove(page)
    assert asks_for(page) == "agree"


@pytest.mark.parametrize("prompt", ["select_account", "select_account consent"])
def test_select_account_asks_which(rp: RelyingParty, someone: Person, prompt: str) -> None:
    rp.tokens()
    asked = rp.asking(prompt=prompt)
    page = someone.browser.open(rp.url(asked))
    assert asks_for(page) == "choose"
    assert someone.email in page.text
    assert rp.arrival(asked, someone.answer(page)).outcome == "code"


def test_select_account_lets_somebody_else_in(
    rp: RelyingParty, someone: Person, somebody_else: Person
) -> None:
    rp.tokens()
    asked = rp.asking(prompt="select_account")
    page = someone.decide(someone.browser.open(rp.url(asked)), "other")
    assert asks_for(page) == "sign in"
    somebody_else.browser = someone.browser
    arrival = rp.arrival(asked, somebody_else.answer(page))
    claims = rp.claims(rp.redeem(arrival).json()["id_token"])
    assert claims["sub"] == somebody_else.subject


def test_select_account_without_a_session_is_a_sign_in(rp: RelyingParty, someone: Person) -> None:
    asked = rp.asking(prompt="select_account")
    page = someone.browser.open(rp.url(asked))
    assert asks_for(page) == "sign in"
    assert asks_for(someone.sign_in(page)) == "agree"


def test_every_prompt_is_advertised(rp: RelyingParty) -> None:
    assert set(rp.metadata["prompt_values_supported"]) == {
        "none",
        "login",
        "consent",
        "select_account",
        "create",
    }
