"""What a new account and a change may hold; whatever is wrong is told all at once."""

from dataclasses import replace

import pytest

from config import policy
from config.policy import Names, PasswordPolicy
from tests import api, person
from tests.api import Program

pytestmark = pytest.mark.spec("RFC 9457 §3")


def test_an_account_is_made(service: Program) -> None:
    wanted = api.new_user()
    answer = service.post(wanted)
    assert answer.status_code == 201
    made = answer.json()
    assert set(made) == {
        *("id", "email", "emailVerified", "name", "isActive", "createdAt", "updatedAt")
    }
    assert (made["email"], made["name"]) == (wanted["email"], wanted["name"])
    assert (made["emailVerified"], made["isActive"]) == (False, True)
    row = api.row(made["id"])
    assert (row.age, row.is_staff) == (85, False)
    assert row.check_password(wanted["password"])
    assert service.door.get(answer.location, headers=service.headers).json() == made


def test_everything_wrong_is_told_at_once(service: Program) -> None:
    answer = service.post({"email": "nobody@localhost", "password": "short", "name": "1", "age": 5})
    assert answer.status_code == 400
    assert api.codes(answer) == {
        "email": ["invalid"],
        "password": [
            *("password_too_short", "password_no_upper", "password_no_digit"),
            "password_no_symbol",
        ],
        "name": ["min_length", "name_characters"],
        "age": ["min_value"],
    }
    pointers = {fault["field"]: fault["pointer"] for fault in answer.json()["errors"]}
    assert pointers["email"] == "#/email"


def test_everything_missing_is_told_at_once(service: Program) -> None:
    answer = service.post({})
    assert api.codes(answer) == {name: ["required"] for name in ("email", "password", "name")}


@pytest.mark.parametrize(
    ("member", "value", "code"),
    [
        pytest.param("email", "plain", "invalid", id="no address"),
        pytest.param("email", "a@b", "invalid", id="no dot in the domain"),
        pytest.param("email", "a@localhost", "invalid", id="no dot, though well known"),
        pytest.param("email", "a@[127.0.0.1]", "invalid", id="a network address"),
        pytest.param("email", "a@example.com\0", "null_characters_not_allowed", id="NUL"),
        pytest.param("email", "\uff41@example.com", "email_ambiguous", id="look-alike letters"),
        pytest.param("email", f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 63}.com", None, id="long"),
        pytest.param("email", 7, "invalid", id="a number"),
        pytest.param("email", ["a@example.com"], "invalid", id="a list"),
        pytest.param("email", "", "blank", id="empty"),
        pytest.param("email", {"$ne": ""}, "invalid", id="an object"),
        pytest.param("password", "Aa1!" * 33, "password_too_long", id="too long"),
        pytest.param("password", "Aa1!" * 10_000, "password_too_long", id="much too long"),
        pytest.param("password", "alllowercase1!x", "password_no_upper", id="no capital"),
        pytest.param("password", "Password1234!", "password_too_similar", id="on the block list"),
        pytest.param("password", 123456789012, "invalid", id="a password of digits"),
        pytest.param("password", "Correct-Horse7\0battery", None, id="NUL in a password"),
        pytest.param("name", "A", "min_length", id="one letter"),
        pytest.param("name", "A" * 51, "max_length", id="51 letters"),
        pytest.param("name", "Ada <b>", "name_characters", id="markup"),
        pytest.param("name", "4da", "name_characters", id="a digit"),
        pytest.param("name", "'Ada", "name_characters", id="no letter first"),
        pytest.param("name", "Ada\u202eevil", "name_characters", id="turned around"),
        pytest.param("name", "Ada\ud800", "surrogate_characters_not_allowed", id="half a letter"),
        pytest.param("name", True, "invalid", id="true"),
        pytest.param("age", 12, "min_value", id="12"),
        pytest.param("age", 121, "max_value", id="121"),
        pytest.param("age", 42.5, "invalid", id="a broken number"),
        pytest.param("age", True, "invalid", id="true as an age"),
        pytest.param("age", "old", "invalid", id="a word"),
        pytest.param("age", 10**4000, "max_value", id="a huge number"),
        pytest.param("age", "9" * 5000, "max_string_length", id="a huge text"),
        pytest.param("age", [], "invalid", id="a list as an age"),
    ],
)
def test_what_is_not_acceptable(
    member: str, value: object, code: str | None, service: Program
) -> None:
    answer = service.post(api.new_user(**{member: value}))
    assert answer.status_code == 400
    found = api.codes(answer)
    assert set(found) == {member}
    assert code is None or code in found[member]


