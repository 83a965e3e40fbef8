"""OIDC Back-Channel Logout §2.3 — who took part: the clients that a session has let in.

Written only while the session's row is held (`sessions.take_part`), and removed with it, so the
list that goes out with the end of a session is complete. Found by `sid`, which survives a new key.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils import timezone

from accounts.models import Participation, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """A client that took part in a session; its name as it was then."""

    client_id: str
    client_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A session that is over: whose it was, and who took part."""

    sid: str
    subject: str
    clients: tuple[Participant, ...]


def is_known(sid: str, client_id: str) -> bool:
    """Tell whether the client takes part already; the one read of every later sign-in."""
    known = Participation.objects.filter(sid=sid, client_id=client_id)
    return known.filter(expires_at__gt=timezone.now()).exists()


def add(session: Session, client_id: str, client_name: str) -> None:
    """Note a client; the caller holds the session's row, so nobody else does the same now."""
    Participation.objects.get_or_create(
        sid=session.sid,
        client_id=client_id,
        defaults={
            "subject": session.subject,
            "client_name": client_name,
            "first_at": timezone.now(),
            "expires_at": session.expires_at,
        },
    )


def of(sid: str) -> tuple[Participant, ...]:
    """Return the clients that took part in a session, in the order they came."""
    rows = Participation.objects.filter(sid=sid, expires_at__gt=timezone.now())
    return tuple(_participant(row) for row in rows)


def take(sids: Collection[str]) -> list[Ended]:
    """Remove who took part in these sessions, and return it by session.

    What has expired goes in silence: an end by time is no news.
    """
    moment = timezone.now()
    rows = list(Participation.objects.filter(sid__in=sids)) if sids else []
    if rows:
        Participation.objects.filter(pk__in=[row.pk for row in rows]).delete()
    alive: dict[tuple[str, str], list[Participant]] = {}
    for row in rows:
        if row.expires_at > moment:
            alive.setdefault((row.sid, row.subject), []).append(_participant(row))
    return [
        Ended(sid=sid, subject=subject, clients=tuple(clients))
        for (sid, subject), clients in alive.items()
    ]


def sweep(limit: int) -> int:
    """Remove at most `limit` rows of sessions that expired and return how many."""
    expired = Participation.objects.filter(expires_at__lte=timezone.now()).order_by("expires_at")
    return Participation.objects.filter(
        pk__in=list(expired.values_list("pk", flat=True)[:limit])
    ).delete()[0]


def _participant(row: Participation) -> Participant:
    return Participant(client_id=row.client_id, client_name=row.client_name)
