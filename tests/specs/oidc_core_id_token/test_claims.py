"""OIDC Core §2 — what an ID token says, and that it is true."""

import base64
import hashlib
import time
from typing import Any

import jwt
import pytest
import time_machine

from tests.doors import Door
from tests.parties import Enrol
from tests.person import Person
from tests.rp import Arrival, RelyingParty
from tokens import jws

pytestmark = pytest.mark.spec("OIDC Core §2")

ALWAYS = {"iss", "sub", "aud", "iat", "exp", "auth_time", "acr", "amr", "sid", "at_hash"}


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_it_verifies_by_the_published_keys(enrol: Enrol, someone: Person, alg: str) -> None:
    rp, start = enrol(id_token_signed_response_alg=alg), int(time.time())
    arrival = rp.authorize()
    tokens = rp.redeem(arrival).json()
    header, claims = jwt.get_unverified_header(tokens["id_token"]), rp.claims(tokens["id_token"])
    assert (header["alg"], header["typ"]) == (alg, "JWT")
    assert set(claims) == {*ALWAYS, "nonce"}
    assert (claims["iss"], claims["sub"]) == (rp.issuer, someone.subject)
    assert claims["aud"] == rp.client_id
    assert claims["nonce"] == arrival.asked.value("nonce")
    assert claims["exp"] - claims["iat"] == 3600
    assert start <= claims["auth_time"] <= claims["iat"] <= time.time()
    assert (claims["acr"], claims["amr"]) == ("1", ["pwd"])


def test_the_usual_algorithm_is_the_one_every_client_knows(rp: RelyingParty) -> None:
    assert jwt.get_unverified_header(rp.tokens()["id_token"])["alg"] == "RS256"


@pytest.mark.spec("OIDC Core §3.1.3.6")
@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_at_hash_binds_the_access_token(enrol: Enrol, alg: str) -> None:
    rp = enrol(id_token_signed_response_alg=alg)
    first = rp.tokens()
    for tokens in (first, rp.refresh(first["refresh_token"]).json()):
        digest = hashlib.sha256(tokens["access_token"].encode()).digest()
        half = base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()
        assert rp.claims(tokens["id_token"])["at_hash"] == half


@pytest.mark.parametrize("nonce", ["n", "\u00fc<&\"' \n", "x" * 2000])
def test_the_nonce_comes_back_unchanged(rp: RelyingParty, nonce: str) -> None:
    assert _claims(rp, rp.authorize(nonce=nonce))["nonce"] == nonce


def test_no_nonce_is_made_up(rp: RelyingParty) -> None:
    assert set(_claims(rp, rp.authorize(nonce=None))) == ALWAYS


@pytest.mark.spec("OIDC Core §5.4")
def test_scope_claims_are_told_by_userinfo_not_here(rp: RelyingParty) -> None:
    claims = _claims(rp, rp.authorize(scope="openid profile email phone address"))
    assert set(claims) == {*ALWAYS, "nonce"}


def test_auth_time_is_when_this_session_began(rp: RelyingParty) -> None:
    first = _claims(rp, rp.authorize())
    with time_machine.travel(time.time() + 3600):
        later = _claims(rp, rp.authorize())
    assert later["auth_time"] == first["auth_time"]
    assert later["iat"] > first["iat"]


def test_sid_names_the_session(rp: RelyingParty, other_rp: RelyingParty, someone: Person) -> None:
    first = _claims(rp, rp.authorize())
    assert _claims(rp, rp.authorize())["sid"] == first["sid"]
    assert _claims(other_rp, other_rp.authorize())["sid"] == first["sid"]
    assert _claims(rp, rp.authorize(someone.elsewhere()))["sid"] != first["sid"]
    someone.sign_out()
    assert _claims(rp, rp.authorize())["sid"] != first["sid"]


def test_sub_is_the_same_for_every_client_and_never_another_persons(
    rp: RelyingParty, other_rp: RelyingParty, somebody_else: Person
) -> None:
    mine = _claims(rp, rp.authorize())["sub"]
    assert _claims(other_rp, other_rp.authorize())["sub"] == mine
    assert _claims(rp, rp.authorize(somebody_else))["sub"] != mine


@pytest.mark.spec("OIDC Core §12.2")
def test_a_refreshed_one_invents_nothing(rp: RelyingParty, someone: Person) -> None:
    tokens = rp.tokens()
    first = rp.claims(tokens["id_token"])
    with time_machine.travel(time.time() + 600):
        rp.authorize(prompt="login")  # proves themselves anew, in the same session
        again = rp.claims(rp.refresh(tokens["refresh_token"]).json()["id_token"])
    same = ("iss", "sub", "aud", "auth_time", "acr", "amr", "sid")
    assert [again[name] for name in same] == [first[name] for name in same]
    assert again["iat"] >= first["iat"] + 600
    assert "nonce" not in again


@pytest.mark.spec("RFC 7517 §5")
def test_the_published_keys_hold_nothing_private(rp: RelyingParty, way_in: Door) -> None:
    keys = way_in.get(rp.metadata["jwks_uri"]).json()["keys"]
    assert {key["alg"] for key in keys} == set(jws.ALGORITHMS)
    assert len({key["kid"] for key in keys}) == len(keys)
    for key in keys:
        assert set(key) <= {"kty", "use", "alg", "kid", "n", "e", "crv", "x", "y", "key_ops"}


def _claims(rp: RelyingParty, arrival: Arrival) -> dict[str, Any]:
    return rp.claims(rp.redeem(arrival).json()["id_token"])
