"""OIDC Core §5.3 — userinfo: the claims that a live access token opens, and to nobody else."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from accounts import people
from tests import person
from tests.doors import Door
from tests.person import Person
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("OIDC Core §5.3")

PROFILE: dict[str, Any] = {
    "given_name": "Ada",
    "family_name": "Example",
    "birthdate": dt.date(1990, 2, 3),
    "locale": "en-GB",
    "zoneinfo": "Europe/Berlin",
    "picture": "https://pictures.example/ada",
    "phone_number": "+441234567890",
    "phone_number_verified": True,
    "address": {"locality": "London", "country": "GB"},
}
CLAIMS: dict[str, dict[str, Any]] = {
    "openid": {},
    "openid profile": {
        "name": "Ada Example",
        "given_name": "Ada",
        "family_name": "Example",
        "birthdate": "1990-02-03",
        "locale": "en-GB",
        "zoneinfo": "Europe/Berlin",
        "picture": "https://pictures.example/ada",
    },
    "openid email": {"email_verified": True},
    "openid phone": {"phone_number": "+441234567890", "phone_number_verified": True},
    "openid address": {"address": {"locality": "London", "country": "GB"}},
    "openid offline_access": {},
}


@pytest.mark.spec("OIDC Core §5.4")
@pytest.mark.parametrize(("scope", "expected"), CLAIMS.items(), ids=CLAIMS)
def test_each_scope_opens_its_claims(
    rp: RelyingParty, way_in: Door, scope: str, expected: dict[str, Any]
) -> None:
    ada = person.registered(way_in, **PROFILE)
    shown = rp.userinfo(rp.tokens(ada, scope=scope)["access_token"]).json()
    if "email" in scope:
        assert shown.pop("email") == ada.email
    if "profile" in scope:
        assert isinstance(shown.pop("updated_at"), int)
    assert shown == {"sub": ada.subject, **expected}


def test_what_is_not_known_is_left_out(rp: RelyingParty) -> None:
    shown = rp.userinfo(rp.tokens(scope="openid profile phone address")["access_token"]).json()
    assert set(shown) == {"sub", "name", "updated_at"}


def test_sub_is_the_id_tokens(rp: RelyingParty) -> None:
    tokens = rp.tokens()
    shown = rp.userinfo(tokens["access_token"]).json()
    assert shown["sub"] == rp.claims(tokens["id_token"])["sub"]


def test_a_narrowed_token_opens_less(rp: RelyingParty) -> None:
    tokens = rp.tokens(scope="openid email")
    narrow = rp.refresh(tokens["refresh_token"], scope="openid").json()["access_token"]
    assert set(rp.userinfo(narrow).json()) == {"sub"}


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_token_may_come_in_the_header(
    rp: RelyingParty, way_in: Door, method: str, scheme: str
) -> None:
    headers = {"Authorization": f"{scheme} {rp.tokens()['access_token']}"}
    answer = way_in.send(method, rp.address("userinfo"), headers=headers)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.spec("RFC 6750 §2.2")
def test_the_token_may_come_in_a_form(rp: RelyingParty, way_in: Door) -> None:
    form = {"access_token": rp.tokens()["access_token"]}
    assert way_in.post(rp.address("userinfo"), form).status_code == 200


@pytest.mark.spec("RFC 6750 §2.3")
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("in_header", [False, True])
def test_the_token_never_comes_in_the_query(
    rp: RelyingParty, way_in: Door, method: str, *, in_header: bool
) -> None:
    token = rp.tokens()["access_token"]
    headers = {"Authorization": f"Bearer {token}"} if in_header else {}
    query = {"access_token": token}
    answer = way_in.send(method, rp.address("userinfo"), query=query, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.spec("RFC 6750 §2")
def test_the_token_comes_in_one_place(rp: RelyingParty, way_in: Door) -> None:
    token = rp.tokens()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    answer = way_in.post(rp.address("userinfo"), {"access_token": token}, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_served(rp: RelyingParty, way_in: Door, method: str) -> None:
    headers = {"Authorization": f"Bearer {rp.tokens()['access_token']}"}
    assert way_in.send(method, rp.address("userinfo"), headers=headers).status_code == 405


GONE: dict[str, Callable[[RelyingParty, Person], object]] = {
    "disabled": lambda _, someone: people.disable(someone.subject),
    "deleted": lambda _, someone: people.delete(someone.subject),
    "signed out": lambda _, someone: someone.sign_out(),
}


@pytest.mark.parametrize("leave", GONE.values(), ids=GONE)
def test_nothing_is_told_of_somebody_who_is_gone(
    rp: RelyingParty, someone: Person, leave: Callable[[RelyingParty, Person], object]
) -> None:
    token = rp.tokens()["access_token"]
    leave(rp, someone)
    answer = rp.userinfo(token)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
