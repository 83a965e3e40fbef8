"""OIDC Registration §2 (jwks) — a client shows public keys, strong ones, each with its own kid."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from authserver import registration
from tests.parties import CALLBACK

pytestmark = pytest.mark.spec("OIDC Registration §2")

EC_KEY: dict[str, Any] = ECAlgorithm.to_jwk(
    ec.generate_private_key(ec.SECP256R1()).public_key(), as_dict=True
)
RSA_KEY: dict[str, Any] = RSAAlgorithm.to_jwk(
    rsa.generate_private_key(65537, 2048).public_key(), as_dict=True
)
WEAK: dict[str, Any] = RSAAlgorithm.to_jwk(
    rsa.generate_private_key(65537, 1024).public_key(),  # noqa: S505  too short on purpose
    as_dict=True,
)


def wrong(**metadata: Any) -> set[str]:
    return {
        fault.member for fault in registration.read({"redirect_uris": [CALLBACK], **metadata})[1]
    }


@pytest.mark.parametrize(
    ("jwks", "is_good"),
    [
        ({"keys": [EC_KEY, RSA_KEY]}, True),
        ({"keys": [EC_KEY | {"kid": "a"}, RSA_KEY | {"kid": "a"}]}, False),
        ({"keys": [EC_KEY | {"d": "AAAA"}]}, False),
        ({"keys": [EC_KEY | {"use": "enc", "d": "AAAA"}]}, False),
        ({"keys": [RSA_KEY | {"p": "AAAA"}]}, False),
        ({"keys": [{"kty": "oct", "k": "AAAA"}]}, False),
        ({"keys": [{"kty": "oct", "k": "AAAA", "use": "enc"}]}, False),
        ({"keys": [WEAK]}, False),
        ({"keys": [{"kty": "EC"}]}, False),
        ({"keys": [{}]}, False),
        ({"keys": [5]}, False),
        ({"keys": {}}, False),
        ({"keys": []}, False),
        ({}, False),
        ([EC_KEY], False),
        ("x", False),
        ({"keys": [EC_KEY] * 51}, False),
    ],
)
def test_keys_are_public_and_each_has_its_own_name(jwks: Any, is_good: bool) -> None:
    assert wrong(jwks=jwks) == (set() if is_good else {"jwks"})
