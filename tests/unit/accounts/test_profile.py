"""What is known of a person: which claims there are, what may stand in them, and nothing else."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts import authentication, importing, people, profile
from accounts.models import User
from tests.budgets.statements import counted
from tests.unit.accounts import visitor

PROTOCOL = {
    "iss", "sub", "aud", "exp", "iat", "nbf", "jti", "nonce", "azp", "auth_time", "acr", "amr",
    "sid", "at_hash", "c_hash", "s_hash", "ds_hash", "client_id", "scope", "cnf", "act",
    "may_act", "events", "sub_jwk", "token_type", "active",
}  # fmt: skip
WHOLE: dict[str, Any] = {
    "name": "Ada King",
    "given_name": "Ada",
    "family_name": "King",
    "middle_name": "Augusta",
    "nickname": "Countess",
    "preferred_username": "ada",
    "profile": "https://people.example/ada",
    "picture": "https://people.example/ada.png",
    "website": "http://ada.example:8080/?a=b",
    "gender": "female",
    "birthdate": dt.date(1980, 2, 3),
    "zoneinfo": "Europe/London",
    "locale": "en-GB",
    "phone_number": "+441632960123",
    "phone_number_verified": True,
    "address": {"formatted": "1 Road\r\nTown", "locality": "Town", "region": ""},
}
TEXTS = [
    "name", "given_name", "family_name", "middle_name", "nickname", "preferred_username",
    "gender", "zoneinfo", "locale", "phone_number",
]  # fmt: skip
LINKS = ["profile", "picture", "website"]


def test_the_protocol_speaks_by_other_names() -> None:
    assert not PROTOCOL & profile.SCOPE_OF.keys()


def test_every_claim_is_a_column_that_no_credential_is() -> None:
    columns = {field.name for field in User._meta.fields}
    assert set(profile.SCOPE_OF) <= columns
    assert not set(profile.SCOPE_OF) & {"id", "password", "email_key", "is_staff", "age"}


def test_the_whole_set() -> None:
    user = visitor.someone(**WHOLE)
    told = people.claims(str(user.pk), profile.SCOPES)
    assert told == WHOLE | {
        "email": user.email,
        "email_verified": True,
        "birthdate": "1980-02-03",
        "updated_at": int(user.updated_at.timestamp()),
        "address": {"formatted": "1 Road\r\nTown", "locality": "Town"},
    }


@pytest.mark.parametrize("name", profile.SCOPE_OF)
def test_a_claim_by_name_is_that_claim(name: str) -> None:
    user = visitor.someone(**WHOLE)
    assert set(people.claims(str(user.pk), ["openid"], [name]) or {}) == {name}
    assert set(people.claims(str(user.pk), ["email"], [name]) or {}) == {
        *profile.SCOPES["email"],
        name,
    }


def test_only_what_is_asked_for_is_read_and_at_once() -> None:
    user = visitor.someone(**WHOLE)
    with counted() as found:
        people.claims(str(user.pk), ["openid", "unknown"], ["nickname", "password", "is_staff"])
    assert len(found.all) == 1
    read = found.all[0].partition(" FROM ")[0]
    assert "nickname" in read
    assert not any(f'"{name}"' in read for name in ("password", "is_staff", "email", "birthdate"))


@pytest.mark.parametrize("name", profile.SCOPE_OF)
def test_what_is_not_known_is_not_told(name: str) -> None:
    told = people.claims(str(visitor.someone().pk), [], [name]) or {}
    assert set(told) == ({name} if name in {"email", "email_verified", "updated_at"} else set())


@pytest.mark.parametrize(
    "bad",
    ["a\x00", "a\nb", "\x1b[31m", "a\u202eb", "\u2066a", "a\u200f", "\u2028", "\x85", "\x7f"],
)
def test_what_is_not_seen_is_no_name(bad: str) -> None:
    for name in TEXTS:
        with pytest.raises(ValidationError):
            User(**{name: bad}).clean_fields(exclude=_others(name))


@pytest.mark.parametrize(
    "good", ["Åsa Öberg", "李小龍", "محمد", "נועה", "O'Neill-Smith", "می‌خواهم", "👩‍🚀"]
)
def test_names_of_the_world_are_names(good: str) -> None:
    profile.validate_text(good)


@pytest.mark.parametrize(
    "bad",
    [
        "javascript:alert(1)", "data:text/html,x", "ftp://people.example/", "people.example/ada",
        "//people.example/ada", "https://", "https://a:b@people.example/", "https://a@people.example",
        "https://people.example/\u202egnp.ada", "https://people.example/\n", "https://people.example\\@x",
        "https://people.example/ x", " https://people.example/", "https://people.example/\x00",
    ],
)  # fmt: skip
def test_what_is_no_plain_web_address_is_no_link(bad: str) -> None:
    for name in LINKS:
        with pytest.raises(ValidationError):
            User(**{name: bad}).clean_fields(exclude=_others(name))


@pytest.mark.parametrize(
    "bad", [["x"], "x", 1, {"country": 1}, {"country": None}, {"a": {"b": "c"}}]
)
def test_an_address_is_an_object_of_texts(bad: object) -> None:
    with pytest.raises(ValidationError):
        User(address=bad).clean_fields(exclude=_others("address"))
    with pytest.raises(ValidationError):
        profile.validate_address({"locality": "a\u202eb"})
    profile.validate_address(WHOLE["address"])


def test_every_claim_can_be_imported() -> None:
    record = {**WHOLE, "birthdate": "1980-02-03", "email": visitor.address()}
    assert importing.problems([record]) == []
    importing.bring_in([record])
    user = people.find_by_email(record["email"])
    assert user
    assert set(people.claims(str(user.pk), profile.SCOPES) or {}) == set(profile.SCOPE_OF)
    bad = {"email": visitor.address(), "website": "javascript:x", "nickname": 7, "gender": "a\tb"}
    assert {one.field for one in importing.problems([bad])} == {"website", "nickname", "gender"}
    assert [one.field for one in importing.problems([{**record, "address": {"x": 1}}])] == [
        "address"
    ]


def test_an_administrator_sees_and_changes_them() -> None:
    client = visitor.signed_in(visitor.someone(is_staff=True))
    user = visitor.someone(**WHOLE)
    address = f"/admin/accounts/user/{user.pk}/change/"
    page = client.get(address)
    form = page.context["adminform"].form.initial
    shown = {name: form[name] for name in (*TEXTS, *LINKS)}
    assert shown == {name: WHOLE[name] for name in shown}
    sent = {**shown, "email": user.email, "address": '["x"]', "website": "javascript:x"}
    answer = client.post(address, sent)
    assert set(answer.context["adminform"].form.errors) == {"address", "website"}
    sent |= {"address": "[]", "website": "https://new.example/", "middle_name": "B."}
    assert client.post(address, sent).status_code == 302
    told = people.claims(str(user.pk), ["profile", "address"]) or {}
    assert (told["website"], told["middle_name"]) == ("https://new.example/", "B.")
    assert "address" not in told


def test_levels_are_those_that_can_be_reached() -> None:
    assert authentication.reachable(None) == authentication.LEVELS
    for level in authentication.LEVELS:
        assert authentication.can_reach(level, None)
        assert authentication.satisfies(level, ["unknown", level])
    assert not authentication.can_reach("urn:mace:incommon:iap:silver", None)
    assert not authentication.satisfies("1", ["2", "urn:mace:incommon:iap:silver", "0", ""])
    assert not authentication.satisfies("1", [])
    assert not authentication.satisfies("", ["1"])


def _others(name: str) -> set[str]:
    return {field.name for field in User._meta.fields} - {name}
