"""ASVS 5.0 §6.3.3 — browsers a person trusts: their second factor is not asked for there.

A cookie of 256 random bits names the browser; only its hash rests, in a row for each person who
trusts it. A new password, another factor, or time ends the trust.
"""

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db.models import QuerySet
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts import devices, history, signals
from accounts.models import TrustedBrowser
from config import client_ip, policy
from tokens import encoding, epochs

_COOKIE: Final = "as_trust"
_NEW: Final = "_authserver_trusted_now"
_MOST: Final = 20
Handler = Callable[[HttpRequest], HttpResponse]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """One browser, as its owner reads it."""

    number: int
    device: str
    place: str
    since: dt.datetime
    last_used: dt.datetime
    until: dt.datetime
    is_this: bool


def cookie_name() -> str:
    """Return the name of the cookie."""
    return f"__Host-{_COOKIE}" if settings.SESSION_COOKIE_SECURE else _COOKIE


def is_offered() -> bool:
    """Tell whether the policy lets any browser be trusted."""
    return policy.current().factors.trust_browser_for > dt.timedelta(0)


def trust(request: HttpRequest, subject: str, epoch: int) -> None:
    """Trust this browser from now on; `kept` sends its cookie."""
    now, most = timezone.now(), policy.current().factors.trust_browser_for
    digest = _renamed(request)
    TrustedBrowser.objects.update_or_create(
        user_id=subject,
        digest=digest,
        defaults={
            "epoch_person": epoch,
            "device": devices.kind(request.headers.get("User-Agent", "")),
            "address": client_ip.of(request.META),
            "created_at": now,
            "last_used_at": now,
            "expires_at": now + most,
        },
    )
    _only_the_newest(subject)
    history.note(subject, "browser_trusted", request)


def is_trusted(request: HttpRequest, subject: str) -> bool:
    """Tell whether this browser is trusted by this person, and note that it was used."""
    secret = request.COOKIES.get(cookie_name(), "")
    if not secret or not is_offered():
        return False
    changed = _live(subject).filter(digest=_digest(secret))
    return changed.update(last_used_at=timezone.now()) == 1


def of(subject: str, request: HttpRequest | None = None) -> list[Trusted]:
    """Return the browsers a person trusts, the last used first."""
    secret = request.COOKIES.get(cookie_name(), "") if request else ""
    here = _digest(secret) if secret else ""
    return [
        Trusted(
            number=row.pk,
            device=devices.in_words(row.device),
            place=devices.where(row.address),
            since=row.created_at,
            last_used=row.last_used_at,
            until=row.expires_at,
            is_this=row.digest == here,
        )
        for row in _live(subject)
    ]


def end(subject: str, number: int, request: HttpRequest | None = None) -> bool:
    """End the trust in one browser of this person; tell whether there was any."""
    gone = TrustedBrowser.objects.filter(pk=number, user_id=subject).delete()[0] == 1
    if gone:
        history.note(subject, "trust_ended", request)
    return gone


def end_all(subject: str, request: HttpRequest | None = None) -> int:
    """End the trust in every browser of this person; return how many there were."""
    gone = TrustedBrowser.objects.filter(user_id=subject).delete()[0]
    if gone:
        history.note(subject, "trust_ended", request, browsers=gone)
    return gone


def kept(following: Handler) -> Handler:
    """Send the cookie of a browser that was trusted in this request."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = following(request)
        secret: str = getattr(request, _NEW, "")
        if secret:
            response.set_cookie(
                cookie_name(),
                secret,
                max_age=int(policy.current().factors.trust_browser_for.total_seconds()),
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response

    return middleware


def sweep(limit: int) -> int:
    """Remove at most `limit` rows that expired and return how many."""
    expired = TrustedBrowser.objects.filter(expires_at__lte=timezone.now()).order_by("expires_at")
    return TrustedBrowser.objects.filter(
        pk__in=list(expired.values_list("pk", flat=True)[:limit])
    ).delete()[0]


@receiver(signals.password_changed, dispatch_uid="accounts.trusted_browsers.of_old_passwords")
def _end_with_the_password(subject: str, **_news: object) -> None:
    end_all(subject)


def _renamed(request: HttpRequest) -> str:
    """Give this browser a new secret, for all who trust it: nobody else can have chosen it."""
    secret, before = encoding.token(256), request.COOKIES.get(cookie_name(), "")
    setattr(request, _NEW, secret)
    if before:
        TrustedBrowser.objects.filter(digest=_digest(before)).update(digest=_digest(secret))
    return _digest(secret)


def _live(subject: str) -> QuerySet[TrustedBrowser]:
    return TrustedBrowser.objects.filter(
        user_id=subject,
        expires_at__gt=timezone.now(),
        epoch_person=epochs.read(epochs.PERSON, subject),
    )


def _only_the_newest(subject: str) -> None:
    rows = TrustedBrowser.objects.filter(user_id=subject).order_by("-last_used_at", "-id")
    TrustedBrowser.objects.filter(pk__in=list(rows.values_list("pk", flat=True)[_MOST:])).delete()


def _digest(secret: str) -> str:
    return encoding.b64(hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest())
