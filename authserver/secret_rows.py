"""Client secrets as rows: at most two for a client; given, kept, replaced."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet
from django.utils import timezone

from authserver import client_secrets, models
from authserver.client_secrets import Secret
from config import policy

NEEDED_BY: Final = frozenset({"client_secret_basic", "client_secret_post", "client_secret_jwt"})
_LAST_PART: Final = 4  # a secret that expires is replaced in the last quarter of its life


def first(row: models.Client, brought: str | None) -> str | None:
    """Give the client the secret it brought, or a new one; return it where it was made here."""
    if row.token_endpoint_auth_method not in NEEDED_BY:
        return None
    secret = brought or client_secrets.generate()
    add(row, secret, old_ends_at=None)
    return None if brought else secret


def updated(row: models.Client, brought: str | None) -> str | None:
    """Keep what the client has; return a secret where it needs one that is made here."""
    if row.token_endpoint_auth_method not in NEEDED_BY:
        row.secrets.all().delete()
        return None
    if brought and has(row, brought):
        return None
    if brought:
        row.secrets.all().delete()
        return first(row, brought)
    if _usable(row).exists():
        return None
    row.secrets.all().delete()
    return first(row, None)


def renewed(row: models.Client) -> str | None:
    """Do as `updated`, and replace a secret that expires soon; the old one lives to its end."""
    secret = updated(row, None)
    newest = row.secrets.order_by("-created_at", "-pk").first()
    soon = timezone.now() + lifetime() / _LAST_PART
    if secret or newest is None or newest.expires_at is None or newest.expires_at > soon:
        return secret
    secret = client_secrets.generate()
    add(row, secret, old_ends_at=newest.expires_at)
    return secret


def has(row: models.Client, brought: str) -> bool:
    """Tell whether this very secret rests already, so that a second import changes nothing."""
    kept = client_secrets.as_hash(brought)
    if kept:
        return row.secrets.filter(value=kept).exists()
    resting = [
        Secret(kind=models.SecretKind(each.kind), value=each.value, expires_at=each.expires_at)
        for each in _of_fitting_kind(row)
    ]
    return client_secrets.check(resting, row.client_id, brought)


def add(row: models.Client, secret: str, *, old_ends_at: datetime | None) -> None:
    """Add a secret; of the others the newest may live on until `old_ends_at` (two are the most)."""
    is_hmac_key = row.token_endpoint_auth_method == "client_secret_jwt"
    fresh = client_secrets.resting(secret, row.client_id, is_hmac_key=is_hmac_key)
    newest = row.secrets.order_by("-created_at", "-pk").first()
    if newest is not None:
        row.secrets.exclude(pk=newest.pk).delete()
        newest.expires_at = min(filter(None, (newest.expires_at, old_ends_at)), default=None)
        newest.save(update_fields=["expires_at"])
    expires_at = timezone.now() + lifetime() if row.is_self_registered and lifetime() else None
    row.secrets.create(kind=fresh.kind, value=fresh.value, expires_at=expires_at)


def expires_at(row: models.Client) -> datetime | None:
    """Return when the client's newest secret expires; None for never."""
    newest = row.secrets.order_by("-created_at", "-pk").first()
    return newest.expires_at if newest else None


def lifetime() -> timedelta:
    """Return how long the secrets of clients that registered themselves live; 0 for good."""
    return policy.current().registration.secret_lifetime


def _usable(row: models.Client) -> QuerySet[models.ClientSecret]:
    alive = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    return _of_fitting_kind(row).filter(alive)


def _of_fitting_kind(row: models.Client) -> QuerySet[models.ClientSecret]:
    """Return the secrets its method can use: an HMAC key has to be readable again."""
    if row.token_endpoint_auth_method != "client_secret_jwt":
        return row.secrets.all()
    return row.secrets.filter(kind=models.SecretKind.SEALED)
