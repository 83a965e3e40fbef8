"""RFC 7591 §1.2 — initial access tokens: who may register clients, how often, until when.

Shown once; what rests is a digest. A use is counted in the transaction that writes the client, so
of many at once no more than the counted ones succeed, and a refused registration costs nothing.
"""

import hashlib
from datetime import timedelta
from typing import Any, Final

from django.db.models import F, QuerySet
from django.utils import timezone

from authserver import models
from config import logs
from tokens import encoding

PREFIX: Final = "as_it_"
_NAME: Final = 8  # characters of the digest by which a token is called
_LONGEST: Final = 200


def make(*, uses: int, lifetime: timedelta, note: str = "") -> tuple[str, str]:
    """Return the name of a new token, and the token."""
    token = PREFIX + encoding.token(256)
    while digest(token).startswith("-"):  # a command would take such a name for an option
        token = PREFIX + encoding.token(256)
    row = models.InitialToken.objects.create(
        digest=digest(token),
        uses_left=uses,
        expires_at=timezone.now() + lifetime,
        note=note,
    )
    logs.security_event("initial_token_made", initial_token=row.digest[:_NAME], uses=uses)
    return row.digest[:_NAME], token


def every() -> list[dict[str, Any]]:
    """Return what can be shown of all of them."""
    return [
        {
            "name": row.digest[:_NAME],
            "note": row.note,
            "uses_left": row.uses_left,
            "created_at": row.created_at.isoformat(),
            "expires_at": row.expires_at.isoformat(),
        }
        for row in models.InitialToken.objects.all()
    ]


def revoke(name: str) -> bool:
    """Remove a token by its name; False when there is none."""
    if len(name) < _NAME:
        return False
    count, _ = models.InitialToken.objects.filter(digest__startswith=name).delete()
    if count:
        logs.security_event("initial_token_revoked", initial_token=name)
    return bool(count)


def is_good(token: str) -> bool:
    """Tell whether a token may be used once more."""
    return _live(token).exists()


def take(token: str) -> bool:
    """Count one use in the caller's transaction; False when there is none left."""
    return bool(_live(token).update(uses_left=F("uses_left") - 1))


def sweep() -> int:
    """Remove what has expired or is used up."""
    now = timezone.now()
    expired, _ = models.InitialToken.objects.filter(expires_at__lt=now).delete()
    used, _ = models.InitialToken.objects.filter(uses_left=0).delete()
    return expired + used


def digest(token: str) -> str:
    """Return how a token rests."""
    return encoding.b64(hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest())


def _live(token: str) -> QuerySet[models.InitialToken]:
    return models.InitialToken.objects.filter(
        digest=digest(token[:_LONGEST]), uses_left__gt=0, expires_at__gt=timezone.now()
    )
