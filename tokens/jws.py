"""RFC 7515, RFC 8725 — sign and check: the only door to PyJWT.

Our own tokens are checked against a table of the header segments we write, so an unknown header is
refused before it is parsed; no token is accepted where another kind is meant. Foreign assertions go
through PyJWT with an explicit list of algorithms.
"""

import hashlib
import json
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import Algorithm, get_default_algorithms

from tokens import encoding
from tokens.names import VerifiedClaims

ALGORITHMS: Final = ("ES256", "RS256", "PS256", "ES384", "ES512", "EdDSA", "Ed25519")
"""What we sign with, and what clients may sign with. Ed25519 is RFC 9864's name for EdDSA."""
AT_JWT: Final = "at+jwt"
ID_JWT: Final = "JWT"
LOGOUT_JWT: Final = "logout+jwt"
USERINFO_JWT: Final = ""
"""Signed userinfo has no typ: OIDC Core names none, and nothing of ours is accepted without one."""
TYPES: Final = (AT_JWT, ID_JWT, LOGOUT_JWT)
LEAST_RSA_BITS: Final = 2048
MOST_RSA_BITS: Final = 8192
MOST_EXPONENT_BITS: Final = 33
"""65537 has 17 bits; with one as long as its modulus a single check costs 10 ms."""
_MOST_KEYS: Final = 50
CURVES: Final = {"ES256": "secp256r1", "ES384": "secp384r1", "ES512": "secp521r1"}
_MOST: Final = 16_384
_OKP: Final = frozenset({"EdDSA", "Ed25519"})
_known: Final = get_default_algorithms()
_ALGORITHMS: Final[Mapping[str, Algorithm]] = {
    name: _known["EdDSA" if name in _OKP else name] for name in (*ALGORITHMS, "HS256")
}
_KINDS: Final = {"EC": "ES256", "RSA": "RS256", "OKP": "EdDSA"}
_NOT_SIGNATURES: Final = frozenset({"X25519", "X448"})
_MOST_REMEMBERED: Final = 4096
_remembering = threading.Lock()
_verified_before: dict[bytes, tuple[str, bytes]] = {}
"""By the digest of a token: the key that verified it, and its payload."""
_foreign = jwt.PyJWS(algorithms=[])
for _name, _algorithm in _ALGORITHMS.items():
    _foreign.register_algorithm(_name, _algorithm)


class Key(NamedTuple):
    """A key prepared for use: parsing an RSA private key costs 40 ms, so it happens once."""

    kid: str
    alg: str
    private: Any
    public: Any


class ForeignKey(NamedTuple):
    """A public key of a client's JWKS."""

    kid: str | None
    alg: str | None
    key: Any


class NotAKeyError(ValueError):
    """A JWKS holds something that cannot be a public verification key; the text says why."""


def header(key: Key, typ: str) -> str:
    """Return the header segment under which `key` signs tokens of type `typ`, '' for none."""
    return _segment({"alg": key.alg, **({"typ": typ} if typ else {}), "kid": key.kid})


def sign(claims: Mapping[str, Any], head: str, key: Key) -> str:
    """Return the compact JWS of `claims` under a header segment made by `header`."""
    signing_input = f"{head}.{_segment(claims)}"
    signature = _ALGORITHMS[key.alg].sign(signing_input.encode("ascii"), key.private)
    return f"{signing_input}.{encoding.b64(signature)}"


def check(
    text: str, table: Mapping[str, Key], *, iss: str, leeway: int = 0
) -> VerifiedClaims | None:
    """Return a token's claims, or None: `table` maps admissible header segments to keys.

    Signature, issuer, `exp` and `nbf` are checked here, audience and meaning by the caller.
    """
    claims = check_signature(text, table)
    if claims is None or claims.get("iss") != iss:
        return None
    moment = time.time()
    exp, nbf = claims.get("exp"), claims.get("nbf", 0)
    if not isinstance(exp, int) or not isinstance(nbf, int):
        return None
    return claims if nbf - leeway <= moment < exp + leeway else None


