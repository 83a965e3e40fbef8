"""ASVS 5.0 §6.2 — what a password may be: long, of any script, kept as typed, and not known."""

import time
from dataclasses import replace

import pytest
from django.contrib.auth import hashers

from accounts import people as directory
from config import policy
from tests import person as people
from tests.browser import Page
from tests.doors import Response
from tests.person import Person
from tests.specs.sign_in_protection.signing import here, nobody_like, sign_in

pytestmark = pytest.mark.spec("ASVS 5.0 §6.2")
HARD = "kV7-wQ2mZr9Lx4TbYc8NpGd3Hs6JfXa5Eu"


def sign_up(newcomer: Person) -> Response:
    form = Page(newcomer.browser.open(here("signup/"))).form_with("password1")
    assert form
    fields = {"name": newcomer.name, "email": newcomer.email, "password1": newcomer.password}
    return newcomer.browser.press(form, **fields)


def is_taken(newcomer: Person) -> bool:
    return directory.find_by_email(newcomer.email) is not None


@pytest.fixture
def newcomer(someone: Person) -> Person:
    return nobody_like(someone)


@pytest.mark.spec("ASVS 5.0 §6.2.1")
@pytest.mark.parametrize("least", [8, 12, 15, 64])
def test_it_is_as_long_as_policy_says(newcomer: Person, least: int) -> None:
    long = (HARD * 2)[:least]
    with policy.replaced(passwords=replace(policy.current().passwords, min_length=least)):
        short = replace(newcomer, password=long[:-1])
        refused = sign_up(short)
        assert f"at least {least} characters" in refused.text
        assert not is_taken(short)
        sign_up(replace(newcomer, password=long))
        assert is_taken(newcomer)


@pytest.mark.spec("ASVS 5.0 §6.2.9")
@pytest.mark.parametrize(
    "password",
    [
        pytest.param((HARD * 4)[:128], id="128 characters"),
        pytest.param("Пароль-7-Лошадь-Батарея", id="Cyrillic"),
        pytest.param("aB3-\U0001f40e\U0001f50b\U0001f9f7\U0001f3af-horse", id="beyond 16 bits"),
        pytest.param("Zwei Wörter, 7 Pferde", id="spaces inside"),
        pytest.param("  Kv7-wQ2mZr9Lx4  ", id="spaces around"),
        pytest.param("Kv7-wQ2mZr9Lx4\t", id="a tab behind"),
        pytest.param("<b>&amp;'\"%00Kv7{{x}}", id="what pages escape"),
    ],
)
def test_it_is_taken_whole_and_as_it_was_typed(newcomer: Person, password: str) -> None:
    sign_up(replace(newcomer, password=password))
    person = directory.find_by_email(newcomer.email)
    assert person
    assert person.check_password(password)
    others = {password.strip(), password[:-1], password[:72], password[:64], password.lower()}
    for other in others - {password}:
        assert not person.check_password(other), other


@pytest.mark.parametrize("length", [129, 1000, 4096])
def test_one_that_is_too_long_is_refused_and_never_cut(newcomer: Person, length: int) -> None:
    long = replace(newcomer, password=(HARD * 200)[:length])
    assert "at most 128 characters" in sign_up(long).text
    assert not is_taken(long)


@pytest.mark.parametrize("length", [129, 4097, 60_000])
def test_what_nobody_can_have_costs_nothing(
    someone: Person, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    monkeypatch.setattr(hashers, "check_password", lambda *_: pytest.fail("it was hashed"))
    began = time.process_time()
    assert sign_in(someone, "x" * length).status_code == 200
    assert sign_in(nobody_like(someone), "x" * length).status_code == 200
    sign_up(replace(nobody_like(someone), password="x" * length))
    assert time.process_time() - began < 2  # milliseconds, but for a busy machine


@pytest.mark.spec("ASVS 5.0 §6.2.4")
@pytest.mark.parametrize("password", ["password123", "Password123!", "P@ssw0rd1234!"])
def test_one_that_is_tried_early_is_refused(newcomer: Person, password: str) -> None:
    assert sign_up(replace(newcomer, password=password)).status_code == 200
    assert not is_taken(newcomer)


@pytest.mark.spec("ASVS 5.0 §6.2.11")
def test_one_that_is_known_of_the_person_is_refused(newcomer: Person) -> None:
    named = replace(newcomer, name="Zenobia Quillfeather", password="Quillfeather-1977!")
    assert "too close to your name" in sign_up(named).text
    assert not is_taken(newcomer)


@pytest.mark.spec("ASVS 5.0 §6.2.5")
def test_with_length_asked_for_no_letters_are_prescribed(newcomer: Person) -> None:
    rules = replace(policy.current().passwords, policy=policy.PasswordPolicy.NIST)
    with policy.replaced(passwords=rules):
        sign_up(replace(newcomer, password="violet anteaters juggle seldom"))
    assert is_taken(newcomer)


@pytest.mark.parametrize("typed", ["", " ", "!", "None", "x" * 40])
@pytest.mark.parametrize("who", ["without a password", "imported", "unknown"])
def test_who_has_no_password_has_no_right_one(someone: Person, who: str, typed: str) -> None:
    email = people.address()
    if who != "unknown":
        kept = "!" if who == "imported" else None
        user = directory.create(email=email, password=None, password_hash=kept)
        assert not user.check_password(user.password)
        assert not user.check_password(None)
    stranger = replace(someone.elsewhere(), email=email)
    unknown = nobody_like(someone)
    answers = [sign_in(stranger, typed), sign_in(unknown, typed)]
    assert {one.status_code for one in answers} == {200}
    assert len({len(one.body) for one in answers}) == 1
