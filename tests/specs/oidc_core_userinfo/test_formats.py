"""OIDC Core §5.3.2 — userinfo as the client registered it: JSON, signed, encrypted, or both."""

import json
from typing import Any

import pytest

from authserver import clients, models
from tests import jose
from tests.doors import Response
from tests.parties import Enrol
from tests.person import Person
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("OIDC Core §5.3.2")


def _jwks(rp: RelyingParty) -> dict[str, Any]:
    return dict(rp.door.get(rp.metadata["jwks_uri"]).json())


def _ask(rp: RelyingParty, **tokens: Any) -> Response:
    answer = rp.userinfo(rp.tokens(**tokens)["access_token"])
    assert answer.status_code == 200, answer.text
    return answer


def _jwt(answer: Response) -> str:
    assert answer.headers["Content-Type"] == "application/jwt"
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.text


@pytest.mark.parametrize("alg", jose.ALGORITHMS)
def test_signed_it_names_its_issuer_and_its_reader(enrol: Enrol, someone: Person, alg: str) -> None:
    rp = enrol(userinfo_signed_response_alg=alg)
    read = jose.verified(_jwt(_ask(rp)), _jwks(rp), alg)
    assert (read.claims["iss"], read.claims["aud"]) == (rp.issuer, rp.client_id)
    assert (read.claims["sub"], read.claims["email"]) == (someone.subject, someone.email)
    assert alg in rp.metadata["userinfo_signing_alg_values_supported"]


@pytest.mark.spec("RFC 8725 §3.12")
def test_signed_it_passes_for_nothing_else(enrol: Enrol) -> None:
    rp = enrol(userinfo_signed_response_alg="RS256")
    tokens = rp.tokens()
    text = _jwt(rp.userinfo(tokens["access_token"]))
    read = jose.verified(text, _jwks(rp), "RS256")
    assert "exp" not in read.claims, "an ID token needs one"
    assert read.header.keys() == {"alg", "kid"}
    assert rp.userinfo(text).status_code == 401
    assert rp.is_dead(text)
    assert rp.ask(id_token_hint=text, prompt="none").outcome == "login_required"
    assert rp.end_session(id_token_hint=text).status_code == 400


@pytest.mark.parametrize("other", ["id_token", "refresh_token"])
def test_no_other_token_opens_it(rp: RelyingParty, other: str) -> None:
    assert rp.userinfo(rp.tokens()[other]).status_code == 401


@pytest.mark.parametrize("enc", ["A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM"])
@pytest.mark.parametrize("alg", ["RSA-OAEP-256", "ECDH-ES"])
def test_encrypted_alone_it_holds_the_claims(
    enrol: Enrol, someone: Person, alg: str, enc: str
) -> None:
    key = jose.private_key(alg)
    rp = enrol(
        jwks=jose.jwks_of({"reading": key}, use="enc"),
        userinfo_encrypted_response_alg=alg,
        userinfo_encrypted_response_enc=enc,
    )
    opened = jose.opened(_jwt(_ask(rp)), key, alg, enc)
    assert "cty" not in opened.header
    assert opened.claims["sub"] == someone.subject


def test_signed_and_encrypted_it_is_signed_first(enrol: Enrol, someone: Person) -> None:
    key = jose.private_key("ECDH-ES")
    rp = enrol(
        jwks=jose.jwks_of({"reading": key}, use="enc"),
        userinfo_signed_response_alg="PS256",
        userinfo_encrypted_response_alg="ECDH-ES",
        userinfo_encrypted_response_enc="A256GCM",
    )
    opened = jose.opened(_jwt(_ask(rp)), key, "ECDH-ES", "A256GCM")
    assert (opened.header["cty"], opened.header["kid"]) == ("JWT", "reading")
    read = jose.verified(opened.text, _jwks(rp), "PS256")
    assert (read.claims["aud"], read.claims["sub"]) == (rp.client_id, someone.subject)


@pytest.mark.spec("OIDC Core §8.1")
def test_signed_it_names_the_person_as_the_client_knows_them(enrol: Enrol) -> None:
    rp = enrol(subject_type="pairwise", userinfo_signed_response_alg="ES256")
    tokens = rp.tokens()
    read = jose.verified(_jwt(rp.userinfo(tokens["access_token"])), _jwks(rp), "ES256")
    assert read.claims["sub"] == rp.claims(tokens["id_token"])["sub"]


def test_who_cannot_read_it_is_told(enrol: Enrol) -> None:
    rp = enrol(
        jwks=jose.jwks_of({"reading": jose.private_key("ECDH-ES")}, use="enc"),
        userinfo_encrypted_response_alg="ECDH-ES",
    )
    token = rp.tokens()["access_token"]
    models.Client.objects.filter(pk=rp.client_id).update(jwks=None)
    clients.evict(rp.client_id)
    answer = rp.userinfo(token)
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


@pytest.mark.parametrize("accepted", ["application/jwt", "text/html", "", "*/*;q=0", "x" * 2000])
def test_what_is_accepted_by_header_changes_nothing(enrol: Enrol, accepted: str) -> None:
    plain, signed = enrol(), enrol(userinfo_signed_response_alg="ES256")
    for rp, kind in ((plain, "application/json"), (signed, "application/jwt")):
        token = rp.tokens()["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Accept": accepted}
        answer = rp.door.get(rp.address("userinfo"), headers=headers)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, kind)


# How the token travels


@pytest.mark.spec("OIDC Core §5.3.1")
@pytest.mark.parametrize("way", ["get", "post", "form"])
def test_it_is_asked_by_get_and_by_post(rp: RelyingParty, someone: Person, way: str) -> None:
    token, url = rp.tokens()["access_token"], rp.address("userinfo")
    bearer = {"Authorization": f"Bearer {token}"}
    match way:
        case "get":
            answer = rp.door.get(url, headers=bearer)
        case "post":
            answer = rp.door.post(url, {}, headers=bearer)
        case _:
            answer = rp.door.post(url, {"access_token": token})
    assert (answer.status_code, answer.json()["sub"]) == (200, someone.subject)


@pytest.mark.spec("RFC 6750 §2.3")
def test_a_token_in_the_query_is_refused(rp: RelyingParty) -> None:
    url = f"{rp.address('userinfo')}?access_token={rp.tokens()['access_token']}"
    assert rp.door.get(url).status_code == 400
    assert rp.door.post(url, {}).status_code == 400


def test_an_error_is_json_whatever_was_registered(enrol: Enrol) -> None:
    rp = enrol(userinfo_signed_response_alg="ES256")
    answer = rp.userinfo("nonsense")
    assert (answer.status_code, json.loads(answer.text)["error"]) == (401, "invalid_token")
