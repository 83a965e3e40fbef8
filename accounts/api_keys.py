"""API keys: what programs present instead of a token; made, found, revoked.

`ask_<id>_<secret><checksum>`: the prefix and the checksum let a scanner tell a leaked key from a
look-alike, and let us refuse a mistyped one unread. The secret has 256 bits, so the key rests as
its SHA-256. It is shown once. An owner has two at most: the old one, and its successor.
"""

import hashlib
import hmac
import re
import secrets
import string
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import ApiKey
from config import logs, policy
from tokens import encoding

PREFIX: Final = "ask"
MOST: Final = 2
_ALPHABET: Final = string.digits + string.ascii_letters
_ID, _SECRET, _CHECKSUM = 12, 43, 6
_FORM: Final = re.compile(rf"ask_([0-9a-zA-Z]{{{_ID}}})_[0-9a-zA-Z]{{{_SECRET + _CHECKSUM}}}")
_OWNER: Final = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,118}[\x21-\x7e]|[\x21-\x7e]")
_NOTED_EVERY: Final = timedelta(minutes=1)


class RefusedError(ValueError):
    """A key that cannot be made, with a sentence that says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key that counts."""

    id: str
    owner: str
    scopes: frozenset[str]


def make(
    owner: str, scopes: Collection[str], *, lifetime: timedelta | None = None
) -> tuple[str, str]:
    """Return the id of a new key, and the key, which nobody will be shown again.

    Raises:
        RefusedError: when the owner has two already, or cannot be called that.
    """
    if not _OWNER.fullmatch(owner):
        raise RefusedError("An owner is called by 1 to 120 printable ASCII characters.")
    now = timezone.now()
    mine = ApiKey.objects.filter(owner=owner)
    mine.filter(expires_at__lte=now, slot__isnull=False).update(slot=None)
    for slot in range(1, MOST + 1):
        key_id, text = _generated()
        row = ApiKey(
            id=key_id,
            owner=owner,
            slot=slot,
            digest=_digest(text),
            scope=" ".join(sorted(scopes)),
            created_at=now,
            expires_at=now + (lifetime or policy.current().api.key_lifetime),
        )
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:  # somebody has this place, perhaps since a moment ago
            continue
        logs.security_event("api_key_made", api_key=key_id, owner=owner, scope=row.scope)
        return key_id, text
    raise RefusedError(f"{owner} has {MOST} keys already: revoke one first.")


def find(text: str) -> Key | None:
    """Return the key if it counts; noting its use writes at most once a minute."""
    known = _FORM.fullmatch(text)
    if known is None or not hmac.compare_digest(_checksum(text[:-_CHECKSUM]), text[-_CHECKSUM:]):
        return None
    now = timezone.now()
    row = ApiKey.objects.filter(pk=known[1], slot__isnull=False, expires_at__gt=now).first()
    if row is None or not hmac.compare_digest(row.digest, _digest(text)):
        return None
    _note(row, now)
    return Key(id=row.pk, owner=row.owner, scopes=frozenset(row.scope.split()))


def revoke(key_id: str) -> bool:
    """End a key at once; False when there is none that counts."""
    revoked = ApiKey.objects.filter(pk=key_id, slot__isnull=False)
    if not revoked.update(slot=None, revoked_at=timezone.now()):
        return False
    logs.security_event("api_key_revoked", api_key=key_id)
    return True


def every() -> list[dict[str, Any]]:
    """Return what can be shown of all of them, the newest of an owner last."""
    now = timezone.now()
    return [
        {
            "id": row.pk,
            "owner": row.owner,
            "scope": row.scope,
            "is_active": row.slot is not None and row.expires_at > now,
            "created_at": _text(row.created_at),
            "expires_at": _text(row.expires_at),
            "revoked_at": _text(row.revoked_at),
            "last_used_at": _text(row.last_used_at),
        }
        for row in ApiKey.objects.order_by("owner", "created_at")
    ]


def _note(row: ApiKey, now: datetime) -> None:
    before = now - _NOTED_EVERY
    if row.last_used_at is None or row.last_used_at < before:
        mine = ApiKey.objects.filter(Q(last_used_at__isnull=True) | Q(last_used_at__lt=before))
        mine.filter(pk=row.pk, slot=F("slot")).update(last_used_at=now)


def _generated() -> tuple[str, str]:
    key_id, secret = (
        "".join(secrets.choice(_ALPHABET) for _ in range(length)) for length in (_ID, _SECRET)
    )
    body = f"{PREFIX}_{key_id}_{secret}"
    return key_id, body + _checksum(body)


def _checksum(body: str) -> str:
    """Return the CRC-32 of what stands before it, in base 62: no secret, a spelling check."""
    number, digits = zlib.crc32(body.encode()), ""
    for _ in range(_CHECKSUM):
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits


def _digest(text: str) -> str:
    return encoding.b64(hashlib.sha256(text.encode()).digest())


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