@pytest.mark.parametrize(
    "name",
    [
        "Ada Lovelace",
        "Zoë",
        "O\u2019Brien",
        "O'Brien",
        "Anne-Marie",
        "Åsa",
        "李小龍",
        "Ngũgĩ",
        "नेहा",
        "Yu",
    ],
)
def test_names_that_people_have(name: str, service: Program) -> None:
    answer = service.post(api.new_user(name=name))
    assert answer.status_code == 201, answer.text


def test_the_names_of_the_article(service: Program) -> None:
    with policy.replaced(api=replace(policy.current().api, names=Names.ASCII)):
        assert api.codes(service.post(api.new_user(name="Zoë"))) == {"name": ["name_ascii"]}
        assert service.post(api.new_user(name="Zoe Plain")).status_code == 201


def test_a_name_is_kept_in_one_form(service: Program) -> None:
    answer = service.post(api.new_user(name="  Zoe\u0308   Nova "))
    assert answer.json()["name"] == "Zoë Nova"


def test_types_are_converted(service: Program) -> None:
    answer = service.post(api.new_user(age="42"))
    assert api.row(answer.json()["id"]).age == 42


def test_the_rules_of_nist(service: Program) -> None:
    rules = replace(policy.current().passwords, policy=PasswordPolicy.NIST)
    with policy.replaced(passwords=rules):
        assert service.post(api.new_user(password="four plain lower words")).status_code == 201
        assert api.codes(service.post(api.new_user(password="Ab1!Ab1!Ab1!"))) == {
            "password": ["password_too_short"]
        }


@pytest.mark.parametrize("spelling", [str.upper, str.title, lambda text: f"  {text} "])
def test_an_address_is_taken_however_it_is_written(spelling: object, service: Program) -> None:
    email = person.address()
    assert service.post(api.new_user(email=email)).status_code == 201
    assert callable(spelling)
    answer = service.post(api.new_user(email=spelling(email), age=1))
    assert api.codes(answer) == {"email": ["taken"], "age": ["min_value"]}


def test_what_is_unknown_is_left_out(service: Program) -> None:
    answer = service.post(api.new_user() | {"isAdministrator": True, "is_staff": True, "pk": 1})
    assert answer.status_code == 201
    assert not api.row(answer.json()["id"]).is_staff


def test_what_is_unknown_is_refused_where_that_is_asked(service: Program) -> None:
    with policy.replaced(api=replace(policy.current().api, is_strict=True)):
        answer = service.post(api.new_user(age=1) | {"nmae": "Ada", "a/b~c": 1, "\u202e": 2})
    assert api.codes(answer) == {
        "nmae": ["unknown"],
        "a/b~c": ["unknown"],
        "?": ["unknown"],
        "age": ["min_value"],
    }
    told = {fault["field"]: fault for fault in answer.json()["errors"]}
    assert "Did you mean name?" in told["nmae"]["message"]
    assert told["a/b~c"]["pointer"] == "#/a~1b~0c"


@pytest.mark.parametrize("body", [{}, {"unknown": 1}, {"id": "x"}])
def test_a_change_changes_something(body: dict[str, object], own: Program) -> None:
    answer = own.patch("/me", body)
    assert (answer.status_code, api.codes(answer)) == (400, {"": ["empty"]})
    assert answer.json()["errors"][0]["pointer"] == "#"
