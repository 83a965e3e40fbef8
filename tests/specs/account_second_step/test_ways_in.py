"""Whoever has an app shows its code at every way in, and in between is nobody."""

import re
from collections.abc import Callable

import pytest

from accounts import people, setup
from accounts.models import AuthenticatorApp
from config import environment
from tests import letters, person
from tests.browser import Page
from tests.doors import Door, Response
from tests.person import Person
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("ASVS 5.0 §6.3.4")
Way = Callable[[Person], Response]


@pytest.fixture
def way_in() -> Door:
    """Return the front door: pages are the same behind both."""
    return Door(name="front")


@pytest.fixture
def bob(way_in: Door) -> Person:
    """Return somebody with an app."""
    return person.careful(way_in)


def _here(path: str) -> str:
    return environment.current().issuer + path


def is_in(someone: Person) -> bool:
    """Tell whether this browser is shown an account."""
    return Page(someone.browser.open(_here("/account/"))).heading == "Your account"


def asks_second(page: Response) -> bool:
    """Tell whether a page asks for the second step."""
    return page.status_code == 200 and Page(page).heading == "The second step"


def by_password(bob: Person) -> Response:
    """Sign in with the password."""
    return bob.sign_in(bob.browser.open(_here("/account/login/?next=/account/history/")))


def by_reset(bob: Person) -> Response:
    """Choose a new password after a code by mail."""
    page = bob.browser.open(_here("/account/password/reset/?next=/account/history/"))
    form = Page(page).form_with("email")
    assert form
    page = bob.browser.submit(form, email=bob.email)
    form = Page(page).form_with("code")
    assert form
    page = bob.browser.submit(form, code=bob.mailed_code())
    form = Page(page).form_with("password1")
    assert form
    bob.password = "Another-Horse8battery"
    return bob.browser.submit(form, password1=bob.password, password2=bob.password)


def by_reset_link(bob: Person) -> Response:
    """Choose a new password after the link in the mail."""
    page = bob.browser.open(_here("/account/password/reset/?next=/account/history/"))
    form = Page(page).form_with("email")
    assert form
    bob.browser.submit(form, email=bob.email)
    text = str(letters.to(bob.email)[-1].body)
    found = re.search(r"\S+/account/password/reset/link/\S+", text)
    assert found, text
    page = bob.browser.open(found[0])
    page = bob.browser.submit(Page(page).forms[0])
    form = Page(page).form_with("password1")
    assert form
    bob.password = "Another-Horse8battery"
    return bob.browser.submit(form, password1=bob.password, password2=bob.password)


def by_setup_link(bob: Person) -> Response:
    """Come back as an administrator."""
    people.appoint(bob.subject, is_staff=True)
    page = bob.browser.open(setup.link(bob.email))
    form = Page(page).form_with("password")
    assert form
    bob.password = "Another-Horse8battery"
    return bob.browser.submit(form, password=bob.password)


def by_code(bob: Person) -> Response:
    """Sign in by a code that comes by mail."""
    page = bob.browser.open(_here("/account/login/code/?next=/account/history/"))
    form = Page(page).form_with("email")
    assert form
    page = bob.browser.submit(form, email=bob.email)
    form = Page(page).form_with("code")
    assert form
    return bob.browser.submit(form, code=bob.mailed_code())


WAYS = [by_password, by_code, by_reset, by_reset_link, by_setup_link]


@pytest.mark.parametrize("way", WAYS)
def test_no_way_in_goes_around_the_second_step(way: Way, bob: Person, rp: RelyingParty) -> None:
    page = way(bob)
    assert asks_second(page), Page(page).heading
    assert not is_in(bob)
    assert rp.ask(bob, prompt="none").error == "login_required"
    assert rp.ask(bob).outcome == "page"
    assert Page(bob.browser.open(_here("/account/sessions/"))).heading != "Where you are signed in"
    bob.second_step(bob.browser.open(_here("/account/login/second/")))
    assert is_in(bob)


def test_the_address_they_were_going_to_is_kept(bob: Person) -> None:
    arrived = bob.second_step(by_password(bob))
    assert arrived.url.endswith("/account/history/")


def test_an_application_gets_its_code_after_both(bob: Person, rp: RelyingParty) -> None:
    asked = rp.asking()
    page = bob.sign_in(bob.browser.open(rp.url(asked)))
    assert asks_second(page)
    for parameters in ({"prompt": "none"}, {}, {"max_age": "0"}):
        assert rp.ask(bob, **parameters).outcome in {"page", "login_required"}
    arrival = rp.arrival(asked, bob.answer(page))
    told = rp.claims(rp.redeem(arrival).json()["id_token"])
    assert (told["acr"], told["amr"]) == ("2", ["pwd", "otp", "mfa"])


def test_a_new_password_in_between_ends_it(bob: Person) -> None:
    page = by_password(bob)
    user = people.find(bob.subject)
    assert user
    people.set_password(user, "Another-Horse8battery")
    bob.second_step(page)
    assert not is_in(bob)


def test_an_app_that_was_taken_away_in_between_is_not_asked_for(bob: Person) -> None:
    by_password(bob)
    AuthenticatorApp.objects.filter(user_id=bob.subject).delete()
    arrived = bob.browser.open(_here("/account/login/second/"))
    assert arrived.url.endswith("/account/history/")
    assert is_in(bob)


def test_starting_again_forgets_the_first_step(bob: Person) -> None:
    page = by_password(bob)
    again = next(form for form in Page(page).forms if form.action.endswith("/logout/"))
    page = bob.browser.submit(again)
    assert Page(page).heading == "Sign in"
    assert Page(bob.browser.open(_here("/account/login/second/"))).heading == "Sign in"
    form = Page(page).form_with("login")
    assert form
    assert form.fields["next"] == "/account/history/"


@pytest.mark.spec("ASVS 5.0 §7.2.4")
def test_every_step_has_a_cookie_of_its_own(bob: Person) -> None:
    jar, seen = bob.browser.jar, []
    form = Page(bob.browser.open(_here("/account/password/reset/"))).form_with("email")
    assert form
    bob.browser.submit(form, email=bob.email)  # which begins a session that is nobody's
    page = bob.browser.open(_here("/account/login/"))

    def note() -> None:
        seen.append(jar.cookies["as_session"].value)

    note()
    page = bob.sign_in(page)
    note()
    bob.second_step(page)
    note()
    assert bob.app
    again = bob.browser.open(_here("/account/reauthenticate/?with=app"))
    bob.second_step(again)
    note()
    assert is_in(bob)
    bob.sign_out()
    assert len(set(seen)) == len(seen)
    for old in seen:
        jar.plant("as_session", old)
        assert not is_in(bob)
