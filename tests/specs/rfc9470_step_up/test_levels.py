"""A level is what was done: wished for, it is asked for; demanded, it is reached or refused."""

import datetime as dt

import pytest
import time_machine

from accounts.models import AuthenticatorApp
from tests import person, second_factors
from tests.browser import Page
from tests.doors import Door
from tests.person import Person
from tests.rp import RelyingParty
from tests.specs.oidc_core_claims.asking import claims

pytestmark = pytest.mark.spec("RFC 9470 §4")
MUST = claims(id_token={"acr": {"essential": True, "values": ["2"]}})


@pytest.fixture
def way_in() -> Door:
    """Return the front door: pages are the same behind both."""
    return Door(name="front")


@pytest.fixture
def bob(way_in: Door, rp: RelyingParty) -> Person:
    """Return somebody who is signed in with a password, and got an app since then."""
    bob = person.registered(way_in)
    rp.tokens(bob)
    bob.app = second_factors.given_app(bob.subject)
    return bob


@pytest.mark.parametrize("wish", [{"acr_values": "2"}, {"claims": MUST}, {"acr_values": "9 2"}])
def test_what_is_asked_for_is_done_and_told(
    rp: RelyingParty, bob: Person, wish: dict[str, str], resource_server: RelyingParty
) -> None:
    asked = rp.asking(**wish)
    page = bob.browser.open(rp.url(asked))
    assert Page(page).heading == "One more proof"
    tokens = rp.redeem(rp.arrival(asked, bob.answer(page))).json()
    told = rp.claims(tokens["id_token"])
    assert (told["acr"], told["amr"]) == ("2", ["pwd", "otp", "mfa"])
    assert resource_server.introspect(tokens["access_token"]).json()["acr"] == "2"
    assert rp.claims(rp.tokens(bob)["id_token"])["acr"] == "2"


def test_a_weak_session_is_never_called_strong(rp: RelyingParty, bob: Person) -> None:
    assert rp.claims(rp.tokens(bob)["id_token"])["acr"] == "1"
    assert rp.ask(bob, acr_values="2", prompt="none").outcome == "code"  # a wish
    assert rp.ask(bob, claims=MUST, prompt="none").error == "login_required"


@pytest.mark.spec("OIDC Unmet Authentication Requirements §2")
def test_taking_the_app_away_does_not_lower_the_bar(rp: RelyingParty, bob: Person) -> None:
    AuthenticatorApp.objects.filter(user_id=bob.subject).delete()
    assert rp.ask(bob, claims=MUST).error == "unmet_authentication_requirements"
    unknown = claims(id_token={"acr": {"essential": True, "values": ["urn:example:gold"]}})
    assert rp.ask(bob, claims=unknown).error == "unmet_authentication_requirements"


def test_a_password_of_days_ago_is_asked_for_too(rp: RelyingParty, bob: Person) -> None:
    """The level is that of one occasion, or `auth_time` would vouch for a proof long past."""
    with time_machine.travel(dt.datetime.now(tz=dt.UTC) + dt.timedelta(days=3), tick=True):
        asked = rp.asking(claims=MUST)
        page = bob.second_step(bob.browser.open(rp.url(asked)))
        assert Page(page).form_with("password")
        arrival = rp.arrival(asked, bob.answer(page))
        told = rp.claims(rp.redeem(arrival).json()["id_token"])
        assert (told["acr"], set(told["amr"])) == ("2", {"otp", "pwd", "mfa"})


def test_proving_one_thing_again_later_is_one_factor(rp: RelyingParty, bob: Person) -> None:
    assert rp.claims(rp.tokens(bob, claims=MUST)["id_token"])["acr"] == "2"
    with time_machine.travel(dt.datetime.now(tz=dt.UTC) + dt.timedelta(days=3), tick=True):
        told = rp.claims(rp.tokens(bob, prompt="login")["id_token"])
        assert (told["acr"], told["amr"]) == ("1", ["pwd"])


def test_no_passkey_no_resistance_to_phishing(rp: RelyingParty, bob: Person) -> None:
    must = claims(id_token={"acr": {"essential": True, "values": ["phr"]}})
    assert rp.ask(bob, claims=must).error == "unmet_authentication_requirements"
    assert rp.claims(rp.tokens(bob, acr_values="phr")["id_token"])["acr"] == "1"
