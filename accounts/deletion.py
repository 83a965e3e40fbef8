"""ASVS 5.0 §14.2.7 — deletion: asked for by its owner, taken back within a grace, or carried out.

Whoever asks is signed out everywhere at once and nothing acts for them any more; the account itself
rests until the grace is over. Signing in meanwhile asks whether to keep it (`staying`).
"""

import datetime as dt
import uuid

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts import history, notices, people
from accounts.models import Deletion
from config import policy


class OnlyAdministratorError(Exception):
    """Nobody else could administer this server."""


def due_at(subject: str) -> dt.datetime | None:
    """Return when this person is to be deleted; None where they did not ask."""
    return Deletion.objects.filter(user_id=subject).values_list("due_at", flat=True).first()


def ask(subject: str, request: HttpRequest) -> None:
    """Cut a person off and have them deleted when the grace is over; at once where there is none.

    Raises:
        OnlyAdministratorError: the server would have no administrator left.
    """
    grace = policy.current().deletion.grace
    now = timezone.now()
    with transaction.atomic():
        if people.is_only_administrator(subject):
            raise OnlyAdministratorError
        if not grace:
            people.delete(subject)
            return
        asked = {"asked_at": now, "due_at": now + grace}
        _row, is_new = Deletion.objects.get_or_create(user_id=subject, defaults=asked)
        people.cut_off(subject, why="deletion")
        if is_new:
            history.note(subject, "deletion_requested", request)
            notices.happened(request, subject, "deletion_requested", days=grace.days)


def keep(subject: str, request: HttpRequest) -> bool:
    """Take a wish to be deleted back; tell whether there was one."""
    with transaction.atomic():
        gone = Deletion.objects.filter(user_id=subject).delete()[0]
        if gone:
            history.note(subject, "deletion_cancelled", request)
            notices.happened(request, subject, "deletion_cancelled")
        return bool(gone)


def sweep(limit: int) -> int:
    """Delete at most `limit` people whose grace is over; return how many."""
    due = Deletion.objects.filter(due_at__lte=timezone.now()).order_by("due_at")
    return sum(_carry_out(pk) for pk in list(due.values_list("user_id", flat=True)[:limit]))


def _carry_out(subject: uuid.UUID) -> bool:
    """Delete one person, unless they took it back a moment ago."""
    with transaction.atomic():
        row = Deletion.objects.select_for_update().filter(user_id=subject)
        row = row.filter(due_at__lte=timezone.now())
        return row.first() is not None and people.delete(str(subject))
