"""OIDC Core §3.1.2.1 — id_token_hint and login_hint: about whom the client is asking."""

import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
import time_machine

from tests.browser import Page
from tests.credentials import Key
from tests.person import Person
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("OIDC Core §3.1.2.1")


def test_the_hint_of_the_person_here_is_fulfilled(rp: RelyingParty) -> None:
    hint = rp.tokens()["id_token"]
    assert rp.ask(prompt="none", id_token_hint=hint).outcome == "code"
    assert rp.ask(id_token_hint=hint).outcome == "code"


def test_a_hint_may_have_expired(rp: RelyingParty) -> None:
    hint = rp.tokens()["id_token"]
    with time_machine.travel(time.time() + 7200):
        assert rp.ask(prompt="none", id_token_hint=hint).outcome == "code"


def test_the_hint_of_somebody_else_is_not_fulfilled(
    rp: RelyingParty, somebody_else: Person
) -> None:
    hint = rp.tokens(somebody_else)["id_token"]
    rp.tokens()
    assert rp.ask(prompt="none", id_token_hint=hint).outcome == "login_required"


def test_the_hint_of_somebody_else_asks_which_account(
    rp: RelyingParty, someone: Person, somebody_else: Person
) -> None:
    hint = rp.tokens(somebody_else)["id_token"]
    rp.tokens()
    asked = rp.asking(id_token_hint=hint)
    page = someone.browser.open(rp.url(asked))
    assert Page(page).form_with("continue")
    somebody_else.browser = someone.browser
    arrival = rp.arrival(asked, somebody_else.answer(someone.decide(page, "other")))
    claims = rp.claims(rp.redeem(arrival).json()["id_token"])
    assert claims["sub"] == somebody_else.subject


def test_who_stays_another_person_is_reported(
    rp: RelyingParty, someone: Person, somebody_else: Person
) -> None:
    hint = rp.tokens(somebody_else)["id_token"]
    rp.tokens()
    asked = rp.asking(id_token_hint=hint)
    page = someone.browser.open(rp.url(asked))
    arrival = rp.arrival(asked, someone.decide(page, "continue"))
    assert arrival.outcome == "login_required"


FORGED: dict[str, Callable[[dict[str, Any], dict[str, Any]], str]] = {
    "garbage": lambda *_: "garbage",
    "unsigned": lambda _, claims: jwt.encode(claims, "", algorithm="none"),
    "other key": lambda _, claims: jwt.encode(claims, Key().private, algorithm="ES256"),
    "shared secret": lambda _, claims: jwt.encode(claims, "s" * 64, algorithm="HS256"),
    "signature cut off": lambda tokens, _: tokens["id_token"].rpartition(".")[0] + ".",
    "signature changed": lambda tokens, _: tokens["id_token"][:-8] + "AAAAAAAA",
    "access token": lambda tokens, _: tokens["access_token"],
    "refresh token": lambda tokens, _: tokens["refresh_token"],
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_forged_hint_gives_nobodys_code(
    rp: RelyingParty, forge: Callable[[dict[str, Any], dict[str, Any]], str]
) -> None:
    tokens = rp.tokens()
    hint = forge(tokens, rp.claims(tokens["id_token"]))
    assert rp.ask(prompt="none", id_token_hint=hint).outcome == "login_required"


@pytest.mark.parametrize("hint", ["ada@example.com", '"><script>alert(1)</script>', "\u00fc" * 300])
def test_the_login_hint_fills_in_the_form(rp: RelyingParty, someone: Person, hint: str) -> None:
    page = someone.browser.open(rp.url(rp.asking(login_hint=hint)))
    form = Page(page).form_with("login")
    assert form
    assert form.fields["login"] == hint[:254]
    assert "<script>alert" not in page.text


def test_the_login_hint_binds_nobody(
    rp: RelyingParty, someone: Person, somebody_else: Person
) -> None:
    tokens = rp.tokens(login_hint=somebody_else.email)
    assert rp.claims(tokens["id_token"])["sub"] == someone.subject
