"""WebAuthn §4 — passkeys: kept by their public half, used, renamed, removed.

Using one is atomic with noting its counter: a counter that goes back means a copy of the device
(§6.1.1), and of two uses at once only those that count on are taken.
"""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import ceremonies, webauthn
from accounts.ceremonies import Ceremony, Credential, Options
from accounts.models import Passkey, User
from accounts.webauthn import Claim, Made, RefusedError, Why

MOST: Final = 20
LONGEST_NAME: Final = 60
_PROVIDERS: Final = {
    "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4": "Google Password Manager",
    "fbfc3007-154e-4ecc-8c0b-6e020557d7bd": "Apple Passwords",
    "dd4ec289-e01d-41c9-bb89-70fa845d4bf2": "iCloud Keychain",
    "adce0002-35bc-c60a-648b-0b25f1f05503": "Chrome on Mac",
    "08987058-cadc-4b81-b6e1-30de50dcbe96": "Windows Hello",
    "9ddd1817-af5a-4672-a2b9-3e3dd95000a9": "Windows Hello",
    "6028b017-b1d4-4c02-b4b3-afcdafc96bb2": "Windows Hello",
    "bada5566-a7aa-401f-bd96-45619a55120d": "1Password",
    "d548826e-79b4-db40-a3d8-11116f7e8349": "Bitwarden",
    "531126d6-e717-415c-9320-3d9aa6981239": "Dashlane",
    "fdb141b2-5d84-443e-8a35-4698c205a502": "KeePassXC",
    "50726f74-6f6e-5061-7373-50726f746f6e": "Proton Pass",
    "0ea242b4-43c4-4a1b-8b17-dd6d0b6baec6": "Keeper",
    "53414d53-554e-4700-0000-000000000000": "Samsung Pass",
}
"""What password managers call themselves (AAGUID): a first name for a passkey, and nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A passkey as pages show it. `is_synced`: a password manager keeps it on several devices."""

    id: uuid.UUID
    name: str
    created_at: dt.datetime
    last_used_at: dt.datetime | None
    is_synced: bool


def is_possible() -> bool:
    """Tell whether this deployment can have passkeys: its issuer has a name, not an address."""
    return bool(ceremonies.rp_id())


def of(subject: str) -> list[Kept]:
    """Return a person's passkeys, the oldest first."""
    return [_kept(row) for row in _rows(subject)]


def find(subject: str, number: uuid.UUID) -> Kept | None:
    """Return one passkey of this person."""
    row = _rows(subject).filter(pk=number).first()
    return _kept(row) if row else None


def count(subject: str) -> int:
    """Return how many passkeys a person has."""
    return _rows(subject).count()


def creation_options(ceremony: Ceremony, *, email: str, name: str) -> Options:
    """Return what a browser makes a passkey from; those that are there are not made again."""
    known = _credentials(ceremony.subject)
    return ceremonies.creation_options(ceremony, email=email, name=name, known=known)


def request_options(ceremony: Ceremony) -> Options:
    """Return what a browser uses a passkey for; it names none unless the person is known."""
    known = _credentials(ceremony.subject) if ceremony.subject else ()
    return ceremonies.request_options(ceremony, known)


def told(user: User) -> dict[str, Options]:
    """Return what password managers may know: which passkeys still count, and whose they are."""
    subject = str(user.pk)
    owner = {"rpId": ceremonies.rp_id(), "userId": ceremonies.handle_of(subject)}
    names = {"name": user.email, "displayName": user.name or user.email}
    accepted = [one.id for one in _credentials(subject)]
    return {
        "signalAllAcceptedCredentials": {**owner, "allAcceptedCredentialIds": accepted},
        "signalCurrentUserDetails": {**owner, **names},
    }


def add(subject: str, new: Made, *, name: str, otherwise: str) -> Kept:
    """Keep the passkey that a browser made; `otherwise` names it where nothing else does.

    Raises:
        RefusedError: when it is somebody's already, or one too many.
    """
    if count(subject) >= MOST:
        raise RefusedError(Why.TOO_MANY)
    called = name.strip() or _PROVIDERS.get(new.provider, "") or otherwise
    row = Passkey(
        user_id=subject,
        name=called[:LONGEST_NAME],
        credential_id=new.id,
        public_key=new.public_key,
        sign_count=new.sign_count,
        transports=list(new.transports),
        can_sync=new.can_sync,
        is_synced=new.is_synced,
        created_at=timezone.now(),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise RefusedError(Why.TAKEN) from None
    return _kept(row)


def prove(text: str, ceremony: Ceremony) -> User:
    """Return whose passkey this is; they are at their device, and it knows them.

    Raises:
        RefusedError: with what was wrong.
    """
    claim = webauthn.claim(text, ceremony)
    row = Passkey.objects.select_related("user").filter(credential_id=claim.id).first()
    if row is None or not _is_whose(row, claim, ceremony):
        raise RefusedError(Why.UNKNOWN)
    if not webauthn.is_signed(claim, bytes(row.public_key)) or claim.can_sync != row.can_sync:
        raise RefusedError(Why.FORGED, subject=str(row.user_id))
    _use(row, claim)
    return row.user


def rename(subject: str, number: uuid.UUID, name: str) -> bool:
    """Give a passkey another name; False when this person has none such."""
    called = name.strip()[:LONGEST_NAME]
    return bool(called and _rows(subject).filter(pk=number).update(name=called))


def remove(subject: str, number: uuid.UUID) -> bool:
    """Remove a passkey; False when this person has none such."""
    return bool(_rows(subject).filter(pk=number).delete()[0])


def remove_newer(subject: str, since: dt.datetime) -> list[str]:
    """Remove the passkeys that a person got since then, and return their names."""
    newer = list(_rows(subject).filter(created_at__gte=since))
    return [row.name for row in newer if remove(subject, row.pk)]


def _is_whose(row: Passkey, claim: Claim, ceremony: Ceremony) -> bool:
    """Judge whose it is (§7.2): who is known already, and whom the passkey names, are its owner."""
    owner = str(row.user_id)
    if ceremony.subject:
        return owner == ceremony.subject and claim.subject in {"", owner}
    return claim.subject == owner


def _use(row: Passkey, claim: Claim) -> None:
    """Count on (§7.2, §6.1.1); devices that do not count say 0 for ever."""
    mine = Passkey.objects.filter(pk=row.pk)
    counts_on = Q(sign_count__lt=claim.sign_count)
    if claim.sign_count == 0:
        counts_on = Q(sign_count=0)
    moved = mine.filter(counts_on).update(
        sign_count=claim.sign_count, is_synced=claim.is_synced, last_used_at=timezone.now()
    )
    if not moved:
        why = Why.COPIED if mine.exists() else Why.UNKNOWN
        raise RefusedError(why, subject=str(row.user_id))


def _rows(subject: str) -> QuerySet[Passkey]:
    return Passkey.objects.filter(user_id=subject)


def _credentials(subject: str) -> list[Credential]:
    return [Credential(id=row.credential_id, transports=row.transports) for row in _rows(subject)]


def _kept(row: Passkey) -> Kept:
    return Kept(
        id=row.pk,
        name=row.name,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        is_synced=row.is_synced,
    )
