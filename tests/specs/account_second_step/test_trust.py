"""A browser that is trusted is not asked for the second step: this person's, for a while."""

import datetime as dt

import pytest
import time_machine

from accounts import people, trusted_browsers
from config import environment, policy
from config.factors import Factors
from tests import person
from tests.browser import Page
from tests.doors import Door, Response
from tests.person import Person
from tests.rp import RelyingParty
from tests.second_factors import App
from tests.specs.account_second_step.test_ways_in import is_in
from tests.specs.rfc6238_totp import test_set_up

pytestmark = pytest.mark.spec("ASVS 5.0 §6.3.3")
COOKIE = "as_trust"


@pytest.fixture
def way_in() -> Door:
    """Return the front door: pages are the same behind both."""
    return Door(name="front")


@pytest.fixture
def bob(way_in: Door) -> Person:
    """Return somebody with an app whose browser is trusted, signed out again."""
    bob = person.careful(way_in)
    bob.second_step(_sign_in(bob), trust="on")
    assert COOKIE in bob.browser.jar.cookies
    bob.sign_out()
    return bob


def _here(path: str) -> str:
    return environment.current().issuer + path


def _sign_in(bob: Person) -> Response:
    return bob.sign_in(bob.browser.open(_here("/account/login/")))


def _is_asked(bob: Person) -> bool:
    return Page(_sign_in(bob)).heading == "The second step"


def test_it_is_not_asked_again_and_no_level_is_made_of_that(bob: Person, rp: RelyingParty) -> None:
    assert not _is_asked(bob)
    assert is_in(bob)
    told = rp.claims(rp.tokens(bob)["id_token"])
    assert (told["acr"], told["amr"]) == ("1", ["pwd"])
    assert rp.claims(rp.tokens(bob, acr_values="2")["id_token"])["acr"] == "2"


def test_trust_is_of_one_browser_and_one_person(bob: Person) -> None:
    assert _is_asked(bob.elsewhere())
    ann = person.careful(bob.browser.door)
    ann.browser = bob.browser
    assert _is_asked(ann)
    ann.second_step(bob.browser.open(_here("/account/login/second/")), trust="on")
    ann.sign_out()
    assert not _is_asked(bob), "two people may trust one browser"


def test_a_cookie_that_somebody_planted_is_not_the_one_that_is_trusted(bob: Person) -> None:
    """Or whoever plants it would be trusted as well."""
    planted = bob.browser.jar.cookies[COOKIE].value
    ann = person.careful(bob.browser.door)
    ann.browser.jar.plant(COOKIE, planted)
    ann.second_step(_sign_in(ann), trust="on")
    attacker = ann.elsewhere()
    attacker.browser.jar.plant(COOKIE, planted)
    assert _is_asked(attacker)


def test_it_ends_with_time(bob: Person) -> None:
    with time_machine.travel(dt.datetime.now(tz=dt.UTC) + dt.timedelta(days=31), tick=True):
        assert _is_asked(bob)
        assert trusted_browsers.of(bob.subject) == []
        trusted_browsers.sweep(100)
    assert _is_asked(bob.elsewhere())


def test_it_ends_with_the_password(bob: Person) -> None:
    user = people.find(bob.subject)
    assert user
    people.set_password(user, person.PASSWORD)
    assert trusted_browsers.of(bob.subject) == []
    assert _is_asked(bob)


def test_it_ends_with_whatever_cuts_the_person_off(bob: Person) -> None:
    people.disable(bob.subject)
    people.enable(bob.subject)
    assert trusted_browsers.of(bob.subject) == []
    assert _is_asked(bob)


def test_it_ends_with_another_app(bob: Person) -> None:
    bob.visit(_here("/account/login/"))
    page = bob.browser.open(_here("/account/authenticator/?replace=1"))
    bob.app = App(secret=test_set_up.shown_secret(page))
    test_set_up.confirm(bob, page, bob.app.code())
    bob.sign_out()
    assert _is_asked(bob)


def test_it_ends_when_its_owner_says_so(bob: Person) -> None:
    _sign_in(bob)
    page = bob.browser.open(_here("/account/browsers/"))
    assert "this browser" in page.text
    form = next(form for form in Page(page).forms if form.fields.get("which"))
    bob.browser.submit(form)
    bob.sign_out()
    assert _is_asked(bob)


@pytest.mark.spec("OWASP API1:2023")
def test_nobody_ends_the_trust_of_others(bob: Person) -> None:
    ann = person.registered(bob.browser.door)
    _sign_in(ann)
    number = trusted_browsers.of(bob.subject)[0].number
    page = ann.browser.open(_here("/account/logout/"))
    token = Page(page).forms[-1].fields["csrfmiddlewaretoken"]
    for which in (str(number), "x", "9" * 40, "-1", "\x00"):
        fields = {"csrfmiddlewaretoken": token, "which": which}
        answer = ann.browser.send("POST", _here("/account/browsers/"), fields)
        assert answer.status_code in {303, 400}
    assert len(trusted_browsers.of(bob.subject)) == 1


def test_where_policy_trusts_none_it_is_not_offered(bob: Person) -> None:
    with policy.replaced(factors=Factors(trust_browser_for=dt.timedelta(0))):
        page = _sign_in(bob)
        assert Page(page).heading == "The second step"
        assert 'name="trust"' not in page.text
