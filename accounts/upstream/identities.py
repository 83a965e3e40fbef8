"""OIDC Core §5.7 — whose account an account elsewhere is: by issuer and subject, by nothing else.

An address is no name for anybody here: it may change hands, and a provider may say any.
"""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts import history, notices, signals
from accounts.models import UpstreamIdentity, User
from accounts.upstream.account import Account
from config import policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """An account elsewhere that somebody signs in with; `is_usable` while its provider is."""

    id: str
    provider_id: str
    provider_name: str
    issuer: str
    sub: str
    label: str
    created_at: dt.datetime
    last_used_at: dt.datetime | None
    is_usable: bool


def owner(account: Account) -> User | None:
    """Return the person whose account this is, or None."""
    row = _rows(account).select_related("person").first()
    return row.person if row else None


def used(account: Account) -> None:
    """Note that somebody came with it just now."""
    label = {"label": account.label} if account.label else {}
    _rows(account).update(last_used_at=timezone.now(), provider_id=account.provider_id, **label)


def connect(user: User, account: Account, request: HttpRequest) -> bool:
    """Let a person sign in with this account; False when it is somebody's already."""
    row = UpstreamIdentity(
        person=user,
        provider_id=account.provider_id,
        issuer=account.issuer,
        sub=account.sub,
        label=account.label,
        last_used_at=timezone.now(),
    )
    subject, name = str(user.pk), _name(account.provider_id)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            history.note(subject, "upstream_connected", request, label=name)
            notices.happened(request, subject, "upstream_connected", provider=name)
    except IntegrityError:
        return False
    return True


def disconnect(user: User, identity_id: str, request: HttpRequest) -> str:
    """Take an account elsewhere away from a person and return its provider's name; '' for none."""
    mine = _find(user, identity_id)
    if mine is None:
        return ""
    subject, name = str(user.pk), _name(mine.provider_id)
    with transaction.atomic():
        if not UpstreamIdentity.objects.filter(pk=mine.pk, person=user).delete()[0]:
            return ""
        history.note(subject, "upstream_disconnected", request, label=name)
        notices.happened(request, subject, "upstream_disconnected", provider=name)
    return name


def of(subject: str) -> list[Identity]:
    """Return the accounts elsewhere that a person signs in with, the first connected first."""
    return [_identity(row) for row in UpstreamIdentity.objects.filter(person__pk=subject)]


def ways_in(subject: str) -> int:
    """Return how many of them let the person in now: not those of a provider switched off."""
    return sum(one.is_usable for one in of(subject))


@receiver(signals.person_cut_off, dispatch_uid="accounts.upstream.of_the_robbed")
def _disconnect_all(subject: str, why: str, **_news: Any) -> None:
    """Let none of them in when somebody else was: it may have been a thief who connected it."""
    if why != "not_me":
        return
    rows = UpstreamIdentity.objects.filter(person__pk=subject)
    for provider_id in rows.values_list("provider_id", flat=True):
        history.note(subject, "upstream_disconnected", label=_name(provider_id))
    rows.delete()


def _rows(account: Account) -> QuerySet[UpstreamIdentity]:
    return UpstreamIdentity.objects.filter(issuer=account.issuer, sub=account.sub)


def _find(user: User, identity_id: str) -> UpstreamIdentity | None:
    try:
        return UpstreamIdentity.objects.filter(pk=uuid.UUID(identity_id), person=user).first()
    except ValueError:
        return None


def _identity(row: UpstreamIdentity) -> Identity:
    provider = policy.current().upstream.find(row.provider_id)
    return Identity(
        id=str(row.pk),
        provider_id=row.provider_id,
        provider_name=_name(row.provider_id),
        issuer=row.issuer,
        sub=row.sub,
        label=row.label,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        is_usable=provider is not None and provider.issuer == row.issuer,
    )


def _name(provider_id: str) -> str:
    known = {one.id: one.name for one in policy.current().upstream.providers}
    return known.get(provider_id, provider_id.capitalize())
