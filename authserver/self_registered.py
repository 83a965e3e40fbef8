"""RFC 7591 §3.1, RFC 7592 §2 — clients that register, read, change and remove themselves.

An update writes the client's own members and no others, under the row's lock, and leaves alone what
an operator or a software statement has settled: nothing that was closed is opened again.
"""

import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from authserver import (
    choices,
    errors,
    initial_tokens,
    models,
    own_members,
    registrar,
    secret_rows,
    sectors,
    software_statements,
)
from authserver.registrar import RefusedError
from authserver.registration import Fault, Registration
from config import client_ip, logs, policy
from tokens import derivation, encoding, epochs, instants

PREFIX: Final = "as_ra_"
_STATEMENT: Final = "software_statement"
_HOUR: Final = 3600
_TRIES: Final = 5
_JUDGED_WITH: Final = ("rotation", "may_introspect", "skip_consent")
"""Columns of an operator that the client's own have to fit."""


class TooManyError(errors.TemporarilyUnavailable, status=429):
    """Too many registrations from one address, or too many that nobody uses."""

    description = "Too many clients were registered; try again later."


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """A client as it is told about itself; secrets only where they are new."""

    row: models.Client
    token: str
    secret: str | None = None
    statement: object = None


def register(document: Mapping[str, Any], *, peer: str, initial_token: str | None) -> Own:
    """Register a client.

    Raises:
        RefusedError: with every fault of its metadata.
        TooManyError: when the limits of the policy are reached.
        InvalidToken: when the initial access token is used up.
        InvalidSoftwareStatement, UnapprovedSoftwareStatement: as `software_statements` does.
    """
    statement, source = document.get(_STATEMENT), _source(peer)
    is_counted = initial_token is None
    if statement is not None and is_counted:
        _count(source)  # before anybody else is asked for the issuer's keys
    if statement is None and policy.current().registration.is_software_statement_required:
        raise errors.UnapprovedSoftwareStatement
    metadata, stated = _with_statement(document)
    entry = _read(metadata)
    if statement is None and is_counted:
        _count(source)
    if sentence := sectors.fault(None, entry.columns):
        raise RefusedError([Fault("sector_identifier_uri", sentence)])
    token = PREFIX + encoding.token(256)
    with transaction.atomic():
        if initial_token is not None and not initial_tokens.take(initial_token):
            raise errors.InvalidToken
        _check_unused()
        made = registrar.create(
            entry,
            is_self_registered=True,
            registration_token_digest=initial_tokens.digest(token),
            registered_from=source,
            unused_until=timezone.now() + policy.current().registration.unused_for,
            settled=sorted(stated),
        )
        row = models.Client.objects.get(pk=made.client_id)
    return Own(row=row, token=token, secret=made.secret, statement=statement)


def authenticated(client_id: str, token: str) -> models.Client:
    """Return the client whose registration access token this is; raises InvalidToken."""
    rows = models.Client.objects.filter(pk=client_id, is_active=True, is_self_registered=True)
    row = rows.first()
    if row is None or not _is_token_of(row, token):
        raise errors.InvalidToken
    return row


def update(client_id: str, token: str, document: Mapping[str, Any]) -> Own:
    """Replace what a client says about itself (RFC 7592 §2.2); raises as `register` does."""
    row = authenticated(client_id, token)
    if document.get("client_id") != client_id:
        raise RefusedError([Fault("client_id", "must be there, and the client's own")])
    metadata, stated = _with_statement(document)
    for _ in range(_TRIES):
        kept = _kept(row)
        entry = _read(metadata, kept)
        if sentence := sectors.fault(client_id, entry.columns):
            raise RefusedError([Fault("sector_identifier_uri", sentence)])
        with transaction.atomic():
            locked = models.Client.objects.select_for_update().filter(pk=client_id).first()
            if locked is None or not locked.is_active or not _is_token_of(locked, token):
                raise errors.InvalidToken
            if _kept(locked) == kept:
                return _written(locked, token, entry, document, stated)
            row = locked  # an operator was here meanwhile: judge it again
    raise errors.TemporarilyUnavailable


