"""RFC 7516 §3.1 — ID tokens that only their client can read: signed, then encrypted for one key."""

import secrets
from datetime import timedelta
from typing import Any

import pytest

from authserver import clients, models, registrar
from authserver.registrar import RefusedError
from config import policy
from tests import jose, published
from tests.doors import Response
from tests.parties import CALLBACK, Enrol
from tests.registrations import Newcomer
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 7516 §3.1")

ALGORITHMS = ("RSA-OAEP-256", "ECDH-ES")
ENCRYPTIONS = ("A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM")
CURVES = ("P-256", "P-384", "P-521", "X25519")


def _reader(enrol: Enrol, key: jose.Key, alg: str, enc: str = "", **more: Any) -> RelyingParty:
    chosen = {"id_token_encrypted_response_enc": enc} if enc else {}
    jwks = {"keys": [jose.public_jwk(key, kid="reading", use="enc")]}
    return enrol(jwks=jwks, id_token_encrypted_response_alg=alg, **chosen, **more)


def _inner(rp: RelyingParty, text: str, alg: str = "RS256") -> dict[str, Any]:
    jwks = rp.door.get(rp.metadata["jwks_uri"]).json()
    return jose.verified(text, jwks, alg).claims


@pytest.mark.spec("OIDC Discovery §3")
def test_these_algorithms_are_advertised(rp: RelyingParty) -> None:
    for kind in ("id_token", "userinfo"):
        assert rp.metadata[f"{kind}_encryption_alg_values_supported"] == list(ALGORITHMS)
        assert rp.metadata[f"{kind}_encryption_enc_values_supported"] == list(ENCRYPTIONS)


@pytest.mark.parametrize("enc", ENCRYPTIONS)
@pytest.mark.parametrize("alg", ALGORITHMS)
def test_the_client_opens_it_and_finds_a_signed_token(enrol: Enrol, alg: str, enc: str) -> None:
    key = jose.private_key(alg)
    rp = _reader(enrol, key, alg, enc)
    opened = jose.opened(rp.tokens()["id_token"], key, alg, enc)
    assert opened.header["cty"] == "JWT"
    assert opened.header["kid"] == "reading"
    assert "zip" not in opened.header
    assert _inner(rp, opened.text)["aud"] == rp.client_id


@pytest.mark.spec("RFC 7518 §4.6")
@pytest.mark.parametrize("curve", CURVES)
def test_every_curve_agrees_on_a_key(enrol: Enrol, curve: str) -> None:
    key = jose.private_key(curve)
    rp = _reader(enrol, key, "ECDH-ES", "A256GCM")
    opened = jose.opened(rp.tokens()["id_token"], key, "ECDH-ES", "A256GCM")
    assert _inner(rp, opened.text)["iss"] == rp.issuer


@pytest.mark.spec("OIDC Registration §2")
def test_without_a_word_about_it_the_content_is_encrypted_with_a128cbc_hs256(enrol: Enrol) -> None:
    key = jose.private_key("RSA-OAEP-256")
    rp = _reader(enrol, key, "RSA-OAEP-256")
    opened = jose.opened(rp.tokens()["id_token"], key, "RSA-OAEP-256", "A128CBC-HS256")
    assert _inner(rp, opened.text)["aud"] == rp.client_id


def test_a_refreshed_id_token_is_encrypted_too(enrol: Enrol) -> None:
    key = jose.private_key("ECDH-ES")
    rp = _reader(enrol, key, "ECDH-ES", "A128GCM", id_token_signed_response_alg="ES384")
    answer = rp.refresh(rp.tokens()["refresh_token"]).json()
    opened = jose.opened(answer["id_token"], key, "ECDH-ES", "A128GCM")
    assert _inner(rp, opened.text, "ES384")["aud"] == rp.client_id


@pytest.mark.spec("RFC 7517 §4.2")
def test_a_key_for_encryption_goes_before_one_that_does_not_say(enrol: Enrol) -> None:
    meant, silent = jose.private_key("RSA-OAEP-256"), jose.private_key("RSA-OAEP-256")
    signing = jose.private_key("RSA-OAEP-256")
    keys = [
        jose.public_jwk(signing, kid="signing", use="sig"),
        jose.public_jwk(silent, kid="silent"),
        jose.public_jwk(jose.private_key("P-256"), kid="curve", use="enc"),
        jose.public_jwk(meant, kid="meant", use="enc"),
    ]
    rp = enrol(jwks={"keys": keys}, id_token_encrypted_response_alg="RSA-OAEP-256")
    token = rp.tokens()["id_token"]
    assert jose.opened(token, meant, "RSA-OAEP-256", "A128CBC-HS256").header["kid"] == "meant"


