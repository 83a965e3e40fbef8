"""The claims parameter: what is heard of it, what is passed over, and what is refused."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from authserver import claims_request, errors

EVERYTHING = frozenset({"openid", "profile", "email", "phone", "address"})


def client(*scopes: str) -> Any:
    """Return a client that is registered for these scopes."""
    return SimpleNamespace(scope=frozenset(scopes) or EVERYTHING)


def read(value: object, *scopes: str) -> claims_request.ClaimsRequest:
    """Read a value as the parameter."""
    text = value if isinstance(value, str) else json.dumps(value)
    return claims_request.read(text, client(*scopes))


@pytest.mark.parametrize("text", [None, "", "{}", '{"userinfo":{},"id_token":{}}', '{"other":[1]}'])
def test_nothing_is_asked_for(text: str | None) -> None:
    asked = claims_request.read(text, client())
    assert (asked.text, asked.userinfo_names, asked.id_token_names) == ("", (), ())
    assert asked.is_about("anybody")
    assert asked.consent_names() == ()


def test_what_is_asked_for_is_known_by_name_and_by_value() -> None:
    asked = read(
        {
            "userinfo": {"nickname": None, "email": {"essential": True, "value": "a@b.example"}},
            "id_token": {"gender": {"values": ["x", "y"]}, "picture": {}},
        }
    )
    assert asked.userinfo == {"nickname": None, "email": ("a@b.example",)}
    assert asked.id_token == {"gender": ("x", "y"), "picture": None}
    assert claims_request.parse(asked.text) == asked


@pytest.mark.parametrize(
    "name",
    [
        "iss", "aud", "exp", "iat", "nonce", "azp", "amr", "sid", "at_hash", "c_hash", "s_hash",
        "jti", "cnf", "act", "scope", "client_id", "sub_jwk", "password", "is_staff", "id",
        "email_key", "age", "name#de", "name#", "", "Name", "https://claims.example/groups",
    ],
)  # fmt: skip
def test_what_is_no_claim_about_a_person_is_passed_over(name: str) -> None:
    for how in (None, {"essential": True}, {"value": "x"}, {"purpose": ["anything"]}):
        asked = read({"userinfo": {name: how}, "id_token": {name: how}})
        assert (asked.userinfo, asked.id_token, asked.text) == ({}, {}, "")


def test_a_client_is_heard_about_the_scopes_it_is_registered_for() -> None:
    wanted = {"userinfo": {"email": None, "nickname": None}, "id_token": {"phone_number": None}}
    asked = read(wanted, "openid", "email")
    assert (asked.userinfo_names, asked.id_token_names) == (("email",), ())
    kept = claims_request.parse(read(wanted).text)
    assert kept.open_to(client("openid", "phone")).consent_names() == ("claim=phone_number",)


def test_consent_is_about_what_no_scope_brings_along() -> None:
    asked = read({"userinfo": {"email": None, "nickname": None}, "id_token": {"nickname": None}})
    assert asked.consent_names() == ("claim=email", "claim=nickname")
    assert asked.consent_names({"openid", "profile"}) == ("claim=email",)
    assert asked.consent_names({"profile", "email"}) == ()


@pytest.mark.parametrize(
    ("members", "good", "bad"),
    [
        ({"id_token": {"sub": None}}, ["ada", "bob"], []),
        ({"id_token": {"sub": {"essential": True}}}, ["ada"], []),
        ({"id_token": {"sub": {"value": "bob"}}}, ["bob"], ["ada", "", "BOB"]),
        ({"userinfo": {"sub": {"value": "bob"}}}, ["bob"], ["ada"]),
        ({"id_token": {"sub": {"values": ["ada", "bob"]}}}, ["ada", "bob"], ["eve"]),
        (
            {
                "id_token": {"sub": {"values": ["ada", "bob"]}},
                "userinfo": {"sub": {"value": "bob"}},
            },
            ["bob"],
            ["ada"],
        ),
        (
            {"id_token": {"sub": {"value": "ada"}}, "userinfo": {"sub": {"value": "bob"}}},
            [],
            ["ada", "bob"],
        ),
    ],
)
def test_sub_names_who_may_be_answered_for(
    members: dict[str, Any], good: list[str], bad: list[str]
) -> None:
    asked = read(members)
    assert all(asked.is_about(sub) for sub in good)
    assert not any(asked.is_about(sub) for sub in bad)
    assert asked.text == ""


def test_acr_and_auth_time_are_told_apart() -> None:
    asked = read({"id_token": {"acr": {"essential": True, "values": ["2", "1"]}}})
    assert (asked.acr_values, asked.is_acr_essential) == (("2", "1"), True)
    asked = read({"id_token": {"acr": {"value": "1"}, "auth_time": {"essential": True}}})
    assert (asked.acr_values, asked.is_acr_essential) == (("1",), False)
    assert asked.auth_time_essential
    asked = read({"userinfo": {"acr": {"essential": True, "value": "9"}}})
    assert (asked.acr_values, asked.is_acr_essential) == ((), False)


@pytest.mark.parametrize(
    "text",
    [
        "x", "'x'", '"x"', "[]", "null", "1", "true", "{", "{}{}", "\ufeff{}", "{'userinfo':{}}",
        '{"userinfo":[]}', '{"userinfo":null}', '{"id_token":"name"}', '{"id_token":1}',
        '{"userinfo":{"name":true}}', '{"userinfo":{"name":"x"}}', '{"userinfo":{"name":[]}}',
        '{"userinfo":{"name":{"essential":"true"}}}', '{"userinfo":{"name":{"essential":1}}}',
        '{"userinfo":{"name":{"essential":null}}}', '{"userinfo":{"name":{"value":null}}}',
        '{"userinfo":{"name":{"values":"x"}}}', '{"userinfo":{"name":{"values":[]}}}',
        '{"userinfo":{"name":{"values":[null]}}}', '{"userinfo":{"name":{"values":{"a":1}}}}',
        '{"userinfo":{"name":{"value":"x","values":["x"]}}}',
        '{"id_token":{"sub":{"value":1}}}', '{"id_token":{"sub":{"values":["x",[]]}}}',
        '{"id_token":{"acr":{"value":1}}}', '{"id_token":{"acr":{"values":[{}]}}}',
        '{"userinfo":{},"userinfo":{"email":null}}', '{"userinfo":{"name":null,"name":null}}',
        '{"userinfo":{"name":{"value":"a","value":"b"}}}',
        '{"userinfo":{"name":{"value":1e9999}}}', '{"userinfo":{"name":{"value":NaN}}}',
        '{"userinfo":{"name":{"value":-Infinity}}}', '{"other":1e9999}',
        '{"userinfo":{"name":{"value":"\\u0000"}}}', '{"userinfo":{"na\\u0000me":null}}',
        '{"userinfo":{"name":{"value":"\\ud800"}}}', '{"oth\\ud800er":1}', '{"\x00":1}',
        '{"userinfo":' * 200_000, "[" * 200_000, '{"a":[' * 600 + "]}" * 600,
        '{"other":[[[[[[1]]]]]]}', '{"userinfo":{"name":null}' + " " * 1_000_000 + "}",
        '{"other":' + "9" * 5000 + "}", '"' * 4000, '\\"' * 2000,
    ],
)  # fmt: skip
def test_what_is_malformed_is_refused(text: str) -> None:
    with pytest.raises(errors.InvalidRequest) as caught:
        claims_request.read(text, client())
    assert "claim" in caught.value.description


def test_a_value_is_the_same_value_and_not_only_equal_in_python() -> None:
    wanted = read(
        {
            "userinfo": {
                "email_verified": {"value": 1},
                "updated_at": {"values": [True, 1]},
                "address": {"value": {"country": "Spain", "locality": "Cadiz"}},
                "name": {"value": "Ada"},
                "nickname": None,
                "gender": None,
            }
        }
    )
    known = {
        "email_verified": True,
        "updated_at": 1,
        "address": {"locality": "Cadiz", "country": "Spain"},
        "name": "Bob",
        "nickname": "bo",
        "birthdate": "1980-01-01",
    }
    told = claims_request.fitting(wanted.userinfo, known)
    assert set(told) == {"updated_at", "address", "nickname"}
