"""How outbound work rests: put, claimed under a lease, settled, and swept.

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


def claim(avoid: Collection[str] = ()) -> Work | None:
    """Take what has been due longest, of a target that nobody is busy with; None: nothing."""
    now = timezone.now()
    Delivery.objects.filter(leased_until__lt=now).update(lease=None, leased_until=None)
    busy = Delivery.objects.filter(lease__isnull=False).values("target")
    due = Delivery.objects.filter(OPEN, due_at__lte=now).exclude(target__in=busy)
    if avoid:
        due = due.exclude(target__in=list(avoid))
    for row in due.order_by("due_at", "id")[:_PAGE]:
        lease = secrets.token_hex(16)
        if _taken(row.pk, lease):
            return Work(
                id=row.pk,
                kind=row.kind,
                target=row.target,
                payload=json.loads(row.payload),
                attempts=row.attempts + 1,
                lease=lease,
                log=row.log,
            )
    return None


def _taken(pk: int, lease: str) -> bool:
    now = timezone.now()
    free = Delivery.objects.filter(OPEN, pk=pk, lease=None, due_at__lte=now)
    try:
        with transaction.atomic():
            until = now + policy.current().outbox.lease
            return bool(free.update(lease=lease, leased_until=until, attempts=F("attempts") + 1))
    except IntegrityError:  # another process began with this target a moment ago
        return False


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


def sweep(limit: int) -> int:
    """Remove at most `limit` rows of what was delivered long ago and return how many."""
    before = timezone.now() - policy.current().outbox.keep_delivered
    old = Delivery.objects.filter(delivered_at__lt=before).order_by("delivered_at")
    keys = list(old.values_list("pk", flat=True)[:limit])
    return Delivery.objects.filter(pk__in=keys).delete()[0]


def _held(work: Work) -> Any:
    return Delivery.objects.filter(pk=work.id, lease=work.lease)


def _delay(attempts: int) -> timedelta:
    """Return how long to wait: four times as long each time, and never all at one instant."""
    permits = policy.current().outbox
    steps = min(attempts - 1, 20)
    wait: timedelta = min(permits.first_retry * 4**steps, permits.longest_retry)
    return wait * random.uniform(0.9, 1.1)  # noqa: S311  chance, not secrecy
