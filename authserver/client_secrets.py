"""Client secrets: how they are made, how they rest, how they are checked.

Ours are 256 random bits, so they rest as SHA-256: a slow hash protects chosen words, not random
keys. A client_secret_jwt client's secret is an HMAC key and rests sealed. Imported weak ones keep a
slow hash, checked once per process and then remembered under a key of this process.
"""

import base64
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.contrib.auth import hashers
from django.utils import timezone

from accounts import passwords
from authserver import models
from config import hashing
from tokens import vault

PREFIX: Final = "as_cs_"
_PURPOSE: Final = "client secret"
_LONGEST: Final = 1024
_HMAC_KEY_BYTES: Final = 32
_STRONG: Final = re.compile(r"[0-9a-fA-F]{64,}|[A-Za-z0-9_\-+/=]{43,}")
_LEAST_DISTINCT: Final = 12
_HASHLIKE: Final = re.compile(
    r"\$(?:argon2|pbkdf2|2[abxy]\$|5\$|6\$|scrypt)|(?:pbkdf2|argon2|bcrypt|scrypt)\w*\$"
)
_process_key: Final = os.urandom(32)
_remembered: dict[bytes, None] = {}
_refused: dict[bytes, None] = {}
_MOST_REMEMBERED: Final = 10_000
_NOTHING: Final = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A secret as it rests."""

    kind: models.SecretKind
    value: str
    expires_at: datetime | None = None


def generate() -> str:
    """Return a new secret: 256 random bits behind a prefix that scanners know."""
    return PREFIX + secrets.token_urlsafe(32)


def resting(secret: str, client_id: str, *, is_hmac_key: bool) -> Secret:
    """Return how a secret rests: one that comes as a hash of elsewhere as that hash."""
    if kept := as_hash(secret):
        return Secret(kind=models.SecretKind.HASHED, value=kept)
    if is_hmac_key:
        sealed = vault.seal(_PURPOSE, client_id, secret.encode())
        return Secret(kind=models.SecretKind.SEALED, value=base64.b64encode(sealed).decode())
    if is_strong(secret):
        return Secret(kind=models.SecretKind.DIGEST, value=_digest(secret))
    with hashing.for_clients():
        return Secret(kind=models.SecretKind.HASHED, value=hashers.make_password(secret))


def is_strong(secret: str) -> bool:
    """Tell whether a secret looks like 256 random bits, which a fast digest protects."""
    return bool(_STRONG.fullmatch(secret)) and len(set(secret)) >= _LEAST_DISTINCT


def can_be_hmac_key(secret: str) -> bool:
    """Tell whether a secret is plain and long enough for HS256 (RFC 7518 §3.2)."""
    return as_hash(secret) is None and len(secret.encode()) >= _HMAC_KEY_BYTES


def as_hash(secret: str) -> str | None:
    """Return a hash made elsewhere (Django, argon2, bcrypt, PBKDF2) as it rests here, else None."""
    return passwords.imported(secret)


def is_unknown_hash(secret: str) -> bool:
    """Tell whether a secret is evidently a hash, and of a kind that nothing here could check."""
    return bool(_HASHLIKE.match(secret)) and as_hash(secret) is None


def check(resting_secrets: Iterable[Secret], client_id: str, secret: str) -> bool:
    """Tell whether `secret` is one of the live ones."""
    if not secret or len(secret) > _LONGEST:
        return False
    now = timezone.now()
    digest = _digest(secret)
    return any(
        _is(each, client_id, secret, digest)
        for each in resting_secrets
        if each.expires_at is None or each.expires_at > now
    )


def pretend(secret: str) -> None:
    """Spend what `check` spends, for a client that does not exist."""
    hmac.compare_digest(_digest(secret[:_LONGEST]), _NOTHING)


def hmac_keys(resting_secrets: Iterable[Secret], client_id: str) -> list[bytes]:
    """Return the live secrets that were sealed, newest first, as keys of client_secret_jwt."""
    now = timezone.now()
    opened = (
        _opened(each, client_id)
        for each in resting_secrets
        if each.kind == models.SecretKind.SEALED
        and (each.expires_at is None or each.expires_at > now)
    )
    return [key for key in opened if key]


def _is(each: Secret, client_id: str, secret: str, digest: str) -> bool:
    match each.kind:
        case models.SecretKind.DIGEST:
            return hmac.compare_digest(each.value, digest)
        case models.SecretKind.SEALED:
            return hmac.compare_digest(_opened(each, client_id) or os.urandom(32), secret.encode())
        case models.SecretKind.HASHED:
            return _is_hashed(each.value, secret)


def _opened(each: Secret, client_id: str) -> bytes | None:
    return vault.open(_PURPOSE, client_id, base64.b64decode(each.value))


def _is_hashed(encoded: str, secret: str) -> bool:
    mark = hmac.digest(_process_key, f"{encoded}\0{secret}".encode(), "sha256")
    if mark in _remembered:
        return True
    if mark in _refused:
        return False
    with hashing.for_clients():
        is_right = hashers.check_password(secret, encoded)
    if not is_right:
        _keep(_refused, mark)
        return False
    _keep(_remembered, mark)
    return True


def _keep(marks: dict[bytes, None], mark: bytes) -> None:
    if len(marks) >= _MOST_REMEMBERED:
        marks.clear()
    marks[mark] = None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def reseal() -> int:
    """Seal every sealed secret anew under the first root key; return how many needed it."""
    count = 0
    for row in models.ClientSecret.objects.filter(kind=models.SecretKind.SEALED):
        sealed = base64.b64decode(row.value)
        secret = vault.open(_PURPOSE, row.client_id, sealed)
        if secret is not None and not vault.is_current(sealed):
            row.value = base64.b64encode(vault.seal(_PURPOSE, row.client_id, secret)).decode()
            row.save(update_fields=["value"])
            count += 1
    return count
