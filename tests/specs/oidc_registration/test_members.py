"""OIDC Registration §2 — every member of client metadata, alone and beside the others."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from authserver import registration, registry
from config import policy
from config.policy import Responses
from tests.parties import CALLBACK, Enrol
from tests.registrations import Newcomer
from tokens import jwe, keys

pytestmark = pytest.mark.spec("OIDC Registration §2")

WEB: dict[str, Any] = {"redirect_uris": [CALLBACK]}
BOTH = ["authorization_code", "implicit"]
EC_KEY: dict[str, Any] = ECAlgorithm.to_jwk(
    ec.generate_private_key(ec.SECP256R1()).public_key(), as_dict=True
)
RSA_PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=2048)
RSA_KEY: dict[str, Any] = RSAAlgorithm.to_jwk(RSA_PRIVATE.public_key(), as_dict=True)
del RSA_KEY["key_ops"]  # PyJWT says "verify", and a key may be for either
SIGNS, READS = {"keys": [EC_KEY | {"use": "sig"}]}, {"keys": [EC_KEY | {"use": "enc"}]}
READS_RSA = {"keys": [RSA_KEY | {"use": "enc"}]}
PUBLISHED = "https://app.example/jwks.json"


def columns(**metadata: Any) -> dict[str, Any]:
    entry, faults = registration.read({**WEB, **metadata})
    assert faults == []
    assert entry
    return dict(entry.columns)


def wrong(**metadata: Any) -> set[str]:
    return {fault.member for fault in registration.read({**WEB, **metadata})[1]}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("jwks", SIGNS),
        ("jwks", {"keys": [EC_KEY | {"kid": "a"}, RSA_KEY | {"kid": "b"}]}),
        ("jwks_uri", PUBLISHED),
        ("subject_type", "pairwise"),
        ("subject_type", "public"),
        *[("id_token_signed_response_alg", each) for each in keys.ALGORITHMS],
        *[("userinfo_signed_response_alg", each) for each in keys.ALGORITHMS],
        ("request_uris", ["https://app.example/r.jwt#GkurKxf5T0Y-mnPFCHqWOMiZi4VS138cQO_V7PZHAdM"]),
        ("default_max_age", 0),
        ("default_max_age", 3600),
        ("require_auth_time", True),
        ("default_acr_values", ["urn:example:silver", "2"]),
        ("initiate_login_uri", "https://app.example/login?from=us"),
        ("frontchannel_logout_uri", "https://app.example/logout?x=y"),
        ("backchannel_logout_uri", "https://back.example/logout"),
        ("software_id", "4NRB1-0XZABZI9E6-5SM3R"),
        ("software_version", "2.1"),
        ("contacts", ["ve7jtb@example.org", "mary@example.org"]),
        ("application_type", "native"),
        ("client_name", "Schöne Anwendung 应用"),
        ("logo_uri", "https://app.example/logo.png"),
        ("policy_uri", "https://app.example/policy"),
        ("tos_uri", "https://app.example/tos"),
        ("client_uri", "https://app.example/"),
        ("post_logout_redirect_uris", ["https://app.example/bye"]),
    ],
)
def test_a_good_value_is_kept_as_it_is(name: str, value: Any) -> None:
    assert columns(**{name: value})[{"client_name": "name"}.get(name, name)] == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("subject_type", "ephemeral"),
        ("id_token_signed_response_alg", "none"),
        ("id_token_signed_response_alg", "HS256"),
        ("id_token_signed_response_alg", "RS512"),
        ("id_token_signed_response_alg", ""),
        ("userinfo_signed_response_alg", "none"),
        ("request_object_signing_alg", "none"),
        ("request_object_signing_alg", "HS256"),
        ("request_object_encryption_alg", "RSA-OAEP-256"),
        ("request_object_encryption_enc", "A128GCM"),
        ("id_token_encrypted_response_alg", "RSA1_5"),
        ("id_token_encrypted_response_alg", "dir"),
        ("id_token_encrypted_response_alg", "A128KW"),
        ("id_token_encrypted_response_enc", "A128CBC"),
        ("userinfo_encrypted_response_alg", "PBES2-HS256+A128KW"),
        ("request_uris", ["http://app.example/r.jwt"]),
        ("request_uris", ["https://app.example/r.jwt", "https://app.example/r.jwt"]),
        ("request_uris", [""]),
        ("request_uris", "https://app.example/r.jwt"),
        ("request_uris", [f"https://app.example/{n}" for n in range(21)]),
        ("default_max_age", -1),
        ("default_max_age", True),
        ("default_max_age", "60"),
        ("default_max_age", 1.5),
        ("default_max_age", 10**12),
        ("require_auth_time", "true"),
        ("default_acr_values", ["a b"]),
        ("default_acr_values", "silver"),
        ("initiate_login_uri", "http://app.example/login"),
        ("initiate_login_uri", "http://127.0.0.1/login"),
        ("initiate_login_uri", "javascript:alert(1)"),
        ("frontchannel_logout_uri", "https://other.example/logout"),
        ("frontchannel_logout_uri", "https://app.example:8443/logout"),
        ("frontchannel_logout_uri", "http://app.example/logout"),
        ("frontchannel_logout_uri", "https://app.example/logout#x"),
        ("backchannel_logout_uri", "http://back.example/logout"),
        ("backchannel_logout_uri", "https://back.example/logout#x"),
        ("software_id", "x" * 201),
        ("contacts", ["a\nb"]),
        ("application_type", "tv"),
        ("response_types", ["token"]),
        ("response_types", ["code token"]),
        ("response_types", ["code id_token token"]),
        ("response_types", ["none"]),
        ("response_types", ["code", "code"]),
        ("response_types", ["code  id_token"]),
        ("grant_types", ["authorization_code", "authorization_code"]),
        ("grant_types", ["urn:ietf:params:oauth:grant-type:jwt-bearer"]),
        ("tos_uri", "https://user@app.example/"),
        ("logo_uri", "data:image/png;base64,AAAA"),
    ],
)
def test_a_bad_value_is_refused_by_name(name: str, value: Any) -> None:
    assert wrong(**{name: value}) == {name}


@pytest.mark.parametrize(
    ("metadata", "member"),
    [
        ({"jwks": SIGNS, "jwks_uri": PUBLISHED}, "jwks_uri"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "jwks"),
        ({"request_object_signing_alg": "ES256"}, "request_object_signing_alg"),
        ({"require_signed_request_object": True}, "require_signed_request_object"),
        ({"id_token_encrypted_response_enc": "A128GCM"}, "id_token_encrypted_response_enc"),
        ({"userinfo_encrypted_response_enc": "A128GCM"}, "userinfo_encrypted_response_enc"),
        ({"id_token_encrypted_response_alg": "ECDH-ES"}, "id_token_encrypted_response_alg"),
        (
            {"id_token_encrypted_response_alg": "ECDH-ES", "jwks": SIGNS},
            "id_token_encrypted_response_alg",
        ),
        (
            {"userinfo_encrypted_response_alg": "RSA-OAEP-256", "jwks": READS},
            "userinfo_encrypted_response_alg",
        ),
        ({"response_types": ["id_token"]}, "response_types"),
        ({"response_types": ["code id_token"]}, "response_types"),
        ({"response_types": ["code"], "grant_types": BOTH}, "response_types"),
        ({"response_types": ["id_token"], "grant_types": BOTH}, "response_types"),
        ({"response_types": ["code"], "grant_types": ["implicit"]}, "response_types"),
        ({"response_types": ["id_token"], "grant_types": ["authorization_code"]}, "response_types"),
        (
            {"frontchannel_logout_session_required": True},
            "frontchannel_logout_session_required",
        ),
        ({"backchannel_logout_session_required": True}, "backchannel_logout_session_required"),
        (
            {"subject_type": "pairwise", "redirect_uris": [CALLBACK, "https://b.example/cb"]},
            "sector_identifier_uri",
        ),
        (
            {
                "redirect_uris": ["http://127.0.0.1/cb"],
                "response_types": ["id_token"],
                "grant_types": ["implicit"],
            },
            "redirect_uris",
        ),
        (
            {
                "redirect_uris": ["https://localhost/cb"],
                "response_types": ["id_token"],
                "grant_types": ["implicit"],
            },
            "redirect_uris",
        ),
        ({"redirect_uris": ["com.example.app:/cb"]}, "redirect_uris[0]"),
    ],
)
def test_what_contradicts_itself_is_refused(metadata: dict[str, Any], member: str) -> None:
    assert member in wrong(**metadata)


def test_every_fault_is_told_at_once() -> None:
    assert wrong(
        subject_type="x",
        default_max_age=-1,
        initiate_login_uri="http://app.example",
        request_uris=["ftp://app.example"],
        jwks={"keys": []},
    ) == {"subject_type", "default_max_age", "initiate_login_uri", "request_uris", "jwks"}
    assert {"jwks_uri", "userinfo_encrypted_response_enc", "response_types"} <= wrong(
        jwks=SIGNS,
        jwks_uri=PUBLISHED,
        userinfo_encrypted_response_enc="A128GCM",
        response_types=["code id_token"],
    )


@pytest.mark.parametrize("alg", jwe.ALGORITHMS)
@pytest.mark.parametrize("kind", ["id_token", "userinfo"])
def test_encryption_has_a_usual_content_algorithm(kind: str, alg: str) -> None:
    both = {"keys": [*READS["keys"], *READS_RSA["keys"]]}
    for where in ({"jwks": both}, {"jwks_uri": PUBLISHED}):
        values = columns(**where, **{f"{kind}_encrypted_response_alg": alg})
        assert values[f"{kind}_encrypted_response_enc"] == "A128CBC-HS256"
    for enc in jwe.ENCRYPTIONS:
        asked = {f"{kind}_encrypted_response_alg": alg, f"{kind}_encrypted_response_enc": enc}
        assert columns(jwks=both, **asked)[f"{kind}_encrypted_response_enc"] == enc


@pytest.mark.parametrize("asked", [["id_token code"], ["code id_token"]])
def test_the_order_of_a_response_type_means_nothing(asked: list[str]) -> None:
    assert columns(response_types=asked, grant_types=BOTH)["response_types"] == ["code id_token"]
    assert wrong(response_types=[*asked, "code id_token", "id_token code"]) == {"response_types"}


def test_an_access_token_in_an_address_needs_the_policy() -> None:
    asked = {"response_types": ["id_token token"], "grant_types": ["implicit"]}
    assert wrong(**asked) == {"response_types"}
    with policy.replaced(responses=Responses(danger_access_token_in_url=True)):
        assert columns(**asked)["response_types"] == ["id_token token"]


NAMED = {"client_name#de": "Notizbuch", "client_name#pt-br": "Caderno"}


def test_an_operator_sees_every_member(enrol: Enrol) -> None:
    metadata = {
        "jwks_uri": PUBLISHED,
        "subject_type": "pairwise",
        "id_token_signed_response_alg": "ES512",
        "id_token_encrypted_response_alg": "ECDH-ES",
        "userinfo_signed_response_alg": "PS256",
        "request_uris": ["https://app.example/r"],
        "default_max_age": 60,
        "backchannel_logout_uri": "https://app.example/back",
        "frontchannel_logout_uri": "https://app.example/front",
        "initiate_login_uri": "https://app.example/login",
        **NAMED,
    }
    shown = registry.shown(enrol(**metadata).client_id)
    assert shown
    wanted = {**metadata, "client_name#pt-BR": "Caderno"}
    del wanted["client_name#pt-br"]
    assert {name: shown[name] for name in wanted} == wanted


def test_a_client_gets_back_every_member_it_sent(newcomer: Newcomer) -> None:
    sent: dict[str, Any] = {
        "jwks": {"keys": [*SIGNS["keys"], *READS["keys"]]},
        "subject_type": "pairwise",
        "id_token_encrypted_response_alg": "ECDH-ES",
        "request_object_signing_alg": "ES256",
        "request_uris": ["https://app.example/r"],
        "require_signed_request_object": True,
        "default_max_age": 60,
        "require_auth_time": True,
        "default_acr_values": ["2"],
        "backchannel_logout_uri": "https://app.example/back",
        "backchannel_logout_session_required": True,
        "initiate_login_uri": "https://app.example/login",
        "contacts": ["a@example.org"],
        "client_name": "Notebook",
        "client_name#de": "Notizbuch",
        "software_id": "notebook",
    }
    told = newcomer.register(**sent)
    assert {name: told[name] for name in sent} == sent
    assert told["id_token_encrypted_response_enc"] == "A128CBC-HS256"
