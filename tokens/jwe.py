"""RFC 7516 — encrypt for one client: the only door to joserfc.

Only encryption, for nobody is told a key of ours to encrypt to: a JWE that comes in is refused as
the five parts it consists of (`tokens.jws`). Nothing is compressed, and no algorithm is offered
that leaks by its errors (RSA1_5) or is paid for by whoever receives it (PBES2).
"""

import functools
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from tokens import encoding, jws

ALGORITHMS: Final = ("RSA-OAEP-256", "ECDH-ES")
ENCRYPTIONS: Final = ("A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM")
USUAL_ENCRYPTION: Final = "A128CBC-HS256"
_REGISTRY: Final = jwe.JWERegistry(algorithms=[*ALGORITHMS, *ENCRYPTIONS])
_CURVES: Final = frozenset({"P-256", "P-384", "P-521", "X25519"})
_KINDS: Final[Mapping[str, type[RSAKey] | type[ECKey] | type[OKPKey]]] = {
    "RSA": RSAKey,
    "EC": ECKey,
    "OKP": OKPKey,
}
_KEY_MEMBERS: Final = ("kty", "crv", "e", "n", "x", "y")
_OPERATIONS: Final = frozenset({"wrapKey", "encrypt", "deriveKey", "deriveBits"})


class NoKeyError(LookupError):
    """A key set holds no key that fits an algorithm."""


def encrypt(text: str, jwks: Mapping[str, Any], *, alg: str, enc: str = "", is_nested: bool) -> str:
    """Return a compact JWE of `text` for the owner of a key set; `is_nested`: the text is a JWS.

    Raises:
        NoKeyError: when no key of the set fits the algorithm.
    """
    kid, key = _chosen(jwks, alg)
    header = {"alg": alg, "enc": enc or USUAL_ENCRYPTION}
    header |= {"kid": kid} if kid else {}
    header |= {"cty": "JWT"} if is_nested else {}  # RFC 7519 §5.2
    return jwe.encrypt_compact(header, text, key, registry=_REGISTRY)


def has_key(jwks: Mapping[str, Any], alg: str) -> bool:
    """Tell whether a key set holds a key that fits an algorithm."""
    try:
        _chosen(jwks, alg)
    except NoKeyError:
        return False
    return True


def _chosen(jwks: Mapping[str, Any], alg: str) -> tuple[str | None, RSAKey | ECKey | OKPKey]:
    """Return kid and key: the first that fits, one that says it is for this before any other."""
    for member in sorted(_fitting(jwks, alg), key=lambda member: _reserve(member, alg)):
        bare = {name: member[name] for name in _KEY_MEMBERS if name in member}
        key = _imported(json.dumps(bare, sort_keys=True))
        if key is not None:
            return member.get("kid"), key
    raise NoKeyError(alg)


def _fitting(jwks: Mapping[str, Any], alg: str) -> Iterator[Mapping[str, Any]]:
    members = jwks.get("keys")
    for member in members if isinstance(members, list) else []:
        try:
            jws.check_public(member)
        except jws.NotAKeyError:
            continue
        operations = member.get("key_ops")
        is_meant = member.get("use") in {None, "enc"} and member.get("alg") in {None, alg}
        if isinstance(operations, list) and not _OPERATIONS.intersection(map(str, operations)):
            continue
        if is_meant and _is_of_kind(member, alg):
            yield member


def _is_of_kind(member: Mapping[str, Any], alg: str) -> bool:
    if alg == "RSA-OAEP-256":
        return bool(member["kty"] == "RSA")
    return alg == "ECDH-ES" and member["kty"] in {"EC", "OKP"} and member.get("crv") in _CURVES


def _reserve(member: Mapping[str, Any], alg: str) -> tuple[bool, bool]:
    return member.get("use") != "enc", member.get("alg") != alg


@functools.lru_cache(maxsize=1024)
def _imported(jwk: str) -> RSAKey | ECKey | OKPKey | None:
    """Return a prepared key, or None for one that cannot be read, is too weak or costs too much."""
    members = json.loads(jwk)
    if members["kty"] == "RSA" and not _is_usual(members):
        return None
    try:
        return _KINDS[members["kty"]].import_key(members)
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def _is_usual(members: Mapping[str, Any]) -> bool:
    modulus, exponent = _bits(members.get("n")), _bits(members.get("e"))
    is_of_size = jws.LEAST_RSA_BITS <= modulus <= jws.MOST_RSA_BITS
    return is_of_size and exponent <= jws.MOST_EXPONENT_BITS


def _bits(number: object) -> int:
    data = encoding.unb64(number) if isinstance(number, str) else None
    return int.from_bytes(data or b"", "big").bit_length()
