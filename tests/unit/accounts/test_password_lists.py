"""What attackers try first: lists, patterns, whoever it is for, and the operator's file."""

import hashlib
import logging
from dataclasses import replace
from pathlib import Path

import pytest
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError

from accounts.models import Consent, User
from config import environment, policy
from config.branding import Branding
from tests.unit.accounts import visitor

ADA = User(email="ada.lovelace@example.com", name="Ada Byron Lovelace", nickname="Enchantress")


def codes(password: str, who: User = ADA) -> set[str]:
    try:
        password_validation.validate_password(password, who)
    except ValidationError as error:
        return {(one.code or "").removeprefix("password_") for one in error.error_list}
    return set()


@pytest.mark.parametrize(
    "password",
    [
        "Sunshine2024!!",
        "P@ssw0rd1234!",
        "Qwertyuiop123!",
        "Iloveyou-2024",
        "1234567890Ab!",
        "Aaaaaaaaaaaa1!",
        "Abc-Abc-Abc-1",
        "Abcdefghijk1!",
    ],
)
def test_patterns_that_everybody_thinks_of_are_refused(password: str) -> None:
    assert codes(password) == {"too_simple"}


@pytest.mark.parametrize("password", ["password123", "PASSWORD123", "michelle", " Password123 "])
def test_what_is_on_the_lists_is_refused_however_it_is_written(password: str) -> None:
    assert "too_common" in codes(password)


@pytest.mark.parametrize(
    "password",
    ["Lovelace-2024!", "Ada.Lovelace1!", "Enchantress-1815", "Ecalevol-1815!", "L0v3l4c3-1815!"],
)
def test_what_is_known_of_a_person_is_no_secret(password: str) -> None:
    assert codes(password) == {"too_similar"}
    assert codes(password, User(email="b@example.com")) in (set(), {"too_simple"})


def test_the_name_of_this_place_is_no_secret_either() -> None:
    with policy.replaced(branding=Branding(name="Zyxgrauth")):
        assert codes("Zyxgrauth-2024") == {"too_similar"}
    assert codes("Zyxgrauth-2024") == set()


def test_nor_are_the_names_of_applications() -> None:
    who = visitor.someone()
    assert codes("Zyxgrauth-2024", who) == set()
    Consent.objects.create(user=who, client_id="app", client_name="Zyxgrauth Pro")
    assert codes("Zyxgrauth-2024", who) == {"too_similar"}


def test_how_hard_to_guess_is_the_operator_s_to_say() -> None:
    rules = policy.current().passwords
    with policy.replaced(passwords=replace(rules, least_guesses=0)):
        assert codes("Qwertyuiop123!") == set()
    with policy.replaced(passwords=replace(rules, least_guesses=11)):
        assert codes("Summer2025!Summer") == {"too_simple"}
    assert codes("Summer2025!Summer") == set()


def test_a_long_one_is_judged_by_its_stronger_end() -> None:
    random = "xK9-vQ2mZr7Lw4TbYc"
    assert codes("A1-" + "a" * 60 + random) == set()
    assert codes(random + "a" * 60) == set()
    assert codes("A1-" + "a" * 60) == {"too_simple"}


STOLEN = ["Stolen-Horse7battery", "angström-Horse7x", "Älpler-Horse7battery", "zzz-Horse7battery"]


def digests(among: int) -> bytes:
    others = [f"other {number}" for number in range(among)]
    hashed = [hashlib.sha1(one.encode(), usedforsecurity=False) for one in [*STOLEN, *others]]
    made = sorted(one.hexdigest().upper() for one in hashed)
    return "".join(f"{one}:{place}\r\n" for place, one in enumerate(made)).encode()


def words(among: int) -> bytes:
    others = [f"other {number}" for number in range(among)]
    return b"\n".join(sorted(one.encode() for one in [*STOLEN, *others]))


@pytest.mark.parametrize("among", [0, 1, 2, 1000])
@pytest.mark.parametrize("form", [digests, words])
def test_the_operator_s_file_is_found_in_whole(form: object, among: int, tmp_path: Path) -> None:
    path = tmp_path / "stolen"
    path.write_bytes(form(among))  # type: ignore[operator]
    with environment.replaced(password_blocklist_file=path):
        for one in STOLEN:
            assert "compromised" in codes(one), one
        assert "compromised" in codes("angstro\u0308m-Horse7x")
        for number in range(min(among, 50)):
            assert "compromised" in codes(f"other {number}")
        for one in ("Stolen-Horse7batter", "Stolen-Horse7battery1", "\x00", "\U0010ffff", ""):
            assert "compromised" not in codes(one)


def test_words_in_small_letters_stop_capitals_too(tmp_path: Path) -> None:
    path = tmp_path / "words"
    path.write_text("another-horse8battery\n")
    with environment.replaced(password_blocklist_file=path):
        assert codes("Another-Horse8battery") == {"compromised"}


def test_a_file_that_is_gone_stops_nobody_and_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        environment.replaced(password_blocklist_file=tmp_path / "gone"),
        caplog.at_level(logging.ERROR),
    ):
        assert codes("Another-Horse8battery") == set()
    assert [record.message for record in caplog.records] == ["blocklist_unreadable"]
