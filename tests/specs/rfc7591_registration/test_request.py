"""RFC 7591 §3.1 — the request is one JSON object, and whatever else it is, it is no 500."""

import json
from typing import Any

import pytest

from tests import registrations
from tests.doors import Response
from tests.registrations import JSON, Newcomer

pytestmark = pytest.mark.spec("RFC 7591 §3.1")

GOOD = json.dumps(registrations.WEB).encode()


def sent(newcomer: Newcomer, body: bytes, kind: str = "application/json") -> Response:
    headers = {"Content-Type": kind} if kind else {}
    return newcomer.door.send("POST", newcomer.address, headers=headers, body=body)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="cut"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'"x"', id="a text"),
        pytest.param(b"null", id="null"),
        pytest.param(b"1", id="a number"),
        pytest.param(b"{}x", id="more behind it"),
        pytest.param(b"redirect_uris=x", id="a form"),
        pytest.param(b'{"a":1,"a":2}', id="a member twice"),
        pytest.param(b'{"x":{"a":1,"a":2}}', id="a member twice, deep"),
        pytest.param(b'{"client_name":"a\\u0000b"}', id="NUL"),
        pytest.param(b'{"client\\u0000name":"b"}', id="NUL in a name"),
        pytest.param(b'{"client_name":"\\ud800"}', id="half a surrogate"),
        pytest.param(b'{"client_name":"\xff"}', id="no UTF-8"),
        pytest.param(b"\xef\xbb\xbf{}", id="a byte order mark"),
        pytest.param('{"a":"b"}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b'{"default_max_age":NaN}', id="NaN"),
        pytest.param(b'{"default_max_age":Infinity}', id="Infinity"),
        pytest.param(b'{"default_max_age":1e999}', id="larger than any number"),
        pytest.param(b'{"x":' + b"9" * 5000 + b"}", id="a number of 5 000 digits"),
        pytest.param(b'{"a":' * 5000 + b"1" + b"}" * 5000, id="5 000 deep"),
        pytest.param(b"[" * 30_000, id="30 000 open brackets"),
    ],
)
def test_what_is_no_object_is_refused(newcomer: Newcomer, body: bytes) -> None:
    answer = sent(newcomer, body)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"


def test_one_that_is_too_large_is_not_read(newcomer: Newcomer) -> None:
    answer = sent(newcomer, b'{"x":"' + b"a" * 70_000 + b'"}')
    assert (answer.status_code, answer.json()["error"]) == (413, "invalid_request")


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin-1",
        "application/jsonx",
    ],
)
def test_another_type_is_refused(newcomer: Newcomer, kind: str) -> None:
    assert sent(newcomer, GOOD, kind).status_code == 400


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON", "application/json; charset=UTF-8"]
)
def test_json_may_be_written_so(newcomer: Newcomer, kind: str) -> None:
    assert sent(newcomer, GOOD, kind).status_code == 201


def test_a_query_is_refused(newcomer: Newcomer) -> None:
    url = f"{newcomer.address}?client_name=x"
    answer = newcomer.door.send("POST", url, headers=JSON, body=GOOD)
    assert answer.status_code == 400


@pytest.mark.parametrize("length", ["-1", "x", "1e3", "99999999999999"])
def test_an_odd_length_is_refused(newcomer: Newcomer, length: str) -> None:
    headers = {**JSON, "Content-Length": length}
    answer = newcomer.door.send("POST", newcomer.address, headers=headers, body=GOOD)
    assert answer.status_code in {400, 413}


@pytest.mark.parametrize("value", [None, True, 5, 1.5, "x", "", [], {}, [1], [[]], {"a": {}}])
@pytest.mark.parametrize(
    "name",
    [
        *("redirect_uris", "grant_types", "response_types", "scope", "client_name", "jwks"),
        *("jwks_uri", "contacts", "token_endpoint_auth_method", "subject_type"),
        *("sector_identifier_uri", "id_token_signed_response_alg", "default_max_age"),
        *("id_token_encrypted_response_alg", "id_token_encrypted_response_enc"),
        *("userinfo_signed_response_alg", "request_uris", "require_auth_time"),
        *("default_acr_values", "initiate_login_uri", "frontchannel_logout_uri"),
        *("backchannel_logout_uri", "post_logout_redirect_uris", "application_type"),
        *("software_statement", "client_name#de", "client_name#", "#", "logo_uri#x-y-"),
        *("id_token_signing_alg_values_supported", "subject_types_supported"),
        *("request_object_signing_alg", "require_signed_request_object", "software_id"),
        *("token_endpoint_auth_signing_alg", "logo_uri", "policy_uri", "pkce_required"),
    ],
)
def test_a_value_of_any_type_is_registered_or_refused(
    newcomer: Newcomer, name: str, value: Any
) -> None:
    answer = newcomer.send(**{name: value})
    assert answer.status_code in {201, 400}, answer.text
    if answer.status_code == 400:
        assert answer.json()["error"].startswith(("invalid_", "unapproved_"))
        assert answer.json()["error_description"].isascii()


def test_unknown_members_are_ignored(newcomer: Newcomer) -> None:
    told = newcomer.register(foo="bar", dpop_bound_access_tokens=True, **{"x#de": "y"})
    assert not {"foo", "dpop_bound_access_tokens", "x#de"} & set(told)
