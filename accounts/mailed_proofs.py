"""NIST SP 800-63B-4 §3.1.3.1 — codes and links by mail: each proves one thing, once, and soon.

A code and its link are one row. It counts while the person's password, address and epoch are what
they were, and until either is used; a code is tried five times at most, however many try at once.
Where nobody has the address the same is written, so that neither the answer nor its time tells.
"""

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from django.db.models import F, QuerySet
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts import signals
from accounts.models import MailedProof, User, email_key
from tokens import derivation, encoding, epochs, handles

SIGN_IN: Final = "sign_in"
RESET: Final = "reset"
VERIFY: Final = "verify"
NOT_ME: Final = "not_me"
LIFETIMES: Final = {
    SIGN_IN: dt.timedelta(minutes=10),
    RESET: dt.timedelta(minutes=15),
    VERIFY: dt.timedelta(minutes=15),
    NOT_ME: dt.timedelta(days=7),
}
_TRIES: Final = 5
_LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ"  # RFC 8628 §6.1: no vowels, so no words
_LENGTH: Final = 8
_PURPOSE: Final = "mailed code"
_OF_NOBODY: Final = {"epoch": 0, "mark": ""}
_TO_NOBODY: Final = "mailed_to_nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a mailed secret stands for: this person, and the mail sent to this address.

    `is_proven` tells that the code was right, or that the link's button was pressed; `since`, when
    that happened which the mail tells of.
    """

    subject: str
    email: str
    is_proven: bool
    since: dt.datetime | None = None


def new_secret() -> str:
    """Return a secret for a link, of 256 random bits."""
    return encoding.token(256)


def keep(kind: str, secret: str, user: User | None, email: str, *, since: str = "") -> str:
    """Keep what is about to be mailed to this address, and return the code.

    `since` is an instant as ISO 8601 has it.
    """
    code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    digest = _digest(secret)
    about = {"email": email, "since": since, **(_bond(user) if user else _OF_NOBODY)}
    MailedProof.objects.create(
        digest=digest,
        kind=kind,
        subject=str(user.pk) if user else "",
        code_digest=_code_digests(digest, code)[0],
        tries_left=_TRIES,
        sealed=handles.seal(handles.MAILED, about),
        expires_at=timezone.now() + LIFETIMES[kind],
    )
    return f"{code[:4]}-{code[4:]}"


def try_code(kind: str, secret: str, typed: str) -> bool:
    """Tell whether this code was mailed; every try counts before anything is compared."""
    digest = _digest(secret)
    mine = _alive(kind, digest)
    if not mine.filter(tries_left__gt=0).update(tries_left=F("tries_left") - 1):
        return False
    row = mine.first()
    plain = "".join(letter for letter in typed.upper() if letter.isalnum())
    is_right = row is not None and any(
        hmac.compare_digest(one, row.code_digest) for one in _code_digests(digest, plain)
    )
    return is_right and prove(kind, secret)


def prove(kind: str, secret: str) -> bool:
    """Note that whoever reads the mail said so; the secret is spent by `take`."""
    return find(kind, secret) is not None and bool(
        _alive(kind, _digest(secret)).update(is_proven=True)
    )


def find(kind: str, secret: str) -> Proof | None:
    """Return what a secret stands for, without spending it."""
    row = _alive(kind, _digest(secret)).first()
    return _proof(row) if row else None


def take(kind: str, secret: str) -> Proof | None:
    """Spend a secret that was proven, and return what it stands for; of several takers one wins."""
    proof = find(kind, secret)
    if proof is None or not proof.is_proven:
        return None
    spent, _rows = _alive(kind, _digest(secret)).filter(is_proven=True).delete()
    return proof if spent else None


def take_by_code(kind: str, secret: str, typed: str) -> Proof | None:
    """Spend a secret by its code."""
    return take(kind, secret) if try_code(kind, secret, typed) else None


@contextmanager
def spending(kind: str, secret: str) -> "Iterator[Proof | None]":
    """Spend a proven secret for what is done meanwhile; when that fails it was not spent."""
    row = _alive(kind, _digest(secret)).first()
    proof = take(kind, secret)
    try:
        yield proof
    except Exception:
        if proof and row:
            row.save(force_insert=True)
        raise


def keep_for_nobody(kind: str, request: HttpRequest, email: str) -> None:
    """Do what `keep` does where there is nobody, and remember what this browser's codes are for."""
    secret = new_secret()
    keep(kind, secret, None, email)
    request.session[_TO_NOBODY] = secret


def secret_of(request: HttpRequest, expected: str) -> str:
    """Return the secret that a code typed in this browser is for."""
    nobodys: str = request.session.get(_TO_NOBODY, "")
    return nobodys or expected


def for_somebody(request: HttpRequest) -> None:
    """Note that this browser's next code is for somebody."""
    request.session.pop(_TO_NOBODY, None)


def sweep(limit: int) -> int:
    """Remove at most `limit` that nobody used in time; return how many."""
    old = MailedProof.objects.filter(expires_at__lte=timezone.now()).order_by("expires_at")
    return MailedProof.objects.filter(
        pk__in=list(old.values_list("pk", flat=True)[:limit])
    ).delete()[0]


@receiver(signals.signed_in, dispatch_uid="accounts.mailed_proofs.of_the_signed_in")
def _spent_by_signing_in(subject: str, **_news: object) -> None:
    """Void what would have let the person in: they are in."""
    MailedProof.objects.filter(subject=subject, kind__in=(SIGN_IN, RESET)).delete()


@receiver(pre_delete, sender=User, dispatch_uid="accounts.mailed_proofs.of_the_deleted")
def _gone_with_the_deleted(instance: User, **_news: object) -> None:
    """Remove what was mailed to a person who is deleted, by whichever door."""
    MailedProof.objects.filter(subject=str(instance.pk)).delete()


def _alive(kind: str, digest: str) -> "QuerySet[MailedProof]":
    return MailedProof.objects.filter(pk=digest, kind=kind, expires_at__gt=timezone.now())


def _proof(row: MailedProof) -> Proof | None:
    """Return what a row stands for, unless the person has changed since, or is nobody."""
    about = handles.open(handles.MAILED, row.sealed)
    user = User.objects.filter(pk=row.subject, is_active=True).first() if row.subject else None
    if about is None or user is None:
        return None
    is_same = row.kind == NOT_ME or {name: about[name] for name in _OF_NOBODY} == _bond(user)
    proof = Proof(
        subject=row.subject,
        email=about["email"],
        is_proven=row.is_proven,
        since=parse_datetime(about.get("since", "")),
    )
    return proof if is_same else None


def _bond(user: User) -> dict[str, str | int]:
    """Return what must not change before a secret is used."""
    mark = hashlib.sha256(f"{user.password}\n{email_key(user.email)}".encode()).digest()
    return {"epoch": epochs.read(epochs.PERSON, str(user.pk)), "mark": encoding.b64(mark)}


def _digest(secret: str) -> str:
    return encoding.b64(hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest())


def _code_digests(digest: str, code: str) -> list[str]:
    text = f"{digest}\n{code}".encode("utf-8", "surrogatepass")
    return [
        encoding.b64(hmac.digest(key, text, hashlib.sha256)) for _, key in derivation.keys(_PURPOSE)
    ]
