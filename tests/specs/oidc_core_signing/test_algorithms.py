"""OIDC Core §3.1.3.6 — ID tokens of every advertised algorithm, verified by another library."""

import base64
import hashlib
from typing import Any

import pytest

from authserver import registrar
from tests import jose
from tests.parties import CALLBACK, AddApi, Enrol
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("OIDC Core §3.1.3.6")

DIGESTS = {
    **dict.fromkeys(("RS256", "PS256", "ES256"), hashlib.sha256),
    "ES384": hashlib.sha384,
    **dict.fromkeys(("ES512", "EdDSA", "Ed25519"), hashlib.sha512),
}


def _jwks(rp: RelyingParty) -> dict[str, Any]:
    return dict(rp.door.get(rp.metadata["jwks_uri"]).json())


def _left_half(text: str, alg: str) -> str:
    digest = DIGESTS[alg](text.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


@pytest.mark.spec("OIDC Discovery §3")
def test_these_algorithms_are_advertised_rs256_first(rp: RelyingParty) -> None:
    advertised = rp.metadata["id_token_signing_alg_values_supported"]
    assert sorted(advertised) == sorted(jose.ALGORITHMS)
    assert advertised[0] == "RS256"


@pytest.mark.parametrize("alg", jose.ALGORITHMS)
def test_the_id_token_verifies_and_its_hash_fits(enrol: Enrol, alg: str) -> None:
    rp = enrol(id_token_signed_response_alg=alg)
    tokens = rp.tokens()
    read = jose.verified(tokens["id_token"], _jwks(rp), alg)
    assert (read.header["alg"], read.header["typ"]) == (alg, "JWT")
    assert read.claims["at_hash"] == _left_half(tokens["access_token"], alg)
    assert (read.claims["iss"], read.claims["aud"]) == (rp.issuer, rp.client_id)


@pytest.mark.parametrize("alg", jose.ALGORITHMS)
def test_a_refreshed_id_token_verifies_too(enrol: Enrol, alg: str) -> None:
    rp = enrol(id_token_signed_response_alg=alg)
    answer = rp.refresh(rp.tokens()["refresh_token"]).json()
    read = jose.verified(answer["id_token"], _jwks(rp), alg)
    assert read.claims["at_hash"] == _left_half(answer["access_token"], alg)


@pytest.mark.spec("OIDC Core §3.3.2.11")
@pytest.mark.parametrize("alg", jose.ALGORITHMS)
def test_a_hybrid_id_token_is_bound_to_code_and_state(enrol: Enrol, alg: str) -> None:
    rp = enrol(
        id_token_signed_response_alg=alg,
        response_types=["code id_token"],
        grant_types=["authorization_code", "implicit"],
    )
    arrival = rp.authorize(response_type="code id_token", response_mode="form_post")
    read = jose.verified(arrival.parameters["id_token"], _jwks(rp), alg)
    state = arrival.asked.value("state") or ""
    assert read.claims["c_hash"] == _left_half(arrival.code, alg)
    assert read.claims["s_hash"] == _left_half(state, alg)
    assert "at_hash" not in read.claims, "no access token travels beside it"


@pytest.mark.spec("RFC 9068 §2.1")
@pytest.mark.parametrize("alg", jose.ALGORITHMS)
def test_an_api_takes_access_tokens_of_its_algorithm(
    enrol: Enrol, add_api: AddApi, alg: str
) -> None:
    api = add_api(algorithm=alg)
    rp = enrol(scope=f"openid {api}")
    token = rp.tokens(scope=f"openid {api}", resource=api)["access_token"]
    read = jose.verified(token, _jwks(rp), alg)
    assert (read.header["typ"], read.claims["aud"]) == ("at+jwt", api)
    assert rp.introspect(token).json()["active"] is True


@pytest.mark.spec("OIDC Registration §2")
@pytest.mark.parametrize("alg", ["none", "HS256", "RS384", "ES256K", "Ed448", "rs256", ""])
def test_no_other_algorithm_can_be_registered(signing_keys: None, alg: str) -> None:
    whole = {"redirect_uris": [CALLBACK], "id_token_signed_response_alg": alg}
    with pytest.raises(registrar.RefusedError, match="id_token_signed_response_alg"):
        registrar.register(whole)
