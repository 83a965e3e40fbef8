"""What a password must be, how it is hashed, and which hashes of others are believed."""

import base64
import hashlib
from dataclasses import replace
from typing import Any

import argon2
import bcrypt
import pytest
from django.contrib.auth import hashers, password_validation
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError

from accounts import hashers as ours
from accounts import passwords
from accounts.models import User
from config import policy
from config.policy import PasswordPolicy
from tests.unit.accounts import visitor

SECRET = "Correct-Horse7battery"
LONGEST = "".join(f"{place:x}Qz-{place * 7919 % 97}" for place in range(32))[:128]


def _codes(password: str, email: str = "") -> set[str]:
    try:
        password_validation.validate_password(password, User(email=email))
    except ValidationError as error:
        return {one.code or "" for one in error.error_list}
    return set()


@pytest.mark.parametrize(
    ("password", "codes"),
    [
        pytest.param(SECRET, set(), id="good"),
        pytest.param(
            "",
            {"too_short", "no_lower", "no_upper", "no_digit", "no_symbol"},
            id="all failures at once",
        ),
        pytest.param("lower-only-words", {"no_upper", "no_digit"}, id="classes"),
        pytest.param("Ab1-" * 33, {"too_long"}, id="132 characters"),
        pytest.param("Ab1-" * 32, {"too_simple"}, id="128 characters of four"),
        pytest.param(LONGEST, set(), id="128 characters"),
        pytest.param("Ab1-" * 30 + "\ufdfa", {"too_long"}, id="longer once normalised"),
        pytest.param("AuthServer-12345", {"too_similar"}, id="our own name"),
        pytest.param("Jane.Roe-12345!", {"too_similar"}, id="the address"),
        pytest.param("Σωκράτης-12345", set(), id="letters of other scripts"),
    ],
)
def test_classic(password: str, codes: set[str]) -> None:
    found = _codes(password, "jane.roe@example.com") - {"password_too_common"}
    assert found == {f"password_{code}" for code in codes}


def test_a_common_one_is_refused() -> None:
    assert "password_too_common" in _codes("password123")


def test_nist_asks_for_length_alone() -> None:
    rules = replace(policy.current().passwords, policy=PasswordPolicy.NIST)
    with policy.replaced(passwords=rules):
        assert _codes("four plain words") == set()
        assert _codes("four plain word") == set()
        assert _codes("four plain wor") == {"password_too_short"}


def test_argon2id_at_the_costs_of_policy() -> None:
    rules = replace(
        policy.current().passwords, argon2_time_cost=2, argon2_memory_kib=2048, argon2_parallelism=3
    )
    with policy.replaced(passwords=rules):
        assert make_password(SECRET).startswith("argon2$argon2id$v=19$m=2048,t=2,p=3$")


def test_defaults_are_64_mib() -> None:
    rules = policy.Passwords()
    costs = (rules.argon2_time_cost, rules.argon2_memory_kib, rules.argon2_parallelism)
    assert costs == (3, 65536, 1)


def test_two_spellings_of_one_character_are_one_password() -> None:
    user = visitor.someone(password="Angstro\u0308m-\u212b-12345")
    assert user.check_password("Angstr\u00f6m-\u00c5-12345")


def test_a_longer_one_matches_nothing_and_is_not_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    longest = "Ab1-" * 32
    user = visitor.someone(password=longest)
    assert user.check_password(longest)
    hashed: list[str] = []
    monkeypatch.setattr(hashers, "check_password", lambda *a: hashed.append(a[0]))
    assert not user.check_password(longest + "x")
    assert hashed == []
    with pytest.raises(ValueError, match="longer"):
        user.set_password(longest + "x")


