"""RFC 9101 §6 — an object that is not as it should be asks for nothing."""

import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest

from tests.credentials import Key, statement
from tests.parties import CALLBACK, Enrol
from tests.specs.rfc9101_request_objects import signer
from tests.specs.rfc9101_request_objects.signer import Signer

pytestmark = pytest.mark.spec("RFC 9101 §6")

EVIL = "https://evil.example/cb"


@pytest.fixture
def known(enrol: Enrol) -> Signer:
    """Return a client that may sign its requests, and whose user has signed in and agreed."""
    made = signer.enrolled(enrol)
    made.rp.tokens()
    return made


FAULTS: dict[str, dict[str, Any]] = {
    "no iss": {"iss": None},
    "another iss": {"iss": "somebody"},
    "no aud": {"aud": None},
    "another aud": {"aud": "https://other.example"},
    "aud is a prefix": {"aud": "https://"},
    "aud is a number": {"aud": 5},
    "aud lists others": {"aud": ["https://other.example", 5, None, ["x"]]},
    "a client assertion": {"sub": "CLIENT"},
    "another client inside": {"client_id": "somebody"},
    "client in a list": {"client_id": ["CLIENT"]},
    "no exp": {"exp": None},
    "exp past": {"exp": -60},
    "exp too far": {"exp": 3_700},
    "exp is a text": {"exp": "9999999999"},
    "exp is true": {"exp": True},
    "exp is huge": {"exp": 10**400},
    "exp is endless": {"exp": float("inf")},
    "exp is no number": {"exp": float("nan")},
    "nbf ahead": {"nbf": 120},
    "nbf long ago": {"nbf": -3_700},
    "nbf is a text": {"nbf": "1"},
    "iat ahead": {"iat": 120},
    "iat long ago": {"iat": -3_700},
    "iat is null": {"iat": "NULL"},
    "nested request": {"request": "e30.e30."},
    "nested request_uri": {"request_uri": "https://app.example/request"},
    "nested request that is null": {"request": "NULL"},
    "scope is a number": {"scope": 5},
    "scope is a list": {"scope": ["openid"]},
    "scope is true": {"scope": True},
    "scope is null": {"scope": "NULL"},
    "state is an object": {"state": {"a": 1}},
    "redirect_uri is a list": {"redirect_uri": [CALLBACK]},
    "nonce is a number": {"nonce": 1},
    "max_age is true": {"max_age": True},
    "max_age is a fraction": {"max_age": 1.5},
    "claims is a text in a list": {"claims": ["x"]},
    "resource is a number": {"resource": 5},
    "resource is a list of numbers": {"resource": [5]},
    "half a surrogate pair": {"state": "\ud800"},
}


def _faulty(signing: Signer, changes: dict[str, Any]) -> dict[str, Any]:
    now, claims = int(time.time()), signing.claims(signing.rp.asking())
    for name, value in changes.items():
        is_offset = name in {"exp", "nbf", "iat"} and type(value) is int and abs(value) < 10**6
        claims[name] = now + value if is_offset else value
        if value is None:
            del claims[name]
    own = (
        json.dumps(claims)
        .replace('"NULL"', "null")
        .replace('"CLIENT"', f'"{signing.rp.client_id}"')
    )
    return dict(json.loads(own))


@pytest.mark.parametrize("changes", FAULTS.values(), ids=FAULTS)
def test_a_faulty_object_asks_for_nothing(known: Signer, changes: dict[str, Any]) -> None:
    """With nothing to answer to, the error is shown; to a matched address it is sent."""
    text = known.sign(_faulty(known, changes))
    assert known.send(text).outcome == "shown"
    assert known.send(text, redirect_uri=EVIL).outcome == "shown"
    arrival = known.send(text, redirect_uri=CALLBACK, state="outside")
    assert (arrival.outcome, arrival.mode) == ("invalid_request_object", "query")
    assert arrival.parameters["iss"] == known.rp.issuer


def _head(**changes: Any) -> str:
    return json.dumps({"alg": "ES256", **changes})


