"""ASVS 5.0 §16.3 — history: what happened to an account, told to its owner and to the log.

A row joins its caller's transaction: what is undone was never noted. Failures that follow each
other are one row that counts, so nobody can bury a history by failing. Addresses go first.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.admin.models import LogEntry
from django.db.models import F, QuerySet
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import devices
from accounts.models import Event, User
from config import client_ip, logs, policy

TITLES: Final[Mapping[str, Promise]] = {
    "signed_in": _("You signed in"),
    "sign_in_failed": _("A sign-in failed"),
    "second_factor_failed": _("The second step of a sign-in failed"),
    "new_device": _("You signed in on a device that we did not know"),
    "reauthenticated": _("You confirmed that it is you"),
    "signed_out": _("You signed out"),
    "session_ended": _("You ended a session"),
    "sessions_ended": _("You ended other sessions"),
    "signed_out_everywhere": _("You were signed out everywhere"),
    "not_me": _("You said that a sign-in was not yours"),
    "account_created": _("The account was created"),
    "profile_changed": _("The profile was changed"),
    "password_changed": _("The password was changed"),
    "password_set": _("A password was set"),
    "reset_requested": _("A new password was asked for"),
    "password_reset": _("The password was reset"),
    "email_changed": _("The e-mail address was changed"),
    "email_confirmed": _("The e-mail address was confirmed"),
    "totp_added": _("An authenticator app was added"),
    "totp_removed": _("The authenticator app was removed"),
    "recovery_codes_made": _("New recovery codes were made"),
    "recovery_codes_removed": _("The recovery codes were removed"),
    "recovery_code_used": _("A recovery code was used"),
    "passkey_added": _("A passkey was added"),
    "passkey_renamed": _("A passkey was renamed"),
    "passkey_removed": _("A passkey was removed"),
    "two_steps_on": _("Two-step sign-in was switched on"),
    "two_steps_off": _("Two-step sign-in was switched off"),
    "factors_reset": _("An administrator removed the second factors"),
    "browser_trusted": _("A browser was trusted"),
    "trust_ended": _("A browser is no longer trusted"),
    "application_connected": _("An application was connected"),
    "application_disconnected": _("An application was disconnected"),
    "upstream_connected": _("Another account of yours was connected"),
    "upstream_disconnected": _("Another account of yours was disconnected"),
    "exported": _("A copy of your data was made"),
    "deletion_requested": _("The account is to be deleted"),
    "deletion_cancelled": _("The account is kept after all"),
    "disabled": _("An administrator switched the account off"),
    "enabled": _("An administrator switched the account on"),
}
"""Each event in plain words, as its owner reads them."""
_COUNTED: Final = frozenset({"sign_in_failed", "second_factor_failed", "reset_requested"})
"""What anybody can cause who knows an address: one row for as long as it goes on."""
_ONE_ROW: Final = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One event as pages show it; `about` holds what the caller of `note` said."""

    number: int
    name: str
    at: dt.datetime
    times: int
    address: str
    device: str
    about: Mapping[str, str | int]

    @property
    def title(self) -> str:
        """What happened, in plain words."""
        return str(TITLES.get(self.name, self.name))

    @property
    def detail(self) -> str:
        """Which one it happened to: the name of the application, the passkey, the provider."""
        return str(self.about.get("label", ""))

    @property
    def device_in_words(self) -> str:
        """What it was done with."""
        return devices.in_words(self.device)

    @property
    def where(self) -> str:
        """The place, or the address where no place is known."""
        return devices.where(self.address)


def note(subject: str, name: str, request: HttpRequest | None = None, **about: str | int) -> None:
    """Write down, and log, that something happened to this person's account.

    `name` is one of TITLES; `label` names, for people, the thing it happened to. Pass no secret.
    Without a request nothing is known of where it came from (a command, the outbox).
    """
    address = client_ip.of(request.META) if request else ""
    device = devices.kind(request.META.get("HTTP_USER_AGENT", "")) if request else ""
    logs.security_event(name, subject=subject, **({"address": address} if address else {}), **about)
    moment = timezone.now()
    if name in _COUNTED and _counted(subject, name, moment, address):
        return
    Event.objects.create(
        subject=subject, name=name, at=moment, address=address, device=device[:120], about=about
    )


def of(subject: str, *, before: int | None = None, limit: int = 50) -> list[Happened]:
    """Return what happened to a person, the newest first; with `before`, what is older than that.

    `before` is the number of an event.
    """
    rows = Event.objects.filter(subject=subject)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return [_happened(row) for row in rows.order_by("-pk")[:limit]]


def sweep(limit: int) -> int:
    """Remove at most `limit` events that are too old, and as many addresses; return how many."""
    rules, moment = policy.current().history, timezone.now()
    old = Event.objects.filter(at__lte=moment - rules.keep).order_by("at")
    gone = Event.objects.filter(pk__in=_first(old, limit)).delete()[0]
    placed = Event.objects.filter(at__lte=moment - rules.keep_addresses).exclude(address="")
    cleared = Event.objects.filter(pk__in=_first(placed.order_by("at"), limit)).update(address="")
    return gone + cleared


@receiver(pre_delete, sender=User, dispatch_uid="accounts.history.of_the_deleted")
def _forget(instance: User, **_news: Any) -> None:
    """Remove the history of a person who is deleted, by whichever door.

    What administrators did to them stays theirs to answer for; it names nobody any more.
    """
    subject = str(instance.pk)
    Event.objects.filter(subject=subject).delete()
    told = LogEntry.objects.filter(content_type__app_label="accounts", object_id=subject)
    told.update(object_repr=subject)


def _counted(subject: str, name: str, moment: dt.datetime, address: str) -> bool:
    """Count one more of what goes on already; False when it is new."""
    recent = Event.objects.filter(subject=subject, name=name, at__gt=moment - _ONE_ROW)
    newest = recent.order_by("-pk").values_list("pk", flat=True).first()
    if newest is None:
        return False
    mine = Event.objects.filter(pk=newest)
    return bool(mine.update(times=F("times") + 1, at=moment, address=address))


def _first(rows: QuerySet[Event], limit: int) -> list[int]:
    return list(rows.values_list("pk", flat=True)[:limit])


def _happened(row: Event) -> Happened:
    return Happened(
        number=row.pk,
        name=row.name,
        at=row.at,
        times=row.times,
        address=row.address,
        device=row.device,
        about=row.about,
    )
