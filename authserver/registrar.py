"""RFC 7591 §3 — the writing side of clients: register, update, remove, give secrets.

Removing or disabling a client bumps its epoch in the same transaction, and the epoch outlives the
row: a client imported again under the same id revives nothing.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from accounts import consent, people
from authserver import client_secrets, clients, cors, models, registration
from authserver.client_secrets import Secret
from authserver.registration import Fault, Registration
from config import logs
from tokens import epochs
from tokens.names import ClientId

KEEP_OLD_SECRET_FOR: Final = timedelta(days=1)
_NEEDS_SECRET: Final = frozenset({"client_secret_basic", "client_secret_post", "client_secret_jwt"})


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
    return _create(_read(metadata), is_demo=is_demo, is_self_registered=is_own)


def update(client_id: str, metadata: Mapping[str, Any]) -> Registered | None:
    """Replace a client's metadata; its secrets stay unless it brings one. None where unknown.

    Raises RefusedError with every fault.
    """
    return _replace(client_id, _read({**metadata, "client_id": client_id}))


def merge(entry: Registration) -> Registered:
    """Register a client that brings its id, or replace its metadata; for import."""
    return _replace(entry.client_id or "", entry) or _create(entry)


def remove(client_id: str) -> bool:
    """Remove a client and everything issued to it; False when there is none."""
    with transaction.atomic():
        epochs.bump(epochs.CLIENT, client_id)
        count, _ = models.Client.objects.filter(pk=client_id).delete()
        consent.forget_client(client_id)
        _forget(client_id)
    if count:
        logs.security_event("client_removed", client=client_id)
    return bool(count)


def disable(client_id: str) -> bool:
    """Switch a client off and end everything issued to it; False when there is none."""
    with transaction.atomic():
        epochs.bump(epochs.CLIENT, client_id)
        count = models.Client.objects.filter(pk=client_id).update(is_active=False)
        _forget(client_id)
    if count:
        logs.security_event("client_disabled", client=client_id)
    return bool(count)


def enable(client_id: str) -> bool:
    """Switch a client on again; what was issued before stays dead."""
    count = models.Client.objects.filter(pk=client_id).update(is_active=True)
    _forget(client_id)
    return bool(count)


def complete(client_id: str) -> str | None:
    """After a row was saved by the console: give the client the secret it lacks, and return it."""
    with transaction.atomic():
        row = models.Client.objects.select_for_update().get(pk=client_id)
        secret = _updated_secret(row, None)
        _forget(client_id)
    logs.security_event("client_updated", client=client_id)
    return secret


def rotate_secret(client_id: str, *, keep_old_for: timedelta = KEEP_OLD_SECRET_FOR) -> str | None:
    """Give a client a new secret; its newest old one works on for a while, older ones end now.

    None for a client that does not exist or keeps no secret.
    """
    with transaction.atomic():
        row = models.Client.objects.select_for_update().filter(pk=client_id).first()
        if row is None or row.token_endpoint_auth_method not in _NEEDS_SECRET:
            return None
        secret = client_secrets.generate()
        _add(row, secret, old_ends_at=timezone.now() + keep_old_for)
        _forget(client_id)
    logs.security_event("client_secret_rotated", client=client_id)
    return secret


def replace_secret(client_id: str, secret: str) -> bool:
    """Give a client this secret and no other; False when there is no such client."""
    with transaction.atomic():
        row = models.Client.objects.select_for_update().filter(pk=client_id).first()
        if row is None:
            return False
        row.secrets.all().delete()
        _add(row, secret, old_ends_at=None)
        _forget(client_id)
    logs.security_event("client_secret_replaced", client=client_id)
    return True


def new_id() -> str:
    """Return an id for a client that brings none; never a URL."""
    return secrets.token_hex(16)


def _read(metadata: Mapping[str, Any]) -> Registration:
    entry, faults = registration.read(metadata)
    if entry is None:
        raise RefusedError(faults)
    return entry


def _create(entry: Registration, **marks: bool) -> Registered:
    client_id = entry.client_id or new_id()
    with transaction.atomic():
        if models.Client.objects.filter(pk=client_id).exists():
            raise RefusedError([Fault("client_id", "is taken")])
        if people.find(client_id) is not None:  # RFC 9700 §4.15: a client's `sub` is its id
            raise RefusedError([Fault("client_id", "is the identifier of a person")])
        row = models.Client.objects.create(client_id=client_id, **marks, **entry.columns)
        secret = _first_secret(row, entry.client_secret)
        _forget(client_id)
    logs.security_event("client_registered", client=client_id)
    return Registered(client_id=ClientId(client_id), secret=secret)


def _replace(client_id: str, entry: Registration) -> Registered | None:
    with transaction.atomic():
        row = models.Client.objects.select_for_update().filter(pk=client_id).first()
        if row is None:
            return None
        before = _shape(row)
        for name, value in entry.columns.items():
            setattr(row, name, value)
        row.save()
        secret = _updated_secret(row, entry.client_secret)
        is_changed = _shape(row) != before
        _forget(client_id)
    if is_changed:
        logs.security_event("client_updated", client=client_id)
    return Registered(
        client_id=ClientId(client_id), secret=secret, is_new=False, is_changed=is_changed
    )


def _shape(row: models.Client) -> tuple[dict[str, Any], list[int]]:
    """Return all that an update may change: the columns, and which secrets there are."""
    columns = {field.name: getattr(row, field.name) for field in row._meta.concrete_fields}  # noqa: SLF001
    return columns, list(row.secrets.order_by("pk").values_list("pk", flat=True))


def _first_secret(row: models.Client, brought: str | None) -> str | None:
    """Give the client the secret it brought, or a new one; return it where it was made here."""
    if row.token_endpoint_auth_method not in _NEEDS_SECRET:
        return None
    secret = brought or client_secrets.generate()
    _add(row, secret, old_ends_at=None)
    return None if brought else secret


def _updated_secret(row: models.Client, brought: str | None) -> str | None:
    """Keep what the client has; return a secret where it needs one that is made here."""
    if row.token_endpoint_auth_method not in _NEEDS_SECRET:
        row.secrets.all().delete()
        return None
    if brought and _has(row, brought):
        return None
    if brought:
        row.secrets.all().delete()
        return _first_secret(row, brought)
    usable = row.secrets.all()
    if row.token_endpoint_auth_method == "client_secret_jwt":
        usable = usable.filter(kind=models.SecretKind.SEALED)
    if usable.exists():
        return None
    row.secrets.all().delete()
    return _first_secret(row, None)


def _has(row: models.Client, brought: str) -> bool:
    """Tell whether this very secret rests already, so that a second import changes nothing."""
    kept = client_secrets.as_hash(brought)
    if kept:
        return row.secrets.filter(value=kept).exists()
    is_hmac_key = row.token_endpoint_auth_method == "client_secret_jwt"
    usable = row.secrets.filter(kind=models.SecretKind.SEALED) if is_hmac_key else row.secrets.all()
    resting = [
        Secret(kind=models.SecretKind(each.kind), value=each.value, expires_at=each.expires_at)
        for each in usable
    ]
    return client_secrets.check(resting, row.client_id, brought)


def _add(row: models.Client, secret: str, *, old_ends_at: datetime | None) -> None:
    """Add a secret; of the others the newest may live on until `old_ends_at` (two are the most)."""
    is_hmac_key = row.token_endpoint_auth_method == "client_secret_jwt"
    fresh = client_secrets.resting(secret, row.client_id, is_hmac_key=is_hmac_key)
    newest = row.secrets.order_by("-created_at", "-pk").first()
    if newest is not None:
        row.secrets.exclude(pk=newest.pk).delete()
        newest.expires_at = min(filter(None, (newest.expires_at, old_ends_at)), default=None)
        newest.save(update_fields=["expires_at"])
    models.ClientSecret.objects.create(client=row, kind=fresh.kind, value=fresh.value)


def _forget(client_id: str) -> None:
    """Let this process read the client anew: now, and again when the change is committed."""

    def forget() -> None:
        clients.evict(client_id)
        cors.evict()

    forget()
    transaction.on_commit(forget)