def remove_unused() -> int:
    """Remove the clients that registered themselves and were never used in time."""
    due = models.Client.objects.filter(unused_until__lt=timezone.now())
    forget_at = instants.after(instants.now(), policy.current().lifetimes.family)
    count = 0
    for client_id in list(due.values_list("pk", flat=True)):
        with transaction.atomic():
            rows = models.Client.objects.filter(pk=client_id, unused_until__lt=timezone.now())
            if rows.delete()[0]:
                epochs.bump(epochs.CLIENT, client_id, expires_at=forget_at)
                registrar.forget(client_id)
                count += 1
    if count:
        logs.security_event("unused_clients_removed", count=count)
    models.RegistrationTally.objects.filter(hour__lt=int(time.time()) // _HOUR - 1).delete()
    return count


def _written(
    row: models.Client,
    token: str,
    entry: Registration,
    document: Mapping[str, Any],
    stated: frozenset[str],
) -> Own:
    """Write what is the client's own and not settled, into a locked row."""
    secret = document.get("client_secret")
    if secret is not None and not (isinstance(secret, str) and secret_rows.has(row, secret)):
        raise RefusedError([Fault("client_secret", "must be the one that was issued")])
    own = [name for name in own_members.columns() if name not in row.settled]
    registrar.write(row, {name: entry.columns[name] for name in own}, is_settled=False)
    row.settled = sorted({*row.settled, *stated})
    if policy.current().registration.is_access_token_rotated:
        token = PREFIX + encoding.token(256)
        row.registration_token_digest = initial_tokens.digest(token)
    row.save(update_fields=["settled", "registration_token_digest"])
    fresh = secret_rows.renewed(row)
    registrar.forget(row.pk)
    logs.security_event("client_updated", client=row.pk, self_registered=True)
    return Own(row=row, token=token, secret=fresh, statement=document.get(_STATEMENT))


def _read(metadata: Mapping[str, Any], kept: Mapping[str, Any] | None = None) -> Registration:
    entry, faults = own_members.read(metadata, kept)
    if entry is None:
        raise RefusedError(faults)
    return entry


def _kept(row: models.Client) -> dict[str, Any]:
    """Return the columns that the client's own metadata cannot change, by name."""
    return {name: getattr(row, name) for name in (*row.settled, *_JUDGED_WITH)}


def _with_statement(document: Mapping[str, Any]) -> tuple[Mapping[str, Any], frozenset[str]]:
    """Return the metadata with a statement's values on top, and the columns it settles."""
    statement = document.get(_STATEMENT)
    if statement is None:
        return document, frozenset()
    stated = software_statements.metadata_of(statement)
    # What it says of a name, it says of the name in every language.
    own = {
        name: value
        for name, value in document.items()
        if "#" not in name or name.partition("#")[0] not in stated
    }
    settled = {own_members.column(name) for name in stated if name in own_members.OWN}
    settled |= {choices.CHOICES[name].member for name in stated if name in choices.CHOICES}
    settled |= {"localized" for name in stated if "#" in name}
    return {**own, **stated}, frozenset(settled)


def _is_token_of(row: models.Client, token: str) -> bool:
    digest = row.registration_token_digest
    return bool(digest) and hmac.compare_digest(digest, initial_tokens.digest(token))


def _source(peer: str) -> str:
    """Return an address as it rests: keyed, so that nobody can count through all of them."""
    address = client_ip.parse(peer)
    # Whoever has one IPv6 address usually has 2^64 of them.
    packed = b"" if address is None else address.packed[: 4 if address.version == 4 else 8]
    key = derivation.keys("registration source")[0][1]
    return encoding.b64(hmac.digest(key, packed, "sha256"))


def _count(source: str) -> None:
    """Count one registration of this hour; of many at once no more than the limit succeed."""
    hour, second = divmod(int(time.time()), _HOUR)
    name = f"{source}:{hour}"
    models.RegistrationTally.objects.get_or_create(pk=name, defaults={"hour": hour})
    free = models.RegistrationTally.objects.filter(
        pk=name, count__lt=policy.current().registration.per_address
    )
    if not free.update(count=F("count") + 1):
        raise TooManyError(retry_after=_HOUR - second)


def _check_unused() -> None:
    """Raise where too many registrations wait for their first use."""
    waiting = models.Client.objects.filter(unused_until__isnull=False).count()
    if waiting >= policy.current().registration.max_unused:
        raise TooManyError(retry_after=int(timedelta(hours=1).total_seconds()))
