"""What an operator sees of the outbox and does about it, and how old rows go."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import QuerySet
from django.utils import timezone

from config import logs, policy
from config.models import OPEN, Delivery
from config.outbox.rows import BELL

OVERDUE: Final = timedelta(minutes=10)
"""What has been due for so long means that nobody delivers, or that it is too much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One row, without its payload, which may name people."""

    id: int
    state: str
    kind: str
    target: str
    put_at: datetime
    due_at: datetime
    tries: int
    log: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How much waits, how much of it for too long, and how much was given up."""

    waiting: int
    overdue: int
    dead: int


def standing() -> Standing:
    """Count what is not delivered."""
    waiting = Delivery.objects.filter(OPEN)
    return Standing(
        waiting=waiting.count(),
        overdue=waiting.filter(due_at__lt=timezone.now() - OVERDUE, lease=None).count(),
        dead=Delivery.objects.filter(dead_at__isnull=False).count(),
    )


def shown(states: Sequence[str], limit: int) -> Iterator[Shown]:
    """Return the newest rows in these states ("waiting", "sending", "delivered", "dead")."""
    rows = Delivery.objects.order_by("-id")
    if "delivered" not in states:
        rows = rows.filter(delivered_at=None)
    if "dead" not in states:
        rows = rows.filter(dead_at=None)
    if not {"waiting", "sending"} & set(states):
        rows = rows.exclude(OPEN)
    for row in rows[:limit]:
        if (state := _state(row)) in states:
            yield Shown(
                id=row.pk,
                state=state,
                kind=row.kind,
                target=row.target,
                put_at=row.put_at,
                due_at=row.due_at,
                tries=row.attempts,
                log=row.log,
            )


def _state(row: Delivery) -> str:
    if row.delivered_at is not None:
        return "delivered"
    if row.dead_at is not None:
        return "dead"
    return "sending" if row.lease else "waiting"


def retry(ids: Sequence[int] | None) -> int:
    """Have these rows (None: all that were given up) tried now, with all tries before them."""
    count = _idle(ids).update(dead_at=None, due_at=timezone.now(), attempts=0)
    BELL.set()
    return count


def drop(ids: Sequence[int] | None) -> int:
    """Remove these rows (None: all that were given up), undelivered."""
    rows = _idle(ids)
    for row in rows:
        logs.security_event("outbox_dropped", delivery=row.pk, kind=row.kind, target=row.target)
    return rows.delete()[0]


def sweep(limit: int) -> int:
    """Remove at most `limit` rows of what ended long ago, given up or not; return how many."""
    permits, now = policy.current().outbox, timezone.now()
    delivered = Delivery.objects.filter(delivered_at__lt=now - permits.keep_delivered)
    given_up = Delivery.objects.filter(dead_at__lt=now - permits.keep_given_up)
    keys = [
        *delivered.order_by("delivered_at").values_list("pk", flat=True)[:limit],
        *given_up.order_by("dead_at").values_list("pk", flat=True)[:limit],
    ]
    return Delivery.objects.filter(pk__in=keys[:limit]).delete()[0]


def _idle(ids: Sequence[int] | None) -> QuerySet[Delivery]:
    """Return what is neither delivered nor being delivered right now."""
    rows = Delivery.objects.filter(delivered_at=None, lease=None)
    return rows.filter(dead_at__isnull=False) if ids is None else rows.filter(pk__in=ids)