def check_signature(text: str, table: Mapping[str, Key]) -> VerifiedClaims | None:
    """Return a token's claims whatever its age, or None (an expired `id_token_hint`)."""
    head, _, rest = text.partition(".")
    key = table.get(head)
    if key is None or len(text) > _MOST:
        return None
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    known = _verified_before.get(digest)
    if known is None or known[0] != key.kid:
        payload = _verified_payload(head, rest, key)
        if payload is None:
            return None
        known = key.kid, payload
        _remember(digest, known)
    return VerifiedClaims(json.loads(known[1]))


def _verified_payload(head: str, rest: str, key: Key) -> bytes | None:
    payload, _, signature = rest.partition(".")
    data, mark = encoding.unb64(payload), encoding.unb64(signature)
    if not data or not mark:
        return None
    try:
        good = _ALGORITHMS[key.alg].verify(f"{head}.{payload}".encode("ascii"), key.public, mark)
    except ValueError:
        return None
    return data if good else None


def _remember(digest: bytes, verified: tuple[str, bytes]) -> None:
    """Spare the next check of the very same text its signature: two thirds of an introspection."""
    with _remembering:
        _verified_before[digest] = verified
        while len(_verified_before) > _MOST_REMEMBERED:
            del _verified_before[next(iter(_verified_before))]


