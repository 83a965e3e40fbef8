"""OIDC Back-Channel Logout §2.4 — what a logout token says, and that nothing else comes with it."""

import time
from typing import Any

import jwt
import pytest

from config import outbox
from tests.parties import Enrol
from tests.person import Person
from tests.rp import RelyingParty
from tests.specs.oidc_backchannel_logout.conftest import Hearing, Party
from tokens import jws

pytestmark = pytest.mark.spec("OIDC Back-Channel Logout §2.4")

EVENT = "http://schemas.openid.net/event/backchannel-logout"


def told(party: Party, someone: Person) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Sign in, sign out; return the ID token's claims, the logout token's, and that token."""
    signed_in = party.rp.claims(party.rp.tokens()["id_token"])
    someone.sign_out()
    outbox.deliver_due()
    (token,) = party.ear.tokens
    return signed_in, party.rp.claims(token), token


def test_it_says_who_and_which_session_and_nothing_more(hearing: Hearing, someone: Person) -> None:
    signed_in, claims, token = told(hearing(), someone)
    assert set(claims) == {"iss", "aud", "iat", "exp", "jti", "events", "sub", "sid"}
    assert (claims["sub"], claims["sid"]) == (signed_in["sub"], signed_in["sid"])
    assert (claims["iss"], claims["aud"]) == (signed_in["iss"], signed_in["aud"])
    assert claims["events"] == {EVENT: {}}
    assert abs(claims["iat"] - time.time()) < 60
    assert 0 < claims["exp"] - claims["iat"] <= 120
    assert jwt.get_unverified_header(token)["typ"] == "logout+jwt"


def test_it_is_a_form_of_one_field_by_post(hearing: Hearing, someone: Person) -> None:
    party = hearing()
    told(party, someone)
    (request,) = party.ear.heard
    assert (request.method, request.path) == ("POST", "/bye")
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert list(request.form) == ["logout_token"]
    assert not {"Cookie", "Authorization"} & set(request.headers)


def test_no_two_are_the_same(hearing: Hearing, someone: Person) -> None:
    party = hearing()
    for _ in range(2):
        party.rp.tokens()
        someone.sign_out()
    outbox.deliver_due()
    first, second = (party.rp.claims(token) for token in party.ear.tokens)
    assert first["jti"] != second["jti"]
    assert first["sid"] != second["sid"]
    assert first["sub"] == second["sub"]


@pytest.mark.parametrize("alg", jws.ALGORITHMS)
def test_it_is_signed_like_the_clients_id_tokens(
    hearing: Hearing, someone: Person, alg: str
) -> None:
    party = hearing(id_token_signed_response_alg=alg)
    id_token = party.rp.tokens()["id_token"]
    someone.sign_out()
    outbox.deliver_due()
    (token,) = party.ear.tokens
    heads = [jwt.get_unverified_header(text) for text in (id_token, token)]
    assert [head["alg"] for head in heads] == [alg, alg]
    assert heads[0]["kid"] == heads[1]["kid"]


def test_a_pairwise_client_is_told_in_its_own_terms(hearing: Hearing, someone: Person) -> None:
    party = hearing(subject_type="pairwise")
    signed_in, claims, _ = told(party, someone)
    assert claims["sub"] == signed_in["sub"] != someone.subject
    assert claims["sid"] == signed_in["sid"]


def test_two_sectors_are_told_nothing_they_could_compare(hearing: Hearing, someone: Person) -> None:
    near = hearing(subject_type="pairwise", redirect_uris=["https://near.example/cb"])
    far = hearing(subject_type="pairwise", redirect_uris=["https://far.example/cb"])
    near.rp.tokens()
    far.rp.tokens()
    someone.sign_out()
    outbox.deliver_due()
    one, other = (party.rp.claims(party.ear.tokens[0]) for party in (near, far))
    assert not {one["sub"], one["sid"], one["jti"]} & {other["sub"], other["sid"], other["jti"]}


@pytest.mark.parametrize("required", [True, False])
def test_the_session_is_named_whether_or_not_that_is_required(
    hearing: Hearing, someone: Person, required: bool
) -> None:
    _, claims, _ = told(hearing(backchannel_logout_session_required=required), someone)
    assert claims["sid"]
    assert claims["sub"]


def test_it_is_no_id_token_and_no_access_token(
    hearing: Hearing, someone: Person, resource_server: RelyingParty
) -> None:
    party = hearing(post_logout_redirect_uris=["https://app.example/bye"])
    _, _, token = told(party, someone)
    assert party.rp.end_session(id_token_hint=token).status_code == 400
    assert party.rp.userinfo(token).status_code == 401
    assert resource_server.is_dead(token)
    asked = party.rp.authorize(prompt="none", id_token_hint=token)
    assert asked.error is not None


def test_an_encrypted_one_opens_with_the_clients_key(
    hearing: Hearing, someone: Person, enrol: Enrol
) -> None:
    from joserfc import jwe, jwk  # noqa: PLC0415  only here

    key = jwk.generate_key("EC", "P-256", {"use": "enc", "kid": "1"}, private=True)
    party = hearing(
        jwks={"keys": [key.as_dict(private=False)]},
        id_token_encrypted_response_alg="ECDH-ES",
        id_token_encrypted_response_enc="A128GCM",
    )
    party.rp.tokens()
    someone.sign_out()
    outbox.deliver_due()
    (token,) = party.ear.tokens
    assert token.count(".") == 4
    opened = jwe.decrypt_compact(token, key, algorithms=["ECDH-ES", "A128GCM"])
    assert opened.plaintext
    claims = party.rp.claims(opened.plaintext.decode())
    assert claims["events"] == {EVENT: {}}
