"""No step is done by posting nothing to it, something else, or the steps in another order."""

from collections.abc import Mapping

import pytest

from tests import person
from tests.browser import Page
from tests.doors import Door
from tests.person import Person
from tests.rp import RelyingParty
from tests.specs.account_second_step.test_ways_in import _here, asks_second, by_password, is_in

pytestmark = pytest.mark.spec("ASVS 5.0 §2.3.1")
SECOND = "/account/login/second/"
NOTHING: list[Mapping[str, str]] = [
    {},
    {"code": ""},
    {"with": ""},
    {"with": "app"},
    {"with": "app", "code": "      "},
    {"with": "nothing", "code": "123456"},
    {"with": "password", "password": person.PASSWORD},
    {"with": "passkey"},
    {"with": "recovery", "code": ""},
    {"login": "x@example.com", "password": person.PASSWORD},
    {"unknown": "field", "second_factor": "done", "handled": "true"},
    {"with": "app", "code": "\u0661\u0662\u0663\u0664\u0665\u0666"},
    {"with": "app", "code": "123456\u0000"},
    {"with": "app", "code": "1" * 5000},
]


@pytest.fixture
def way_in() -> Door:
    """Return the front door: pages are the same behind both."""
    return Door(name="front")


@pytest.fixture
def bob(way_in: Door) -> Person:
    """Return somebody with an app."""
    return person.careful(way_in)


def _post(bob: Person, path: str, fields: Mapping[str, str]) -> int:
    page = bob.browser.open(_here(path))
    token = next((f.fields["csrfmiddlewaretoken"] for f in Page(page).forms), "")
    answer = bob.browser.send("POST", _here(path), {"csrfmiddlewaretoken": token, **fields})
    assert answer.status_code < 500
    return answer.status_code


def test_the_last_step_first_leads_to_the_first(bob: Person) -> None:
    assert bob.app
    assert Page(bob.browser.open(_here(SECOND))).heading == "Sign in"
    assert _post(bob, SECOND, {"with": "app", "code": bob.app.code()}) in {302, 303}
    assert not is_in(bob)


@pytest.mark.parametrize("fields", NOTHING, ids=range(len(NOTHING)))
def test_what_is_no_code_leaves_everybody_where_they_are(
    bob: Person, fields: Mapping[str, str]
) -> None:
    by_password(bob)
    for _ in range(2):
        assert _post(bob, SECOND, fields) in {200, 400}
    assert asks_second(bob.browser.open(_here(SECOND)))
    assert not is_in(bob)
    bob.second_step(bob.browser.open(_here(SECOND)))
    assert is_in(bob)


def test_the_first_steps_form_does_nothing_at_the_second(bob: Person, rp: RelyingParty) -> None:
    form = Page(bob.browser.open(_here("/account/login/"))).form_with("login")
    assert form
    form.fields |= {"login": bob.email, "password": bob.password}
    assert asks_second(bob.browser.submit(form))
    assert asks_second(bob.browser.submit(form))
    for path in ("/account/reauthenticate/", "/account/step-up/", "/account/confirm-email/"):
        _post(bob, path, {"password": bob.password, "code": "123456"})
    assert not is_in(bob)
    assert rp.ask(bob, prompt="none").error == "login_required"


def test_another_way_is_not_a_way_around(bob: Person) -> None:
    by_password(bob)
    for way in ("recovery", "passkey", "password", "mail", "app"):
        assert asks_second(bob.browser.open(_here(f"{SECOND}?with={way}")))
    assert not is_in(bob)


def test_guesses_are_counted_for_the_person_whatever_the_browser(bob: Person) -> None:
    assert bob.app
    statuses, stranger = [], bob
    for _ in range(8):
        stranger = bob.elsewhere()
        page = by_password(stranger)
        if page.status_code == 200:
            statuses.append(stranger.second_step(page, bob.app.wrong()).status_code)
    assert statuses[0] == 200
    assert 429 in statuses
    assert not is_in(stranger)
