"""Consent: what a person agreed with a client, remembered until withdrawn."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts import history, profile, signals
from accounts.models import Consent
from tokens import epochs

RESOURCE = "resource="
"""Stands before the identifier of a resource among the names that were agreed to."""
CLAIM = "claim="
"""Stands before a claim that was asked for by itself, beyond the scopes (OIDC Core §5.5)."""
_NOTED_EVERY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """One consent, as pages show it."""

    client_id: str
    client_name: str
    scope: tuple[str, ...]
    resources: tuple[str, ...]
    claims: tuple[str, ...]
    created_at: dt.datetime
    last_used_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One consent as a request is compared with it: the names agreed to, and its last use."""

    names: frozenset[str]
    last_used_at: dt.datetime | None

    def covers(self, names: Collection[str]) -> bool:
        """Tell whether all of these were agreed to; a scope brings its claims along."""
        left = set(names) - self.names
        claims = {name.removeprefix(CLAIM) for name in left if name.startswith(CLAIM)}
        brought = {name for name in claims if profile.SCOPE_OF.get(name) in self.names}
        return len(brought) == len(left)


def standing(subject: str, client_id: str) -> Standing | None:
    """Return what the person agreed with a client, in one read; None where they never did."""
    rows = Consent.objects.filter(user_id=subject, client_id=client_id).order_by()
    row = next(iter(rows.values_list("scope", "last_used_at")), None)
    return Standing(names=frozenset(row[0].split()), last_used_at=row[1]) if row else None


def covers(subject: str, client_id: str, scope: Collection[str]) -> bool:
    """Tell whether the person agreed to all of this scope; with none, whether they ever agreed."""
    given = standing(subject, client_id)
    return given is not None and given.covers(scope)


def give(
    subject: str,
    client_id: str,
    client_name: str,
    scope: Collection[str],
    request: HttpRequest | None = None,
) -> None:
    """Remember that the person agreed; what they agreed to before stays agreed."""
    try:
        _give(subject, client_id, client_name, scope, request)
    except IntegrityError:  # the same person agreed in another tab at the same moment
        _give(subject, client_id, client_name, scope, request)


def _give(
    subject: str,
    client_id: str,
    client_name: str,
    scope: Collection[str],
    request: HttpRequest | None,
) -> None:
    with transaction.atomic():
        row = (
            Consent.objects.select_for_update().filter(user_id=subject, client_id=client_id).first()
        )
        before = row.scope if row else None
        row = row or Consent(user_id=subject, client_id=client_id)
        row.client_name = client_name
        row.scope = " ".join(sorted({*row.scope.split(), *scope}))
        if row.scope != before:
            about = {"client_id": client_id, "label": client_name}
            history.note(subject, "application_connected", request, **about)
        row.last_used_at = timezone.now()
        row.save()
        signals.consent_given.send(
            sender=None, subject=subject, client_id=client_id, scope=row.scope
        )


def withdraw(subject: str, client_id: str, request: HttpRequest | None = None) -> bool:
    """Forget what was agreed and cut off what was issued on it; tell whether there was any."""
    with transaction.atomic():
        epochs.bump(epochs.CONSENT, epochs.consent_id(subject, client_id))
        row = Consent.objects.filter(user_id=subject, client_id=client_id).first()
        gone = row.delete()[0] if row else 0
        if row and gone:
            about = {"client_id": client_id, "label": row.client_name}
            history.note(subject, "application_disconnected", request, **about)
            signals.consent_withdrawn.send(sender=None, subject=subject, client_id=client_id)
        return bool(gone)


def withdraw_all(subject: str, request: HttpRequest | None = None) -> None:
    """Withdraw everything the person agreed to: somebody else may have agreed in their name."""
    for one in of(subject):
        withdraw(subject, one.client_id, request)


def forget_client(client_id: str) -> int:
    """Forget what anybody agreed with a client that is no more; return how many had."""
    return Consent.objects.filter(client_id=client_id).delete()[0]


def used(subject: str, client_id: str, given: Standing | None) -> None:
    """Note that the consent, if there is one, was relied on; writes at most once a day."""
    if given is None:
        return
    now, noted = timezone.now(), given.last_used_at
    if noted is None or now - noted >= _NOTED_EVERY:
        Consent.objects.filter(user_id=subject, client_id=client_id).update(last_used_at=now)


def of(subject: str) -> list[Agreed]:
    """Return everything the person has agreed to, by the application's name."""
    return [
        Agreed(
            client_id=row.client_id,
            client_name=row.client_name,
            scope=tuple(
                name for name in row.scope.split() if not name.startswith((RESOURCE, CLAIM))
            ),
            resources=_after(RESOURCE, row.scope),
            claims=_after(CLAIM, row.scope),
            created_at=row.created_at,
            last_used_at=row.last_used_at,
        )
        for row in Consent.objects.filter(user_id=subject)
    ]


def _after(prefix: str, names: str) -> tuple[str, ...]:
    return tuple(name.removeprefix(prefix) for name in names.split() if name.startswith(prefix))
