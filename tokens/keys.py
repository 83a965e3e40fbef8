"""RFC 7517 — signing keys: announced, then active, then retired.

A key's state follows from its row and the clock, so every process agrees without being told: it is
announced until `active_at`, active until a newer key of its algorithm is, then retired. It stays in
the JWKS until whatever it signed has expired. Private parts rest sealed under the root key ring.
"""

import hashlib
import json
from enum import StrEnum

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from django.db import transaction

from config import policy
from tokens import encoding, instants, jws, vault
from tokens.models import SigningKey

ALGORITHMS = jws.ALGORITHMS
_PURPOSE = "signing key"
_Private = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
_CURVES: dict[str, ec.EllipticCurve] = {
    "ES256": ec.SECP256R1(),
    "ES384": ec.SECP384R1(),
    "ES512": ec.SECP521R1(),
}


class State(StrEnum):
    """Where a key is in its life."""

    ANNOUNCED = "announced"
    ACTIVE = "active"
    RETIRED = "retired"
    COMPROMISED = "compromised"


class UnknownKeyError(LookupError):
    """No signing key has this kid."""


def ensure() -> list[str]:
    """Make the first key of every algorithm that has none; return the new kids."""
    with transaction.atomic():
        present = set(SigningKey.objects.values_list("alg", flat=True))
        return [create(alg, active_at=instants.now()) for alg in ALGORITHMS if alg not in present]


def create(alg: str, *, active_at: int) -> str:
    """Make a key that signs from `active_at` (an instant) on; return its kid (RFC 7638)."""
    private = _generate(alg)
    jwk = _public_jwk(private, alg)
    der = private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    SigningKey.objects.create(
        kid=jwk["kid"],
        alg=alg,
        public_jwk=jwk,
        sealed=vault.seal(_PURPOSE, jwk["kid"], der),
        created_at=instants.now(),
        active_at=active_at,
    )
    return jwk["kid"]


def rotate(alg: str, *, at_once: bool = False) -> str:
    """Announce the next key of `alg`; it signs later, or at once; return its kid."""
    start = instants.now()
    wait = instants.micros(policy.current().keys.announce_for)
    return create(alg, active_at=start if at_once else start + wait)


def rotate_due() -> list[str]:
    """Announce a successor for every key that has signed for long enough; return the new kids."""
    moment = instants.now()
    rows = list(SigningKey.objects.all())
    limit = instants.micros(policy.current().keys.rotate_after)
    made = []
    for alg in ALGORITHMS:
        starts = [instants.of(row.active_at) for row in rows if row.alg == alg]
        # One that is announced already lies in the future, so nothing is announced twice.
        if starts and max(starts) + limit <= moment:
            made.append(rotate(alg))
    return made


def retire(kid: str, *, compromised: bool = False) -> str | None:
    """Stop signing with a key now, or disown it; return the kid of its replacement, if any.

    A compromised key leaves the JWKS, and every token it signed stops counting here.

    Raises:
        UnknownKeyError: when there is no such key.
    """
    moment = instants.now()
    with transaction.atomic():
        key = SigningKey.objects.filter(kid=kid).first()
        if key is None:
            raise UnknownKeyError(kid)
        rows = list(SigningKey.objects.filter(alg=key.alg))
        was_active = states(rows, moment)[kid] is State.ACTIVE
        stamp = instants.moment(moment)
        key.retired_at = key.retired_at or stamp
        if compromised:
            key.compromised_at = key.compromised_at or stamp
        key.save()
        return create(key.alg, active_at=moment) if was_active else None


def reseal() -> int:
    """Seal every private key anew under the first root key; return how many needed it."""
    count = 0
    for key in SigningKey.objects.all():
        sealed = bytes(key.sealed)
        der = vault.open(_PURPOSE, key.kid, sealed)
        if der is not None and not vault.is_current(sealed):
            SigningKey.objects.filter(kid=key.kid).update(sealed=vault.seal(_PURPOSE, key.kid, der))
            count += 1
    return count


def states(rows: list[SigningKey], moment: int) -> dict[str, State]:
    """Return the state of each key at an instant."""
    newest: dict[str, SigningKey] = {}
    for row in sorted(rows, key=lambda row: (row.active_at, row.kid)):
        if _has_signed(row, moment):
            newest[row.alg] = row

    def state(row: SigningKey) -> State:
        if row.compromised_at is not None:
            return State.COMPROMISED
        # A superseded key never comes back: it may be about to leave the JWKS. Up to the instant
        # of its retirement, which is when its successor starts, it signs: there is no gap.
        is_retired = row.retired_at is not None and instants.of(row.retired_at) <= moment
        if newest.get(row.alg) is row and not is_retired:
            return State.ACTIVE
        is_past = row.retired_at is not None or instants.of(row.active_at) <= moment
        return State.RETIRED if is_past else State.ANNOUNCED

    return {row.kid: state(row) for row in rows}


def _has_signed(row: SigningKey, moment: int) -> bool:
    """Tell whether a key's time has come, and came before it was retired."""
    was_called_off = row.retired_at is not None and row.retired_at <= row.active_at
    return instants.of(row.active_at) <= moment and not was_called_off


def retired_at(row: SigningKey, rows: list[SigningKey], moment: int) -> int | None:
    """Return since when a key has not signed: its retirement, or its successor's start."""
    ends = [
        instants.of(other.active_at)
        for other in rows
        if other.alg == row.alg and other.active_at > row.active_at and _has_signed(other, moment)
    ]
    if row.retired_at is not None:
        ends.append(instants.of(row.retired_at))
    return min(ends, default=None)


def private_der(row: SigningKey) -> bytes | None:
    """Return a key's private part, or None when its root key is not here."""
    return vault.open(_PURPOSE, row.kid, bytes(row.sealed))


def _generate(alg: str) -> _Private:
    if alg in _CURVES:
        return ec.generate_private_key(_CURVES[alg])
    if alg in {"EdDSA", "Ed25519"}:
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(public_exponent=65537, key_size=policy.current().keys.rsa_bits)


def _public_jwk(private: _Private, alg: str) -> dict[str, str]:
    """Return the public half; its kid is the thumbprint of the required members (RFC 7638 §3.2)."""
    required = _required(private)
    canonical = json.dumps(required, sort_keys=True, separators=(",", ":")).encode()
    kid = encoding.b64(hashlib.sha256(canonical).digest())
    return required | {"alg": alg, "use": "sig", "kid": kid}


def _required(private: _Private) -> dict[str, str]:
    public = private.public_key()
    if isinstance(public, rsa.RSAPublicKey):
        numbers = public.public_numbers()
        return {"e": _integer(numbers.e), "kty": "RSA", "n": _integer(numbers.n)}
    if isinstance(public, ed25519.Ed25519PublicKey):
        return {"crv": "Ed25519", "kty": "OKP", "x": encoding.b64(public.public_bytes_raw())}
    point = public.public_numbers()
    size = (public.curve.key_size + 7) // 8  # 66 for P-521: coordinates keep leading zeros
    x, y = (encoding.b64(value.to_bytes(size, "big")) for value in (point.x, point.y))
    return {"crv": f"P-{public.curve.key_size}", "kty": "EC", "x": x, "y": y}


def _integer(value: int) -> str:
    return encoding.b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))
