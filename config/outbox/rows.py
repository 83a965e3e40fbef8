"""How outbound work rests: put, claimed under a lease, settled.

A lease is renewed while its holder lives; when it has run out, the work is anybody's again, so a
process that is killed loses nothing. Only whoever still holds the lease may settle.
"""

import json
import random
import secrets
import threading
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from config import logs, policy
from config.models import OPEN, Delivery
from config.outbox.kinds import UndeliveredError

BELL = threading.Event()
"""Set when there may be something to do, so that this process's worker need not wait."""
_PAGE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One piece of work in our hands."""

    id: int
    kind: str
    target: str
    payload: dict[str, Any]
    attempts: int
    lease: str
    log: str


def put(kind: str, payload: dict[str, Any], *, target: str = "") -> None:
    """Have something done once the caller's transaction is committed, or now where there is none.

    What goes to one target is done one by one; without a target, what is of one kind.
    No secret belongs into the payload, which must be JSON: it rests as it is.
    """
    now = timezone.now()
    Delivery.objects.create(
        kind=kind,
        target=(target or kind).replace("\0", "")[:200],
        payload=json.dumps(payload),
        put_at=now,
        due_at=now,
    )
    transaction.on_commit(BELL.set)


def hasten(kind: str, target: str) -> bool:
    """Have what waits of this tried as soon as the caller's transaction is committed.

    False when nothing waits that nobody has begun: then it is for the caller to put it.
    """
    waiting = Delivery.objects.filter(OPEN, kind=kind, target=target, lease=None)
    count = waiting.update(due_at=timezone.now())
    transaction.on_commit(BELL.set)
    return count > 0


def claim(
    limit: int = 1,
    *,
    without_kinds: Collection[str] = (),
    without_targets: Collection[str] = (),
    only_fresh: bool = False,
) -> list[Work]:
    """Take at most `limit` of what has been due longest, one a target, none that is busy.

    `only_fresh` leaves out what has failed before; an empty list means that nothing is due.
    """
    now = timezone.now()
    expired = Delivery.objects.filter(lease__isnull=False, leased_until__lt=now)
    if expired.exists():  # an UPDATE of nothing would take SQLite's one writer's place too
        expired.update(lease=None, leased_until=None)
    busy = Delivery.objects.filter(lease__isnull=False).values("target")
    due = Delivery.objects.filter(OPEN, due_at__lte=now).exclude(target__in=busy)
    if without_kinds:
        due = due.exclude(kind__in=list(without_kinds))
    if without_targets:
        due = due.exclude(target__in=list(without_targets))
    if only_fresh:
        due = due.filter(attempts=0)
    taken: dict[str, Work] = {}
    for row in due.order_by("due_at", "id")[: max(limit, _PAGE)]:
        if len(taken) == limit:
            break
        if row.target not in taken and (lease := _leased(row.pk)):
            taken[row.target] = _work(row, lease)
    return list(taken.values())


def _work(row: Delivery, lease: str) -> Work:
    return Work(
        id=row.pk,
        kind=row.kind,
        target=row.target,
        payload=json.loads(row.payload),
        attempts=row.attempts + 1,
        lease=lease,
        log=row.log,
    )


def _leased(pk: int) -> str | None:
    now, lease = timezone.now(), secrets.token_hex(16)
    free = Delivery.objects.filter(OPEN, pk=pk, lease=None, due_at__lte=now)
    until = now + policy.current().outbox.lease
    try:
        with transaction.atomic():
            is_ours = free.update(lease=lease, leased_until=until, attempts=F("attempts") + 1)
    except IntegrityError:  # another process began with this target a moment ago
        return None
    return lease if is_ours else None


def renew(works: Iterable[Work]) -> None:
    """Keep what is still being worked on."""
    until = timezone.now() + policy.current().outbox.lease
    held = Delivery.objects.filter(lease__in=[work.lease for work in works])
    held.update(leased_until=until)


def release(work: Work) -> None:
    """Give back what was not begun."""
    _held(work).update(lease=None, leased_until=None, attempts=F("attempts") - 1)


def delivered(work: Work) -> None:
    """Settle: it is done."""
    _held(work).update(lease=None, leased_until=None, delivered_at=timezone.now())


def failed(work: Work, error: UndeliveredError) -> None:
    """Settle: try again later, or give up."""
    now, permits = timezone.now(), policy.current().outbox
    is_dead = error.is_final or work.attempts >= permits.tries
    reason = logs.redacted(error.reason).replace("\0", "").replace("\n", " ")
    was_held = _held(work).update(
        lease=None,
        leased_until=None,
        due_at=now + _delay(work.attempts),
        dead_at=now if is_dead else None,
        log=f"{work.log}{now:%Y-%m-%d %H:%M:%S}Z {reason}\n",
    )
    if is_dead and was_held:
        logs.security_event(
            "outbox_gave_up",
            delivery=work.id,
            kind=work.kind,
            target=work.target,
            tries=work.attempts,
            reason=reason,
        )


def _held(work: Work) -> Any:
    return Delivery.objects.filter(pk=work.id, lease=work.lease)


def _delay(attempts: int) -> timedelta:
    """Return how long to wait: four times as long each time, and never all at one instant."""
    permits = policy.current().outbox
    steps = min(attempts - 1, 20)
    wait: timedelta = min(permits.first_retry * 4**steps, permits.longest_retry)
    return wait * random.uniform(0.9, 1.1)  # noqa: S311  chance, not secrecy
