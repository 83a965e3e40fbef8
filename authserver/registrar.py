"""RFC 7591 §3 — the writing side of clients: register, update, remove, give secrets.

Removing or disabling a client bumps its epoch in the same transaction, and the epoch outlives the
row: a client imported again under the same id revives nothing.
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from accounts import consent, people
from authserver import (
    client_secrets,
    clients,
    cors,
    logos,
    models,
    own_members,
    registration,
    secret_rows,
)
from authserver.registration import Fault, Registration
from config import logs
from tokens import epochs
from tokens.names import ClientId

KEEP_OLD_SECRET_FOR: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """What registering gave; the secret is shown this once."""

    client_id: ClientId
    secret: str | None
    is_new: bool = True
    is_changed: bool = True


class RefusedError(Exception):
    """The metadata is not acceptable; `faults` lists why."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


def register(
    metadata: Mapping[str, Any], *, is_demo: bool = False, is_own: bool = False
) -> Registered:
    """Register a new client; makes its id and its secret where it brings none.

    `is_own` marks a client that registered itself. Raises RefusedError with every fault.
    """
    return create(_read(metadata), is_demo=is_demo, is_self_registered=is_own)


def update(client_id: str, metadata: Mapping[str, Any]) -> Registered | None:
    """Replace a client's metadata; its secrets stay unless it brings one. None where unknown.

    Raises RefusedError with every fault.
    """
    return _replace(client_id, _read({**metadata, "client_id": client_id}))


def merge(entry: Registration) -> Registered:
    """Register a client that brings its id, or replace its metadata; for import."""
    return _replace(entry.client_id or "", entry) or create(entry)


def remove(client_id: str) -> bool:
    """Remove a client and everything issued to it; False when there is none."""
    with transaction.atomic():
        epochs.bump(epochs.CLIENT, client_id)
        count, _ = models.Client.objects.filter(pk=client_id).delete()
        consent.forget_client(client_id)
        forget(client_id)
    if count:
        logs.security_event("client_removed", client=client_id)
    return bool(count)


def disable(client_id: str) -> bool:
    """Switch a client off and end everything issued to it; False when there is none."""
    with transaction.atomic():
        epochs.bump(epochs.CLIENT, client_id)
        count = models.Client.objects.filter(pk=client_id).update(is_active=False)
        forget(client_id)
    if count:
        logs.security_event("client_disabled", client=client_id)
    return bool(count)


def enable(client_id: str) -> bool:
    """Switch a client on again; what was issued before stays dead."""
    count = models.Client.objects.filter(pk=client_id).update(is_active=True)
    forget(client_id)
    return bool(count)


def complete(client_id: str) -> str | None:
    """After the console made a row: give the client the secret it lacks, and return it."""
    with transaction.atomic():
        row = models.Client.objects.select_for_update().get(pk=client_id)
        secret = secret_rows.updated(row, None)
        logos.renew(row)
        forget(client_id)
    logs.security_event("client_registered", client=client_id)
    return secret


def change(client_id: str, columns: Mapping[str, Any]) -> str | None:
    """Write the columns that the console changed and no other; return a secret made on the way.

    What an operator changed of a client that registered itself is settled: its own updates leave
    it alone (RFC 7592 §2.2).
    """
    with transaction.atomic():
        row = models.Client.objects.select_for_update().filter(pk=client_id).first()
        if row is None:
            return None
        write(row, columns, is_settled=True)
        secret = secret_rows.updated(row, None)
        forget(client_id)
    logs.security_event("client_updated", client=client_id)
    return secret


