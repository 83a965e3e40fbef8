"""RFC 8288 §3 — lists in parts: page and limit with totals, or a sealed cursor for deep ones.

A cursor holds the whole question and the last person of the part before, so nothing in it can be
made up, spliced or moved to another list; it is good for one caller and for a day.
"""

import dataclasses
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.http import QueryDict

from accounts import directory
from accounts.api.problems import Fault, Invalid
from accounts.directory import Place, Question
from accounts.models import User
from config import policy
from config.faults import did_you_mean
from tokens import handles

USUAL: Final = 20
MOST: Final = 100
DEEPEST: Final = 10_000
LONGEST_SEARCH: Final = 254
_LONGEST_CURSOR: Final = 4096
_SCOPED: Final = ("sortBy", "sortOrder", "search", "page")
_PARAMETERS: Final = (*_SCOPED, "limit", "cursor")
DIRECTIONS: Final = ("asc", "desc")
_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffd]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What part of which list is asked for: by number, or from a place on."""

    question: Question
    limit: int = USUAL
    page: int = 1
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a list, and what is told beside it."""

    people: list[User]
    pagination: dict[str, Any]
    links: dict[str, dict[str, str]]
    """Parameters of the parts around it, by their relation."""


def read(query: QueryDict, *, caller: str) -> Wanted:
    """Return what is asked for; raise Invalid with everything that is wrong with it."""
    faults = list(_faults(query))
    cursor = query.get("cursor")
    kept = _opened(cursor, caller) if cursor and not faults else None
    if cursor is not None and kept is None and not faults:
        faults = [_fault("cursor", "This cursor is not good (any more).", "invalid")]
    if faults:
        raise Invalid(faults=faults)
    limit = int(query.get("limit") or USUAL)
    if kept is not None:
        place = Place(value=kept["value"], id=kept["id"])
        return Wanted(question=Question(**kept["question"]), limit=limit, place=place)
    question = Question(
        search=query.get("search", "").strip(),
        order=query.get("sortBy", "createdAt"),
        is_descending=query.get("sortOrder", "asc") == "desc",
    )
    return Wanted(question=question, limit=limit, page=int(query.get("page") or 1))


def fetch(wanted: Wanted, *, caller: str) -> Part:
    """Return that part."""
    return _from_place(wanted, caller) if wanted.place else _by_number(wanted, caller)


def header(url: str, links: Mapping[str, Mapping[str, str]]) -> str:
    """Return the Link header for these parts of the list at `url`."""
    return ", ".join(
        f'<{url}?{urlencode(parameters)}>; rel="{name}"' for name, parameters in links.items()
    )


def _by_number(wanted: Wanted, caller: str) -> Part:
    asked, limit, page = wanted.question, wanted.limit, wanted.page
    total = directory.count(asked)
    found = directory.part(asked, start=(page - 1) * limit, limit=limit)
    pages = -(-total // limit)
    own = {"limit": str(limit), **_told(asked)}
    around = {"first": 1, "prev": page - 1, "next": page + 1, "last": pages}
    links = {
        name: {"page": str(number), **own}
        for name, number in around.items()
        if 1 <= number <= pages and number * limit <= DEEPEST
    }
    has_more = page < pages
    pagination = {
        "page": page,
        "limit": limit,
        "total": total,
        "totalPages": pages,
        "nextCursor": _sealed(asked, found[-1], caller) if found and has_more else None,
    }
    return Part(people=found, pagination=pagination, links=links)


def _from_place(wanted: Wanted, caller: str) -> Part:
    asked, limit = wanted.question, wanted.limit
    try:
        found = directory.after(asked, wanted.place or Place(value="", id=""), limit=limit + 1)
    except ValueError:
        fault = _fault("cursor", "This cursor is not good (any more).", "invalid")
        raise Invalid(faults=[fault]) from None
    has_more, found = len(found) > limit, found[:limit]
    cursor = _sealed(asked, found[-1], caller) if has_more else None
    links = {"next": {"cursor": cursor, "limit": str(limit)}} if cursor else {}
    return Part(people=found, pagination={"limit": limit, "nextCursor": cursor}, links=links)


def _told(asked: Question) -> dict[str, str]:
    order = {"sortBy": asked.order, "sortOrder": DIRECTIONS[asked.is_descending]}
    return order | ({"search": asked.search} if asked.search else {})


def _sealed(asked: Question, last: User, caller: str) -> str:
    lifetime = policy.current().api.cursor_lifetime.total_seconds()
    place = directory.place_of(asked, last)
    record = {
        "question": dataclasses.asdict(asked),
        "value": place.value,
        "id": place.id,
        "caller": caller,
        "exp": int(time.time() + lifetime),
    }
    return handles.seal(handles.CURSOR, record)


def _opened(cursor: str, caller: str) -> dict[str, Any] | None:
    kept = handles.open(handles.CURSOR, cursor) if len(cursor) <= _LONGEST_CURSOR else None
    if kept is None or kept["caller"] != caller or kept["exp"] <= time.time():
        return None
    return kept


def _faults(query: QueryDict) -> list[Fault]:
    faults = [
        _fault(name, "Send it once.", "repeated")
        for name in _PARAMETERS
        if len(query.getlist(name)) > 1
    ]
    if policy.current().api.is_strict:
        faults += [
            _fault(
                "query", f"There is no such parameter.{did_you_mean(name, _PARAMETERS)}", "unknown"
            )
            for name in query
            if name not in _PARAMETERS
        ]
    if "cursor" in query:
        faults += [
            _fault(name, "A cursor says this already.", "with_cursor")
            for name in _SCOPED
            if name in query
        ]
    return [*faults, *_bounds(query), *_choices(query)]


def _bounds(query: QueryDict) -> list[Fault]:
    faults = []
    page, limit = _number(query, "page", 1), _number(query, "limit", USUAL)
    if limit is None or not 1 <= limit <= MOST:
        faults.append(_fault("limit", f"It is a whole number from 1 to {MOST}.", "range"))
    if page is None or page < 1:
        faults.append(_fault("page", "It is a whole number from 1 on.", "range"))
    elif limit and page * limit > DEEPEST:
        words = f"Pages end after {DEEPEST} people: go on with nextCursor."
        faults.append(_fault("page", words, "too_deep"))
    search = query.get("search", "")
    if len(search) > LONGEST_SEARCH or _UNSEEN.search(search):
        words = f"It is at most {LONGEST_SEARCH} visible characters."
        faults.append(_fault("search", words, "invalid"))
    return faults


def _choices(query: QueryDict) -> list[Fault]:
    offered = {"sortBy": tuple(directory.ORDERS), "sortOrder": DIRECTIONS}
    return [
        _fault(name, f"It is one of {', '.join(words)}.", "choice")
        for name, words in offered.items()
        if query.get(name, words[0]) not in words
    ]


def _number(query: QueryDict, name: str, usual: int) -> int | None:
    text = query.get(name)
    if text is None:
        return usual
    return int(text) if _NUMBER.fullmatch(text) else None


def _fault(name: str, message: str, code: str) -> Fault:
    return Fault(field=name, message=message, code=code, is_parameter=True)
