"""RFC 7638 §3 — a key of every algorithm: its JWK, its name, and what it signs."""

from typing import Any

import pytest
from joserfc.jwk import import_key

from tests import jose
from tokens import encoding, id_tokens, jws, keys, ring
from tokens.models import SigningKey

SHAPES = {
    "ES256": ("EC", "P-256", 43),
    "ES384": ("EC", "P-384", 64),
    "ES512": ("EC", "P-521", 88),
    "EdDSA": ("OKP", "Ed25519", 43),
    "Ed25519": ("OKP", "Ed25519", 43),
}


@pytest.fixture(autouse=True)
def _ring() -> None:
    keys.ensure()
    ring.forget()


def _jwk(alg: str) -> dict[str, Any]:
    row = SigningKey.objects.get(kid=ring.current().signer(alg).kid)
    return dict(row.public_jwk)


def test_there_is_one_of_each_and_no_two_share_a_name() -> None:
    assert sorted(ring.current().active) == sorted(jose.ALGORITHMS) == sorted(jws.ALGORITHMS)
    assert len({key.kid for key in ring.current().active.values()}) == len(jws.ALGORITHMS)
    assert keys.ensure() == []


@pytest.mark.parametrize("alg", jws.ALGORITHMS)
def test_its_name_is_its_thumbprint(alg: str) -> None:
    jwk = _jwk(alg)
    bare = {name: value for name, value in jwk.items() if name not in {"alg", "use", "kid"}}
    assert jwk["kid"] == import_key(bare).thumbprint()
    assert (jwk["alg"], jwk["use"]) == (alg, "sig")


@pytest.mark.spec("RFC 7518 §6.2.1")
@pytest.mark.parametrize("alg", SHAPES)
def test_coordinates_have_their_full_length(alg: str) -> None:
    """Half of all P-521 keys begin with a zero byte, and 1 in 256 of the others."""
    for _ in range(40):
        private = keys._generate(alg)
        jwk = keys._public_jwk(private, alg)
        kty, crv, length = SHAPES[alg]
        assert (jwk["kty"], jwk["crv"], len(jwk["x"])) == (kty, crv, length)
        assert len(jwk.get("y", jwk["x"])) == length


@pytest.mark.parametrize("alg", jws.ALGORITHMS)
def test_what_it_signs_another_library_verifies(alg: str) -> None:
    text = ring.current().sign({"iss": "x", "n": 1}, typ=jws.AT_JWT, alg=alg)
    read = jose.verified(text, {"keys": [_jwk(alg)]}, alg)
    assert (read.header["typ"], read.claims) == ("at+jwt", {"iss": "x", "n": 1})
    assert jws.check_signature(text, ring.verifiers(jws.AT_JWT, text)) == {"iss": "x", "n": 1}
    head, body, mark = text.split(".")
    spoilt = f"{head}.{body}.{mark[:20]}{'B' if mark[20] == 'A' else 'A'}{mark[21:]}"
    assert jws.check_signature(spoilt, ring.verifiers(jws.AT_JWT, text)) is None


@pytest.mark.parametrize("alg", jws.ALGORITHMS)
def test_a_key_turns_and_what_the_old_one_signed_still_counts(alg: str) -> None:
    text = ring.current().sign({"iss": "x"}, typ=jws.ID_JWT, alg=alg)
    before = ring.current().signer(alg).kid
    made = keys.rotate(alg, at_once=True)
    ring.forget()
    assert ring.current().signer(alg).kid == made != before
    assert jws.check_signature(text, ring.verifiers(jws.ID_JWT, text))


def test_one_name_of_the_curve_does_not_pass_for_the_other() -> None:
    """Each key has its own algorithm in its header segment, as in the key set."""
    text = ring.current().sign({"iss": "x"}, typ=jws.AT_JWT, alg="EdDSA")
    head, body, mark = text.split(".")
    renamed = encoding.unb64(head) or b""
    other = encoding.b64(renamed.replace(b'"EdDSA"', b'"Ed25519"'))
    text = f"{other}.{body}.{mark}"
    assert jws.check_signature(text, ring.verifiers(jws.AT_JWT, text)) is None


@pytest.mark.spec("OIDC Core §3.1.3.6")
@pytest.mark.parametrize(
    ("alg", "length"), [("RS256", 22), ("ES384", 32), ("ES512", 43), ("EdDSA", 43), ("Ed25519", 43)]
)
def test_half_a_digest_is_as_long_as_the_algorithm_s(alg: str, length: int) -> None:
    assert len(id_tokens.half_hash("text", alg)) == length
