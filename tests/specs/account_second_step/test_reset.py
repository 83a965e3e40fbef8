"""Who lost everything is helped by the support desk, and nobody gets in by that."""

import io
import json

import pytest
from django.core.management import call_command

from accounts import factors, trusted_browsers
from config import environment
from tests import letters, person, second_factors
from tests.browser import Page
from tests.doors import Door
from tests.person import Person
from tests.rp import RelyingParty
from tests.specs.account_second_step.test_ways_in import is_in

pytestmark = pytest.mark.spec("ASVS 5.0 §7.4.2")


@pytest.fixture
def way_in() -> Door:
    """Return the front door: pages are the same behind both."""
    return Door(name="front")


@pytest.fixture
def bob(way_in: Door) -> Person:
    """Return somebody with an app, codes, and a browser that is trusted."""
    bob = person.careful(way_in)
    second_factors.given_codes(bob.subject)
    issuer = environment.current().issuer
    bob.second_step(bob.sign_in(bob.browser.open(f"{issuer}/account/login/")), trust="on")
    return bob


def _reset(bob: Person) -> dict[str, object]:
    out = io.StringIO()
    call_command("users", "reset-factors", bob.email, "--json", stdout=out)
    told: dict[str, object] = json.loads(out.getvalue())
    return told


def test_everything_ends_with_the_factors(bob: Person, rp: RelyingParty) -> None:
    tokens = rp.tokens(bob, scope="openid offline_access")
    assert _reset(bob)["factors_removed"] is True
    assert factors.of(bob.subject) == factors.Factors()
    assert trusted_browsers.of(bob.subject) == []
    assert rp.ask(bob, prompt="none").error == "login_required"
    assert rp.is_dead(tokens["refresh_token"])
    assert rp.userinfo(tokens["access_token"]).status_code == 401
    assert letters.to(bob.email)[-1].subject == "Your second factors were removed"
    bob.sign_in(bob.browser.open(f"{rp.issuer}/account/login/"))
    assert is_in(bob)
    assert _reset(bob)["factors_removed"] is False


def test_a_step_that_was_waiting_is_over(bob: Person, rp: RelyingParty) -> None:
    waiting = bob.elsewhere()
    page = waiting.sign_in(waiting.browser.open(f"{rp.issuer}/account/login/"))
    assert Page(page).heading == "The second step"
    _reset(bob)
    waiting.browser.open(f"{rp.issuer}/account/login/second/")
    assert rp.ask(waiting, prompt="none").error == "login_required"