@pytest.mark.parametrize("password", [SECRET, "Angstro\u0308m-\u212b-12345"])
@pytest.mark.parametrize("who", ["known", "without a password", "unknown"])
def test_how_many_hashes_a_sign_in_costs_does_not_tell_who_is_here(
    who: str, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    resting = {"known": visitor.PASSWORD, "without a password": None}
    email = visitor.someone(password=resting[who]).email if who in resting else visitor.address()
    costs: list[str] = []
    for name in ("encode", "verify"):
        slow = getattr(ours.Argon2id, name)

        def counted(self: object, *args: str, slow: Any = slow, name: str = name) -> Any:
            costs.append(name)
            return slow(self, *args)

        monkeypatch.setattr(ours.Argon2id, name, counted)
    visitor.browser().post("/account/login/", {"login": email, "password": password})
    assert len(costs) == 1, costs


def test_the_raw_form_is_tried_for_a_hash_of_elsewhere() -> None:
    password = "Angstro\u0308m-\u212b-12345"
    made = make_password(password, hasher="pbkdf2_sha256")
    user = visitor.someone(password_hash=passwords.imported(made))
    assert user.check_password(password)
    user.refresh_from_db()
    assert passwords.is_own(user.password)
    assert user.check_password(password)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


def _pbkdf2(digest: str, prefix: str = "") -> str:
    made = hashlib.pbkdf2_hmac(digest, SECRET.encode(), b"salt\xff\xfbsalt", 1000)
    salt = _b64(b"salt\xff\xfbsalt").replace("+", ".")
    return f"$pbkdf2-{digest}${prefix}1000${salt}${_b64(made).replace('+', '.')}"


IMPORTS = {
    "Django's argon2": lambda: make_password(SECRET),
    "Django's PBKDF2": lambda: make_password(SECRET, hasher="pbkdf2_sha256"),
    "argon2id": lambda: argon2.PasswordHasher(1, 1024, 2).hash(SECRET),
    "bcrypt 2b": lambda: bcrypt.hashpw(SECRET.encode(), bcrypt.gensalt(4)).decode(),
    "bcrypt 2y": lambda: (
        bcrypt.hashpw(SECRET.encode(), bcrypt.gensalt(4)).decode().replace("$2b$", "$2y$")
    ),
    "PBKDF2 SHA-256": lambda: _pbkdf2("sha256"),
    "PBKDF2 SHA-512 with i=": lambda: _pbkdf2("sha512", "i="),
}


@pytest.mark.parametrize("kind", IMPORTS)
def test_a_hash_made_elsewhere_is_believed_and_renewed(kind: str) -> None:
    hashed = passwords.imported(IMPORTS[kind]())
    assert hashed is not None
    user = visitor.someone(password_hash=hashed)
    assert not user.check_password(SECRET + "x")
    assert user.check_password(SECRET)
    user.refresh_from_db()
    assert user.password.startswith("argon2$argon2id$v=19$m=1024,t=1,p=1$")
    assert user.check_password(SECRET)


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("$argon2id$v=19$m=262145,t=1,p=1$c2FsdHNhbHQ$" + "A" * 43, "262144 KiB"),
        ("$argon2id$v=19$m=1024,t=11,p=1$c2FsdHNhbHQ$" + "A" * 43, "10 passes"),
        ("argon2$argon2id$v=19$m=1024,t=1,p=9$c2FsdHNhbHQ$" + "A" * 43, "8 lanes"),
        ("$argon2id$v=19$m=1024,t=1,p=1$c2FsdHNhbHQ$" + "A" * 20, "16 bytes"),
        ("$2b$15$" + "a" * 53, "cost of 14"),
        ("bcrypt_sha256$$2b$15$" + "a" * 53, "cost of 14"),
        ("pbkdf2_sha256$2000001$salt$" + "A" * 43 + "=", "2000000 rounds"),
        ("$pbkdf2-sha512$2000001$c2FsdA$" + "A" * 86, "2000000 rounds"),
        ("$pbkdf2-sha512$29000$c2FsdA$YQ", "16 bytes"),
        ("pbkdf2_sha1$1000$salt$YQ==", "16 bytes"),
    ],
)
def test_a_hash_that_would_cost_whoever_checks_it_too_much_is_refused(
    text: str, bound: str
) -> None:
    assert passwords.imported(text) is None
    assert bound in passwords.refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "$argon2id$v=19$m=262144,t=10,p=8$c2FsdHNhbHQ$" + "A" * 22,
        "$2b$14$" + "a" * 53,
        "pbkdf2_sha256$2000000$salt$" + "A" * 43 + "=",
    ],
)
def test_a_hash_at_the_bounds_is_taken(text: str) -> None:
    assert passwords.imported(text) is not None
    assert passwords.refusal(text) == ""


def test_bcrypt_knows_72_bytes() -> None:
    long = "Ab1-" * 25
    hashed = bcrypt.hashpw(long.encode()[:72], bcrypt.gensalt(4)).decode()
    user = visitor.someone(password_hash=passwords.imported(hashed))
    assert user.check_password(long)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "md5$salt$0123456789abcdef0123456789abcdef",
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "$2b$31$" + "a" * 53,
        "$argon2i$v=19$m=1024,t=1,p=1$c2FsdHNhbHQ$aGFzaA",
        "$pbkdf2-md5$1000$c2FsdA$aGFzaA",
        "$pbkdf2-sha256$1000$a$aGFzaA",
        "!unusable",
        "pbkdf2_sha256$1000$salt$" + "a" * 300,
    ],
)
def test_any_other_hash_is_refused(text: str) -> None:
    assert passwords.imported(text) is None
