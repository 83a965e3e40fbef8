"""ASVS 5.0 §6.5 — recovery codes: for the day the app is lost. Shown once, good once each.

A code is 80 random bits; what rests is a hash of it, sealed for its row. One conditional update
uses it up, whoever asks at once.
"""

import hashlib
import hmac
import secrets
from typing import Final

from django.db import transaction
from django.utils import timezone

from accounts.models import RecoveryCode, User
from config import policy
from tokens import vault

_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that looks like another
_LENGTH: Final = 16
_GROUP: Final = 4
_READ_AS: Final = str.maketrans("OIL", "011", " -\u2010\u2011\u2012\u2013")  # and no hyphens
_PURPOSE: Final = "recovery_code"


def make(subject: str) -> list[str]:
    """Give a person new codes, void their old ones, and return the new: nobody can ever again."""
    codes = [_new() for _ in range(policy.current().factors.recovery_codes)]
    now = timezone.now()
    with transaction.atomic():
        User.objects.select_for_update().filter(pk=subject).first()
        RecoveryCode.objects.filter(user_id=subject).delete()
        RecoveryCode.objects.bulk_create(
            RecoveryCode(
                user_id=subject, number=at, sealed=_sealed(subject, at, one), created_at=now
            )
            for at, one in enumerate(codes, 1)
        )
    return codes


def use(subject: str, typed: str) -> bool:
    """Tell whether this is a code of the person that was never used, and use it up."""
    plain = normalised(typed)
    if len(plain) != _LENGTH:
        return False
    for row in RecoveryCode.objects.filter(user_id=subject, used_at__isnull=True):
        place = _place(subject, row.number)
        resting = vault.open(_PURPOSE, place, bytes(row.sealed)) or b""
        if hmac.compare_digest(resting, _hash(place, plain)):
            unused = RecoveryCode.objects.filter(pk=row.pk, used_at__isnull=True)
            return unused.update(used_at=timezone.now()) == 1
    return False


def left(subject: str) -> int:
    """Return how many codes a person has that were never used."""
    return RecoveryCode.objects.filter(user_id=subject, used_at__isnull=True).count()


def is_few(number: int) -> bool:
    """Tell whether somebody with so many codes left should make new ones."""
    return number <= policy.current().factors.few_recovery_codes


def remove(subject: str) -> int:
    """Take all codes away and return how many there were."""
    return RecoveryCode.objects.filter(user_id=subject).delete()[0]


def normalised(typed: str) -> str:
    """Return a code as it was made, however it was typed: capitals, hyphens, a letter O for 0."""
    return typed.strip().upper().translate(_READ_AS)


def reseal() -> int:
    """Seal every hash anew under the first root key; return how many seals that took."""
    count = 0
    for row in RecoveryCode.objects.iterator():
        before, place = bytes(row.sealed), _place(str(row.user_id), row.number)
        plain = vault.open(_PURPOSE, place, before)
        if plain is not None and not vault.is_current(before):
            mine = RecoveryCode.objects.filter(pk=row.pk, sealed=before)
            count += mine.update(sealed=vault.seal(_PURPOSE, place, plain))
    return count


def _new() -> str:
    plain = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    return "-".join(plain[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))


def _sealed(subject: str, number: int, code: str) -> bytes:
    place = _place(subject, number)
    return vault.seal(_PURPOSE, place, _hash(place, normalised(code)))


def _place(subject: str, number: int) -> str:
    return f"{subject} {number}"


def _hash(place: str, plain: str) -> bytes:
    return hashlib.sha256(f"{place} {plain}".encode()).digest()
