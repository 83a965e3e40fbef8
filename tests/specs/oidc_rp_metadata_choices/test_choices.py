"""OIDC RP-Metadata-Choices §2 — of what a client can do, one thing each is picked and answered."""

from typing import Any

import pytest

from authserver import registration
from tests.credentials import Key
from tests.parties import CALLBACK
from tests.registrations import Newcomer

pytestmark = pytest.mark.spec("OIDC RP-Metadata-Choices §2")

KEYS: dict[str, Any] = {"jwks": Key().jwks}
READING: dict[str, Any] = {
    "jwks": {"keys": [{**Key().jwks["keys"][0], "use": "enc", "alg": "ECDH-ES"}]}
}

PICKS: list[tuple[dict[str, Any], str, Any]] = [
    ({"id_token_signing_alg_values_supported": ["HS256", "PS256"]}, "id_token_signed", "PS256"),
    ({"id_token_signing_alg_values_supported": ["RS512", "ES384"]}, "id_token_signed", "ES384"),
    (
        {
            "id_token_signing_alg_values_supported": ["ES256", "RS512"],
            "id_token_signed_response_alg": "RS512",
        },
        "id_token_signed",
        "ES256",
    ),
    (
        {
            "id_token_signing_alg_values_supported": ["ES256", "RS256"],
            "id_token_signed_response_alg": "RS256",
        },
        "id_token_signed",
        "RS256",
    ),
    ({"subject_types_supported": ["pairwise"]}, "subject_type", "pairwise"),
    ({"subject_types_supported": ["pairwise", "public"]}, "subject_type", "public"),
    (
        {
            "userinfo_signing_alg_values_supported": ["RS512", "ES256"],
            "userinfo_signed_response_alg": "RS512",
        },
        "userinfo_signed",
        "ES256",
    ),
    (
        {
            **READING,
            "id_token_encryption_alg_values_supported": ["ECDH-ES", "RSA1_5"],
            "id_token_encrypted_response_alg": "RSA1_5",
            "id_token_encryption_enc_values_supported": ["A256GCM"],
        },
        "id_token_encrypted_response_enc",
        "A256GCM",
    ),
    (
        {"token_endpoint_auth_methods_supported": ["tls_client_auth", "client_secret_post"]},
        "token_endpoint_auth_method",
        "client_secret_post",
    ),
    (
        {
            **KEYS,
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        },
        "token_endpoint_auth_method",
        "private_key_jwt",
    ),
    (
        {"token_endpoint_auth_methods_supported": ["none", "private_key_jwt"]},
        "token_endpoint_auth_method",
        "none",
    ),
    (
        {
            **KEYS,
            "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_signing_alg_values_supported": ["HS256", "ES256"],
        },
        "token_endpoint_auth_signing_alg",
        "ES256",
    ),
    (
        {
            **KEYS,
            "request_object_signing_alg_values_supported": ["none", "PS256"],
            "request_object_signing_alg": "none",
        },
        "request_object_signing_alg",
        "PS256",
    ),
]


@pytest.mark.parametrize(("sent", "member", "value"), PICKS)
def test_the_answer_states_the_one_value_and_no_list(
    newcomer: Newcomer, sent: dict[str, Any], member: str, value: str
) -> None:
    told = newcomer.register(**sent)
    member += "_response_alg" if member.endswith("_signed") else ""
    assert told[member] == value
    assert not [name for name in told if name.endswith("_supported")]


@pytest.mark.parametrize(("sent", "member", "value"), PICKS)
def test_an_import_picks_alike(sent: dict[str, Any], member: str, value: str) -> None:
    entry, faults = registration.read({"redirect_uris": [CALLBACK], **sent})
    assert faults == []
    assert entry
    member += "_response_alg" if member.endswith("_signed") else ""
    assert entry.columns[member] == value


@pytest.mark.parametrize(
    ("sent", "member"),
    [
        (
            {"id_token_signing_alg_values_supported": ["HS256", "none"]},
            "id_token_signing_alg_values_supported",
        ),
        (
            {
                "id_token_signing_alg_values_supported": ["ES256"],
                "id_token_signed_response_alg": "RS256",
            },
            "id_token_signed_response_alg",
        ),
        ({"subject_types_supported": []}, "subject_types_supported"),
        ({"subject_types_supported": "public"}, "subject_types_supported"),
        ({"subject_types_supported": [1]}, "subject_types_supported"),
        ({"subject_types_supported": ["ephemeral"]}, "subject_types_supported"),
        ({"token_endpoint_auth_methods_supported": ["x"] * 101}, "token_endpoint_auth_methods"),
        (
            {"token_endpoint_auth_methods_supported": ["private_key_jwt"]},
            "token_endpoint_auth_methods_supported",
        ),
    ],
)
def test_where_nothing_fits_the_registration_is_refused(
    newcomer: Newcomer, sent: dict[str, Any], member: str
) -> None:
    answer = newcomer.send(**sent)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata")
    assert member in answer.json()["error_description"]


def test_what_a_client_could_do_is_not_switched_on_for_it(newcomer: Newcomer) -> None:
    told = newcomer.register(
        **READING,
        id_token_encryption_alg_values_supported=["ECDH-ES"],
        userinfo_signing_alg_values_supported=["ES256"],
        introspection_signing_alg_values_supported=["ES256"],
        request_object_encryption_alg_values_supported=["RSA-OAEP"],
    )
    assert not {"id_token_encrypted_response_alg", "userinfo_signed_response_alg"} & set(told)
