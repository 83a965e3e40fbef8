"""RFC 6750 §3 — what a protected resource says to a token that does not open it."""

import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
import time_machine

from tests.credentials import Key
from tests.doors import Door
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 6750 §3")


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"Authorization": "Basic dTpw"}, id="another scheme"),
        pytest.param({"Cookie": "as_session=x; access_token=x"}, id="a cookie"),
    ],
)
def test_a_request_without_a_token_is_told_no_error(
    rp: RelyingParty, way_in: Door, headers: dict[str, str]
) -> None:
    answer = way_in.get(rp.address("userinfo"), headers=headers)
    assert (answer.status_code, answer.body) == (401, b"")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="authserver"'


@pytest.mark.spec("RFC 6750 §3.1")
@pytest.mark.parametrize(
    "value",
    ["Bearer", "Bearer ", "Bearer x y", "Bearer \u00fc", 'Bearer "x"', "Bearer x,Bearer y"],
    ids=ascii,
)
def test_a_malformed_header_is_an_invalid_token(rp: RelyingParty, way_in: Door, value: str) -> None:
    answer = way_in.get(rp.address("userinfo"), headers={"Authorization": value})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert 'error="invalid_token"' in str(answer.headers["WWW-Authenticate"])


Make = Callable[[dict[str, Any], dict[str, Any]], str]
WRONG: dict[str, Make] = {
    "garbage": lambda *_: "garbage",
    "garbage in three parts": lambda *_: "e30.e30.e30",
    "refresh token": lambda tokens, _: str(tokens["refresh_token"]),
    "id token": lambda tokens, _: str(tokens["id_token"]),
    "unsigned": lambda _, claims: jwt.encode(claims, "", algorithm="none"),
    "unsigned and typed": lambda _, claims: jwt.encode(
        claims, "", algorithm="none", headers={"typ": "at+jwt"}
    ),
    "other key": lambda _, claims: jwt.encode(
        claims, Key().private, algorithm="ES256", headers={"typ": "at+jwt"}
    ),
    "shared secret": lambda _, claims: jwt.encode(
        claims, "s" * 64, algorithm="HS256", headers={"typ": "at+jwt"}
    ),
    "key in the header": lambda _, claims: _with_its_own_key(claims),
    "no signature": lambda tokens, _: tokens["access_token"].rpartition(".")[0] + ".",
    "changed signature": lambda tokens, _: tokens["access_token"][:-8] + "AAAAAAAA",
    "padded": lambda tokens, _: tokens["access_token"] + "=",
    "one character more": lambda tokens, _: tokens["access_token"] + "A",
    "other payload": lambda tokens, _: _with_payload_of(tokens),
}


@pytest.mark.spec("RFC 6750 §3.1")
@pytest.mark.parametrize("make", WRONG.values(), ids=WRONG)
def test_nothing_but_a_live_access_token_opens(rp: RelyingParty, make: Make) -> None:
    tokens = rp.tokens()
    claims = rp.claims(tokens["access_token"], audience=f"{rp.issuer}/api")
    answer = rp.userinfo(make(tokens, claims))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert 'error="invalid_token"' in str(answer.headers["WWW-Authenticate"])
    assert answer.headers["Cache-Control"] == "no-store"
    assert rp.userinfo(tokens["access_token"]).status_code == 200


@pytest.mark.spec("RFC 6750 §3.1")
def test_an_expired_token_opens_nothing(rp: RelyingParty) -> None:
    token = rp.tokens()["access_token"]
    with time_machine.travel(time.time() + 901):
        answer = rp.userinfo(token)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


@pytest.mark.spec("RFC 6750 §3.1")
def test_a_revoked_token_opens_nothing(rp: RelyingParty) -> None:
    tokens = rp.tokens()
    assert rp.revoke(tokens["access_token"]).status_code == 200
    assert rp.userinfo(tokens["access_token"]).status_code == 401
    fresh = rp.refresh(tokens["refresh_token"]).json()
    assert rp.userinfo(fresh["access_token"]).status_code == 200


@pytest.mark.spec("RFC 6750 §3.1")
def test_a_token_without_the_scope_is_told_which(rp: RelyingParty) -> None:
    answer = rp.userinfo(rp.tokens(scope="profile")["access_token"])
    assert (answer.status_code, answer.json()["error"]) == (403, "insufficient_scope")
    challenge = str(answer.headers["WWW-Authenticate"])
    assert challenge.startswith('Bearer realm="authserver", error="insufficient_scope"')
    assert 'scope="openid"' in challenge


def _with_its_own_key(claims: dict[str, Any]) -> str:
    key = Key()
    headers = {"typ": "at+jwt", "jwk": key.jwks["keys"][0]}
    return jwt.encode(claims, key.private, algorithm="ES256", headers=headers)


def _with_payload_of(tokens: dict[str, Any]) -> str:
    header, _, signature = tokens["access_token"].split(".")
    return f"{header}.{tokens['id_token'].split('.')[1]}.{signature}"