@pytest.mark.spec("RFC 7517 §4.5")
def test_a_key_without_a_name_is_used_without_one(enrol: Enrol) -> None:
    key = jose.private_key("ECDH-ES")
    jwks = {"keys": [jose.public_jwk(key)]}
    for member in jwks["keys"]:
        member.pop("kid", None)
    rp = enrol(jwks=jwks, id_token_encrypted_response_alg="ECDH-ES")
    token = rp.tokens()["id_token"]
    assert "kid" not in jose.opened(token, key, "ECDH-ES", "A128CBC-HS256").header


# A client that cannot read


def _lose_keys(rp: RelyingParty) -> None:
    """Leave the client a signing key only, as somebody who edits rows by hand might."""
    jwks = jose.jwks_of({"signing": jose.private_key("ES256")}, use="sig")
    models.Client.objects.filter(pk=rp.client_id).update(jwks=jwks)
    clients.evict(rp.client_id)


def _told(answer: Response) -> None:
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"] == "unauthorized_client"
    assert "key" in answer.json()["error_description"]


def test_who_has_no_key_is_told_and_loses_neither_code_nor_refresh_token(enrol: Enrol) -> None:
    rp = _reader(enrol, jose.private_key("ECDH-ES"), "ECDH-ES")
    jwks = models.Client.objects.get(pk=rp.client_id).jwks
    refresh_token = rp.tokens()["refresh_token"]
    arrival = rp.authorize()
    _lose_keys(rp)
    _told(rp.redeem(arrival))
    with policy.replaced(refresh=policy.Refresh(grace=timedelta(0))):
        _told(rp.refresh(refresh_token))
        _told(rp.refresh(refresh_token))
    models.Client.objects.filter(pk=rp.client_id).update(jwks=jwks)
    clients.evict(rp.client_id)
    assert rp.redeem(arrival).status_code == 200, "the code was not used up"
    assert rp.refresh(refresh_token).status_code == 200, "nor the refresh token"


def test_what_needs_no_id_token_goes_on_without_a_key(enrol: Enrol) -> None:
    rp = _reader(enrol, jose.private_key("ECDH-ES"), "ECDH-ES")
    _lose_keys(rp)
    assert rp.redeem(rp.authorize(scope="profile")).status_code == 200


@pytest.mark.spec("RFC 8725 §3.2")
@pytest.mark.parametrize(
    "alg", ["RSA1_5", "RSA-OAEP", "PBES2-HS256+A128KW", "dir", "A128KW", "ECDH-1PU", "none"]
)
def test_no_other_algorithm_can_be_registered(signing_keys: None, alg: str) -> None:
    whole = {
        "redirect_uris": [CALLBACK],
        "jwks": jose.jwks_of({"k": jose.private_key("P-256")}, use="enc"),
        "id_token_encrypted_response_alg": alg,
    }
    with pytest.raises(RefusedError, match="id_token_encrypted_response_alg"):
        registrar.register(whole)


@pytest.mark.spec("OIDC Core §3.3.2.6")
def test_at_the_authorization_endpoint_it_is_an_error_that_is_sent(enrol: Enrol) -> None:
    key = jose.private_key("ECDH-ES")
    grants = ["authorization_code", "implicit"]
    rp = _reader(enrol, key, "ECDH-ES", response_types=["code id_token"], grant_types=grants)
    asked: dict[str, Any] = {"response_type": "code id_token", "response_mode": "form_post"}
    token = rp.authorize(**asked).parameters["id_token"]
    opened = jose.opened(token, key, "ECDH-ES", "A128CBC-HS256")
    assert "c_hash" in _inner(rp, opened.text)
    _lose_keys(rp)
    assert rp.authorize(**asked).outcome == "unauthorized_client"


# What comes in encrypted


@pytest.mark.spec("RFC 8725 §3.6")
@pytest.mark.parametrize("kind", ["id_token_hint", "bearer", "introspected", "logout"])
def test_nothing_encrypted_is_taken(rp: RelyingParty, kind: str) -> None:
    bomb = "eyJhbGciOiJQQkVTMi1IUzI1NitBMTI4S1ciLCJwMmMiOjIxNDc0ODM2NDd9.a.b.c." + "A" * 500
    match kind:
        case "id_token_hint":
            assert rp.ask(id_token_hint=bomb, prompt="none").outcome == "login_required"
        case "bearer":
            assert rp.userinfo(bomb).status_code == 401
        case "introspected":
            assert rp.is_dead(bomb)
        case "logout":
            state = secrets.token_hex(4)
            assert rp.end_session(id_token_hint=bomb, state=state).status_code == 400


@pytest.mark.parametrize("depth", [900, 960, 4000])
def test_a_published_key_nested_without_end_is_no_key(newcomer: Newcomer, depth: int) -> None:
    deep = "[" * depth + "]" * depth
    document = '{"keys":[{"kty":"EC","crv":"P-256","use":"enc","x":%s,"y":"AA","key_ops":%s}]}'
    with published.site((document % (deep, deep)).encode()) as here:
        rp = newcomer.party(
            newcomer.register(jwks_uri=here.url, id_token_encrypted_response_alg="ECDH-ES")
        )
        answer = rp.redeem(rp.authorize())
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")
