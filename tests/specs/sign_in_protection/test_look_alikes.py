"""Unicode TR 36 §2.11.2 — addresses that look alike: one account, and mail only where it rests."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from accounts import people as directory
from accounts.models import User
from tests import letters
from tests.browser import Page
from tests.person import Person
from tests.specs.sign_in_protection.signing import here
from tests.specs.sign_in_protection.test_new_passwords import sign_up
from tests.specs.sign_in_protection.test_uniform import typed

pytestmark = pytest.mark.spec("Unicode TR 36 §2.11.2")
FULL_WIDTH = {ord("a") + place: 0xFF41 + place for place in range(26)}


@pytest.fixture
def ali(someone: Person) -> Person:
    """Return somebody whose address has letters that others look like."""
    email = f"alik{someone.email}"
    directory.create(email=email, password=someone.password, email_verified=True)
    return replace(someone.elsewhere(), email=email)


WRITTEN: dict[str, Callable[[str], str]] = {
    "capitals": lambda email: email.upper(),
    "spaces around": lambda email: f"  {email} ",
    "full width": lambda email: email.partition("@")[0].translate(FULL_WIDTH) + "@example.com",
    "Kelvin": lambda email: email.replace("k", "\u212a", 1),
    "dotless": lambda email: email.replace("i", "\u0131", 1),
    "dotted": lambda email: email.replace("i", "\u0130", 1),
    "zero width": lambda email: email.replace("@", "\u200b@"),
    "zero width joiner": lambda email: email.replace("l", "l\u200d", 1),
    "soft hyphen": lambda email: email.replace("l", "l\u00ad", 1),
    "Cyrillic": lambda email: email.replace("a", "\u0430", 1),
    "host in full width": lambda email: email.replace("example", "\uff45xample"),
    "ideographic stop": lambda email: email.replace(".com", "\u3002com"),
}


@pytest.mark.parametrize("how", WRITTEN)
def test_no_second_account_by_writing_it_otherwise(ali: Person, how: str) -> None:
    before = User.objects.count()
    written = WRITTEN[how](ali.email)
    answer = sign_up(replace(ali.elsewhere(), email=written))
    assert answer.status_code in {200, 302}
    assert directory.find_by_email(ali.email) is not None
    assert User.objects.count() == before


@pytest.mark.parametrize("path", ["password/reset/", "login/code/"])
def test_mail_goes_to_the_address_that_rests(ali: Person, path: str) -> None:
    before = len(letters.delivered())
    for written in (write(ali.email) for write in WRITTEN.values()):
        typed(replace(ali.elsewhere(), email=written), path, email=written)
    reached = {address for one in letters.delivered()[before:] for address in one.to}
    assert reached == {ali.email}


def test_an_address_that_is_changed_to_a_look_alike_is_refused(
    ali: Person, someone: Person
) -> None:
    someone.visit(here("email/"))
    for how in ("full width", "Kelvin", "zero width", "dotless"):
        form = Page(someone.browser.open(here("email/"))).form_with("email")
        assert form
        before = len(letters.to(ali.email))
        someone.browser.submit(form, email=WRITTEN[how](ali.email))
        assert len(letters.to(ali.email)) == before
    assert directory.find_by_email(someone.email) is not None
