"""RFC 7517 §5 — the keys of others: strict when they are registered, forgiving when published."""

from typing import Any

import pytest

from tests import jose
from tokens import jwe, jws

EC = jose.public_jwk(jose.private_key("ES256"), kid="ec")
RSA = jose.public_jwk(jose.private_key("RS256"), kid="rsa")
OKP = jose.public_jwk(jose.private_key("Ed25519"), kid="okp")
X = jose.public_jwk(jose.private_key("X25519"), kid="x")

BAD: dict[str, Any] = {
    "no object": "text",
    "nothing": {},
    "unknown kind": {"kty": "X", "kid": "k"},
    "kind of a wrong type": {"kty": ["EC"]},
    "symmetric": {"kty": "oct", "k": "c2VjcmV0"},
    "private": {**EC, "d": "AQAB"},
    "point off the curve": {**EC, "x": EC["y"], "y": EC["x"]},
    "short coordinate": {**OKP, "x": "AA"},
    "no modulus": {"kty": "RSA", "e": "AQAB"},
    "small modulus": {"kty": "RSA", "n": "AQAB" * 20, "e": "AQAB"},
    "huge modulus": {"kty": "RSA", "n": "_" * 2000, "e": "AQAB"},
    "huge exponent": {**RSA, "e": RSA["n"][:-4] + "AAAQ"},
    "modulus of a wrong type": {**RSA, "n": 5},
    "modulus not ASCII": {**RSA, "n": "é"},
    "name of a wrong type": {**EC, "kid": {}},
    "name with a control character": {**EC, "kid": "a\nb"},
    "name with half a surrogate": {**EC, "kid": "\ud800"},
    "use of a wrong type": {**EC, "use": []},
    "curve of a wrong type": {**EC, "crv": {}},
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_bad_key_is_refused_at_registration_and_passed_over_when_published(bad: Any) -> None:
    with pytest.raises(jws.NotAKeyError):
        jws.load_public_jwks({"keys": [EC, bad]})
    found, faults = jws.read_public_jwks({"keys": [bad, EC, bad, OKP, RSA]})
    assert [key.kid for key in found] == ["ec", "okp", "rsa"]
    assert len(faults) == 2


def test_of_very_many_published_keys_the_first_are_read() -> None:
    found, faults = jws.read_public_jwks({"keys": [{**EC, "kid": str(n)} for n in range(500)]})
    assert [key.kid for key in found] == [str(n) for n in range(50)]
    assert faults == []


@pytest.mark.parametrize("jwks", [{}, {"keys": None}, {"keys": {}}, {"keys": "x"}])
def test_what_is_no_set_holds_no_keys(jwks: dict[str, Any]) -> None:
    assert jws.read_public_jwks(jwks) == ([], [])
    assert not jwe.has_key(jwks, "ECDH-ES")
    with pytest.raises(jws.NotAKeyError):
        jws.load_public_jwks(jwks)


@pytest.mark.parametrize(
    "member",
    [
        {**RSA, "use": "enc"},
        {**RSA, "alg": "RSA-OAEP-256"},
        {**EC, "alg": "ECDH-ES"},
        {**EC, "key_ops": ["deriveKey"]},
        X,
    ],
)
def test_a_key_to_encrypt_with_verifies_nothing(member: dict[str, Any]) -> None:
    assert jws.load_public_jwks({"keys": [member]}) == []


@pytest.mark.parametrize("alg", jwe.ALGORITHMS)
@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_bad_key_is_never_encrypted_for(alg: str, bad: Any) -> None:
    assert not jwe.has_key({"keys": [bad]}, alg)
    with pytest.raises(jwe.NoKeyError):
        jwe.encrypt("text", {"keys": [bad]}, alg=alg, is_nested=False)


@pytest.mark.parametrize(
    ("member", "alg"),
    [
        (RSA, "ECDH-ES"),
        (EC, "RSA-OAEP-256"),
        (OKP, "ECDH-ES"),
        ({**EC, "use": "sig"}, "ECDH-ES"),
        ({**EC, "alg": "ES256"}, "ECDH-ES"),
        ({**EC, "key_ops": ["verify"]}, "ECDH-ES"),
        ({**EC, "key_ops": [[], 5]}, "ECDH-ES"),
        (RSA, "RSA1_5"),
        (RSA, "dir"),
    ],
)
def test_a_key_for_something_else_is_not_encrypted_for(member: dict[str, Any], alg: str) -> None:
    assert not jwe.has_key({"keys": [member]}, alg)


@pytest.mark.parametrize("operations", [["deriveKey"], ["deriveBits"], ["deriveKey", "verify"]])
def test_a_key_may_say_what_it_is_for_in_operations(operations: list[str]) -> None:
    assert jwe.has_key({"keys": [{**X, "key_ops": operations}]}, "ECDH-ES")