def verify_foreign(
    text: str, keys: Sequence[ForeignKey], algorithms: Collection[str]
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return header and claims of somebody else's JWS, or None when no key verifies it.

    Nothing but the signature and the algorithm is checked. Without a `kid` every fitting key is
    tried. No extension of RFC 7515 §4.1.11 is known here, so a `crit` is refused whatever it names.
    """
    head = _header_of(text)
    if head is None or head.keys() & {"crit", "b64"}:
        return None
    alg, kid = head.get("alg"), head.get("kid")
    if not isinstance(alg, str) or alg not in algorithms:
        return None
    for candidate in keys:
        fits = kid is None or candidate.kid is None or candidate.kid == kid
        if fits and _is_named(alg, candidate.alg) and _can_verify(alg, candidate.key):
            claims = _verified(text, candidate.key, alg)
            if claims is not None:
                return head, claims
    return None


def is_signed_with(text: str, algorithms: Collection[str]) -> bool:
    """Tell whether a text is a JWS that says so, before its signature is checked."""
    head = _header_of(text)
    return head is not None and str(head.get("alg")) in algorithms


def unverified_claims(text: str) -> dict[str, Any]:
    """Return the claims of a JWS before its signature is checked: only to find whose key to ask."""
    data = encoding.unb64(text.split(".")[1]) if _header_of(text) else None
    return encoding.members(data) or {}


def _header_of(text: str) -> dict[str, Any] | None:
    """Return the header of a compact JWS; None for anything else, a JWE (five parts) among it."""
    if len(text) > _MOST or text.count(".") != 2:
        return None
    return encoding.members(encoding.unb64(text.partition(".")[0]))


def _is_named(alg: str, named: str | None) -> bool:
    """Tell whether a JWK's `alg` admits an algorithm; EdDSA and Ed25519 are one (RFC 9864 §2.2)."""
    return named in {None, alg} or {alg, named} == _OKP


def load_public_jwks(jwks: Mapping[str, Any]) -> list[ForeignKey]:
    """Return the verification keys of a JWKS that somebody registers (RFC 7517 §5).

    Raises:
        NotAKeyError: for a key that is private, symmetric, malformed, or too weak.
    """
    members = jwks.get("keys")
    if not isinstance(members, list):
        message = "a JWKS is an object with the member keys, a list"
        raise NotAKeyError(message)
    for member in members:
        check_public(member)
    return [_load(member) for member in members if _is_for_signatures(member)]


def read_public_jwks(jwks: Mapping[str, Any]) -> tuple[list[ForeignKey], list[str]]:
    """Return the verification keys of a published JWKS, and what is wrong with the others.

    One key that cannot be read never costs the client the rest (RFC 7517 §5). Of very many only the
    first are read: without a `kid` each of them may be tried, for anybody who sends something.
    """
    members = jwks.get("keys")
    found, faults = [], []
    for member in members[:_MOST_KEYS] if isinstance(members, list) else []:
        try:
            check_public(member)
            found += [_load(member)] if _is_for_signatures(member) else []
        except NotAKeyError as fault:
            faults.append(str(fault))
    return found, faults


def check_public(member: object) -> None:
    """Raise NotAKeyError for what is no public key of a kind we know."""
    names = ("kty", "crv", "kid", "alg", "use")
    if not isinstance(member, dict) or not all(_is_text(member.get(name, "")) for name in names):
        message = "every key is an object whose " + ", ".join(names) + " are visible text"
        raise NotAKeyError(message)
    if member.get("kty") not in _KINDS:
        message = "every key has kty " + ", ".join(_KINDS)
        raise NotAKeyError(message)
    if "d" in member:
        message = "a JWKS of a client holds public keys only, and this one is private"
        raise NotAKeyError(message)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value.isprintable()


def secret_key(secret: bytes) -> ForeignKey:
    """Return a shared secret as a verification key for HS256 (client_secret_jwt)."""
    return ForeignKey(None, "HS256", secret)


def _segment(value: Mapping[str, Any]) -> str:
    return encoding.b64(encoding.json(value))


def _is_for_signatures(member: Mapping[str, Any]) -> bool:
    """Tell whether a key verifies; what is for encryption is `tokens.jwe`'s (RFC 7517 §4.2)."""
    use, alg, operations = member.get("use"), member.get("alg"), member.get("key_ops")
    if use not in {None, "sig"} or member.get("crv") in _NOT_SIGNATURES:
        return False
    if isinstance(alg, str) and alg.startswith(("RSA-OAEP", "RSA1_5", "ECDH-")):
        return False
    return not isinstance(operations, list) or "verify" in operations


def _load(member: Mapping[str, Any]) -> ForeignKey:
    # The algorithm is judged when a signature is: PyJWT would not read a key named Ed25519.
    bare = {name: value for name, value in member.items() if name != "alg"}
    try:
        key = _known[_KINDS[bare["kty"]]].from_jwk(bare)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError) as error:
        message = "a key could not be read"
        raise NotAKeyError(message) from error
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < LEAST_RSA_BITS:
        message = f"an RSA key has at least {LEAST_RSA_BITS} bits"
        raise NotAKeyError(message)
    if isinstance(key, rsa.RSAPublicKey) and _is_costly(key):
        message = f"an RSA key has at most {MOST_RSA_BITS} bits, and a small exponent"
        raise NotAKeyError(message)
    return ForeignKey(member.get("kid"), member.get("alg"), key)


def _is_costly(key: rsa.RSAPublicKey) -> bool:
    exponent = key.public_numbers().e
    return key.key_size > MOST_RSA_BITS or exponent.bit_length() > MOST_EXPONENT_BITS


def _can_verify(alg: str, key: object) -> bool:
    if alg in CURVES:
        return isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == CURVES[alg]
    if alg in {"RS256", "PS256"}:
        return isinstance(key, rsa.RSAPublicKey)
    if alg in _OKP:
        return isinstance(key, ed25519.Ed25519PublicKey)
    return alg == "HS256" and isinstance(key, bytes)


def _verified(text: str, key: object, alg: str) -> dict[str, Any] | None:
    try:
        payload = _foreign.decode_complete(text, key, algorithms=[alg])["payload"]  # type: ignore[arg-type]
    except (jwt.InvalidTokenError, jwt.InvalidKeyError, UnicodeEncodeError, ValueError):
        return None
    return encoding.members(payload)