FORGED: dict[str, Callable[[Signer, dict[str, Any]], str]] = {
    "unsigned": lambda _, claims: jwt.encode(claims, "", algorithm="none"),
    "another key under our kid": lambda s, claims: s.sign(claims, key=Key().private),
    "shared secret": lambda s, claims: s.sign(claims, key="s" * 64, alg="HS256"),
    "the public key as a secret": lambda s, claims: s.hashed(claims, json.dumps(s.key.jwks)),
    "unknown kid": lambda s, claims: s.sign(claims, kid="nobody"),
    "path as kid": lambda s, claims: s.sign(claims, kid="../../dev/null"),
    "object as kid": lambda s, claims: s.sign_text(json.dumps(claims), _head(kid={})),
    "list as alg": lambda s, claims: s.sign_text(json.dumps(claims), _head(alg=["ES256"])),
    "number as typ": lambda s, claims: s.sign_text(json.dumps(claims), _head(typ=1)),
    "key in the header": lambda s, claims: s.sign(
        claims, key=(mine := Key()).private, kid=None, jwk=mine.jwks["keys"][0]
    ),
    "key at an address": lambda s, claims: s.sign(
        claims, key=Key().private, kid=None, jku="http://127.0.0.1:1/jwks"
    ),
    "typ of an access token": lambda s, claims: s.sign(claims, typ="at+jwt"),
    "typ of a logout token": lambda s, claims: s.sign(claims, typ="logout+jwt"),
    "typ of a client assertion": lambda s, claims: s.sign(claims, typ="client-authentication+jwt"),
    "crit": lambda s, claims: s.sign(claims, crit=["x"], x=1),
    "b64": lambda s, claims: s.sign_text(json.dumps(claims), _head(b64=False, crit=["b64"])),
    "alg twice": lambda s, claims: s.sign_text(json.dumps(claims), '{"alg":"none","alg":"ES256"}'),
    "a member twice": lambda s, claims: s.sign_text(
        json.dumps(claims)[:-1] + ',"redirect_uri":"https://app.example/cb"}'
    ),
    "deep nesting": lambda s, _: s.sign_text("[" * 4_000),
    "a list": lambda s, _: s.sign_text("[1]"),
    "no JSON": lambda s, _: s.sign_text("x"),
    "nothing": lambda s, _: s.sign_text(""),
    "signature cut off": lambda s, claims: s.sign(claims).rpartition(".")[0] + ".",
    "signature changed": lambda s, claims: s.sign(claims)[:-8] + "AAAAAAAA",
    "zeros for a signature": lambda s, claims: s.sign(claims).rpartition(".")[0] + "." + "A" * 86,
    "two parts": lambda s, claims: s.sign(claims).rpartition(".")[0],
    "four parts": lambda s, claims: s.sign(claims) + ".x",
    "five parts": lambda s, claims: s.sign(claims) + ".x.y",
    "dots": lambda *_: "." * 2_000,
    "padding": lambda s, claims: s.sign(claims) + "=",
    "a space": lambda s, claims: s.sign(claims) + " ",
    "quotes": lambda s, claims: f'"{s.sign(claims)}"',
    "JSON serialization": lambda *_: '{"payload":"e30","signatures":[]}',
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_forged_object_asks_for_nothing(
    known: Signer, forge: Callable[[Signer, dict[str, Any]], str]
) -> None:
    text = forge(known, known.claims(known.rp.asking()))
    assert known.send(text).outcome == "shown"
    arrival = known.send(text, redirect_uri=CALLBACK, state="outside")
    assert arrival.outcome == "invalid_request_object"


@pytest.mark.spec("RFC 9101 §10.8")
def test_a_client_assertion_is_no_request_and_a_request_no_assertion(enrol: Enrol) -> None:
    signing = signer.enrolled(enrol)
    assertion = statement(signing.rp.client_id, signing.rp.issuer)
    asked = signing.rp.asking()
    assert (
        signing.send(signing.sign({**asked.parameters, **assertion}, typ="JWT")).outcome == "shown"
    )
    by_key = enrol(token_endpoint_auth_method="private_key_jwt")
    sign = Signer(rp=by_key, key=by_key.credentials.key)  # type: ignore[attr-defined]
    text = sign.sign(sign.claims(by_key.asking(), jti="1"), typ="JWT")
    proof = {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}
    form = {"grant_type": "client_credentials", "client_assertion": text, **proof}
    answer = by_key.door.post(by_key.address("token"), form)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_one_of_our_own_tokens_is_no_request(known: Signer) -> None:
    tokens = known.rp.tokens()
    for text in (tokens["id_token"], tokens["access_token"], tokens["refresh_token"]):
        assert known.send(text).outcome == "shown"


def test_the_key_of_another_client_signs_nothing_here(enrol: Enrol) -> None:
    key = Key()
    mine, other = (signer.enrolled(enrol) for _ in range(2))
    text = mine.sign(mine.claims(mine.rp.asking()), key=other.key.private)
    assert mine.send(text).outcome == "shown"
    assert key.kid not in text


def test_a_client_without_keys_cannot_sign(enrol: Enrol) -> None:
    signing = Signer(rp=enrol())
    assert signing.send(signing.sign(signing.claims(signing.rp.asking()))).outcome == "shown"
