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

AT_JWT: Final = "at+jwt"
ID_JWT: Final = "JWT"
LOGOUT_JWT: Final = "logout+jwt"
TYPES: Final = (AT_JWT, ID_JWT, LOGOUT_JWT)
LEAST_RSA_BITS: Final = 2048
_MOST: Final = 16_384
_ALGORITHMS: Final[Mapping[str, Algorithm]] = {
    name: algorithm
    for name, algorithm in get_default_algorithms().items()
    if name in {"ES256", "ES384", "ES512", "RS256", "PS256", "EdDSA", "HS256"}
}
_CURVES: Final = {"ES256": "secp256r1", "ES384": "secp384r1", "ES512": "secp521r1"}
_MOST_REMEMBERED: Final = 4096
_remembering = threading.Lock()
_verified_before: dict[bytes, tuple[str, bytes]] = {}
"""By the digest of a token: the key that verified it, and its payload."""
_foreign = jwt.PyJWS(algorithms=list(_ALGORITHMS))


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
    """Return the header segment under which `key` signs tokens of type `typ`."""
    return _segment({"alg": key.alg, "typ": typ, "kid": key.kid})


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
    tried.
    """
    if len(text) > _MOST:
        return None
    try:
        head = jwt.get_unverified_header(text)
    except (jwt.InvalidTokenError, UnicodeEncodeError):
        return None
    alg, kid = head.get("alg"), head.get("kid")
    if not isinstance(alg, str) or alg not in algorithms:
        return None
    for candidate in keys:
        fits = kid is None or candidate.kid is None or candidate.kid == kid
        if fits and candidate.alg in {None, alg} and _can_verify(alg, candidate.key):
            claims = _verified(text, candidate.key, alg)
            if claims is not None:
                return head, claims
    return None


def unverified_claims(text: str) -> dict[str, Any]:
    """Return the claims of a JWS before its signature is checked: only to find whose key to ask."""
    parts = text.split(".")
    data = encoding.unb64(parts[1]) if len(parts) == 3 and len(text) <= _MOST else None
    return _object(data) or {}


def load_public_jwks(jwks: Mapping[str, Any]) -> list[ForeignKey]:
    """Return the verification keys of a client's JWKS (RFC 7517 §5).

    Raises:
        NotAKeyError: for a key that is private, symmetric, malformed, or too weak.
    """
    members = jwks.get("keys")
    if not isinstance(members, list):
        message = "a JWKS is an object with the member keys, a list"
        raise NotAKeyError(message)
    return [_load(member) for member in members if _is_for_signatures(member)]


def secret_key(secret: bytes) -> ForeignKey:
    """Return a shared secret as a verification key for HS256 (client_secret_jwt)."""
    return ForeignKey(None, "HS256", secret)


def _segment(value: Mapping[str, Any]) -> str:
    return encoding.b64(encoding.json(value))


def _is_for_signatures(member: object) -> bool:
    return not isinstance(member, dict) or member.get("use", "sig") == "sig"


def _load(member: object) -> ForeignKey:
    if not isinstance(member, dict) or member.get("kty") not in {"RSA", "EC", "OKP"}:
        message = "every key has kty RSA, EC or OKP"
        raise NotAKeyError(message)
    if "d" in member:
        message = "a JWKS of a client holds public keys only, and this one is private"
        raise NotAKeyError(message)
    try:
        key = jwt.PyJWK(member).key
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError) as error:
        message = "a key could not be read"
        raise NotAKeyError(message) from error
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < LEAST_RSA_BITS:
        message = f"an RSA key has at least {LEAST_RSA_BITS} bits"
        raise NotAKeyError(message)
    kid, alg = member.get("kid"), member.get("alg")
    if not isinstance(kid, str | None) or not isinstance(alg, str | None):
        message = "kid and alg are strings"
        raise NotAKeyError(message)
    return ForeignKey(kid, alg, key)


def _can_verify(alg: str, key: object) -> bool:
    if alg in _CURVES:
        return isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == _CURVES[alg]
    if alg in {"RS256", "PS256"}:
        return isinstance(key, rsa.RSAPublicKey)
    if alg == "EdDSA":
        return isinstance(key, ed25519.Ed25519PublicKey)
    return alg == "HS256" and isinstance(key, bytes)


def _verified(text: str, key: object, alg: str) -> dict[str, Any] | None:
    try:
        payload = _foreign.decode_complete(text, key, algorithms=[alg])["payload"]  # type: ignore[arg-type]
    except (jwt.InvalidTokenError, jwt.InvalidKeyError, UnicodeEncodeError, ValueError):
        return None
    return _object(payload)


def _object(data: bytes | None) -> dict[str, Any] | None:
    try:
        value = json.loads(data or b"")
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