def write(row: models.Client, columns: Mapping[str, Any], *, is_settled: bool) -> bool:
    """Write what differs into a locked row; tell whether anything did.

    Another sector knows people under other names: whatever was issued in the old one ends, or its
    refresh tokens would translate (OIDC Core §8.1, §12.2).
    """
    changed = [name for name, value in columns.items() if getattr(row, name) != value]
    if not changed:
        return False
    sector = clients.sector_of(row)
    for name in changed:
        setattr(row, name, columns[name])
    if clients.sector_of(row) != sector:
        epochs.bump(epochs.CLIENT, row.pk)
    if is_settled and row.is_self_registered:
        row.settled = sorted({*row.settled, *changed})
        changed += [] if "localized" in columns else _silenced(row, changed)
    row.save(update_fields=[*changed, "settled"])
    if "logo_uri" in changed:
        logos.renew(row)
    return True


def _silenced(row: models.Client, settled: Collection[str]) -> list[str]:
    """Take away what a client calls in other languages what has just been settled for all."""
    row.localized = {
        member: texts
        for member, texts in row.localized.items()
        if own_members.column(member) not in settled
    }
    return ["localized"]


def rotate_secret(client_id: str, *, keep_old_for: timedelta = KEEP_OLD_SECRET_FOR) -> str | None:
    """Give a client a new secret; its newest old one works on for a while, older ones end now.

    None for a client that does not exist or keeps no secret.
    """
    with transaction.atomic():
        row = models.Client.objects.select_for_update().filter(pk=client_id).first()
        if row is None or row.token_endpoint_auth_method not in secret_rows.NEEDED_BY:
            return None
        secret = client_secrets.generate()
        secret_rows.add(row, secret, old_ends_at=timezone.now() + keep_old_for)
        forget(client_id)
    logs.security_event("client_secret_rotated", client=client_id)
    return secret


def replace_secret(client_id: str, secret: str) -> bool:
    """Give a client this secret and no other; False when there is no such client."""
    with transaction.atomic():
        row = models.Client.objects.select_for_update().filter(pk=client_id).first()
        if row is None:
            return False
        row.secrets.all().delete()
        secret_rows.add(row, secret, old_ends_at=None)
        forget(client_id)
    logs.security_event("client_secret_replaced", client=client_id)
    return True


def new_id() -> str:
    """Return an id for a client that brings none; never a URL."""
    return secrets.token_hex(16)


def _read(metadata: Mapping[str, Any]) -> Registration:
    entry, faults = registration.judged(metadata)
    if entry is None:
        raise RefusedError(faults)
    return entry


def create(entry: Registration, **marks: Any) -> Registered:
    """Write a new row; `marks` are columns that metadata does not decide."""
    client_id = entry.client_id or new_id()
    with transaction.atomic():
        if models.Client.objects.filter(pk=client_id).exists():
            raise RefusedError([Fault("client_id", "is taken")])
        if people.find(client_id) is not None:  # RFC 9700 §4.15: a client's `sub` is its id
            raise RefusedError([Fault("client_id", "is the identifier of a person")])
        row = models.Client.objects.create(client_id=client_id, **{**entry.columns, **marks})
        secret = secret_rows.first(row, entry.client_secret)
        logos.renew(row)
        forget(client_id)
    own = {"self_registered": True} if row.is_self_registered else {}
    logs.security_event("client_registered", client=client_id, **own)
    return Registered(client_id=ClientId(client_id), secret=secret)


def _replace(client_id: str, entry: Registration) -> Registered | None:
    with transaction.atomic():
        row = models.Client.objects.select_for_update().filter(pk=client_id).first()
        if row is None:
            return None
        before = _secrets_of(row)
        is_changed = write(row, entry.columns, is_settled=True)
        secret = secret_rows.updated(row, entry.client_secret)
        is_changed = is_changed or _secrets_of(row) != before
        forget(client_id)
    if is_changed:
        logs.security_event("client_updated", client=client_id)
    return Registered(
        client_id=ClientId(client_id), secret=secret, is_new=False, is_changed=is_changed
    )


def _secrets_of(row: models.Client) -> list[int]:
    return list(row.secrets.order_by("pk").values_list("pk", flat=True))


def forget(client_id: str) -> None:
    """Let this process read the client anew: now, and again when the change is committed."""

    def evict() -> None:
        clients.evict(client_id)
        cors.evict()

    evict()
    transaction.on_commit(evict)
