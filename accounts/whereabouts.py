"""ASVS 5.0 §7.5.2 — where a person is signed in, as they may see it and end it."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet
from django.utils import timezone

from accounts import devices, participation, sessions
from accounts.models import Session
from accounts.participation import Participant
from tokens import epochs, handles

_MOST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A session that is alive. What device and address say is what they were at sign-in."""

    sid: str
    device: str
    address: str
    began_at: dt.datetime
    last_seen_at: dt.datetime
    ends_at: dt.datetime
    applications: tuple[Participant, ...]

    @property
    def where(self) -> str:
        """The place, or the address where no place is known."""
        return devices.where(self.address)


def of(subject: str) -> list[Open]:
    """Return the sessions of a person that are alive, the one used last first; not endlessly."""
    return [_open(row) for row in _alive(_rows(subject)[:_MOST])]


def end(subject: str, sid: str) -> Open | None:
    """End a session of this very person; None where they have no such session."""
    mine = [_open(row) for row in _alive(_rows(subject).filter(sid=sid)[:1])]
    if mine:
        sessions.end(sid)
    return mine[0] if mine else None


def _rows(subject: str) -> QuerySet[Session]:
    epoch = epochs.read(epochs.PERSON, subject)
    rows = Session.objects.filter(
        subject=subject, epoch_person=epoch, expires_at__gt=timezone.now()
    )
    return rows.exclude(sid="").order_by("-last_seen_at", "pk")


def _alive(rows: Iterable[Session]) -> list[Session]:
    found = list(rows)
    ended = epochs.read_many([(epochs.SESSION, row.sid) for row in found]) if found else []
    return [row for row, bumps in zip(found, ended, strict=True) if not bumps]


def _open(row: Session) -> Open:
    record = handles.open(handles.SESSION, row.sealed)
    data = record["data"] if record else {}
    return Open(
        sid=row.sid,
        device=devices.describe(data.get("agent", "")),
        address=data.get("address", ""),
        began_at=row.created_at,
        last_seen_at=row.last_seen_at,
        ends_at=row.expires_at,
        applications=participation.of(row.sid),
    )
