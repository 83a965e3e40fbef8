"""The directory of people: found by what stands in their name or address, in an order, in parts.

A part is asked for by its number, or by the last person of the one before (a keyset): that costs
the same however deep it is, and nobody is shown twice or left out when people come and go.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Lower

from accounts.models import User, folded

ORDERS: Final = {"name": Lower("name"), "email": F("email_key"), "createdAt": F("created_at")}
"""What people are ordered by; each has an index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Who is looked for, and in which order they come."""

    search: str = ""
    order: str = "createdAt"
    is_descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place between two people: right after this one."""

    value: str
    id: str


def count(asked: Question) -> int:
    """Return how many there are."""
    return _found(asked).count()


def part(asked: Question, *, start: int, limit: int) -> list[User]:
    """Return so many of them, from this number on."""
    return list(_ordered(asked)[start : start + limit])


def after(asked: Question, place: Place, *, limit: int) -> list[User]:
    """Return so many of them, from this place on; raise ValueError for no place of this order."""
    value: Any = place.value
    if asked.order == "createdAt":
        value = datetime.fromisoformat(place.value)
    than = "lt" if asked.is_descending else "gt"
    bound = {f"place__{than}e": value}
    beyond = Q(**{f"place__{than}": value}) | Q(place=value, **{f"pk__{than}": uuid.UUID(place.id)})
    return list(_ordered(asked).filter(beyond, **bound)[:limit])


def place_of(asked: Question, person: User) -> Place:
    """Return the place right after somebody whom `part` or `after` returned."""
    value: Any = getattr(person, "place")  # noqa: B009  what the query added to the row
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return Place(value=text, id=str(person.pk))


def _ordered(asked: Question) -> QuerySet[User]:
    sign = "-" if asked.is_descending else ""
    placed = _found(asked).annotate(place=ORDERS[asked.order])
    return placed.order_by(f"{sign}place", f"{sign}pk")


def _found(asked: Question) -> QuerySet[User]:
    """Return those whose name or address holds the text; `%` and `_` in it are only letters."""
    everybody: QuerySet[User] = User.objects.all()
    return (
        everybody.filter(search_text__contains=folded(asked.search)) if asked.search else everybody
    )
