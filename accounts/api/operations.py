"""OpenAPI 3.1 §4.8.10.1 — each operation of the API in words: who may, what is sent, what comes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from accounts import directory
from accounts.api import challenges, listing, problems, scopes, serializers
from accounts.api.problems import Problem

Part = dict[str, Any]
Kind = type[Problem]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one endpoint.

    `by_programs` is whether an API key will do; `takes` the serializers of its body, by audience;
    `gives` the schema of its answer; `problems` what may be wrong besides what always may.
    """

    name: str
    summary: str
    words: str
    scope: str
    by_programs: bool = True
    query: tuple[Part, ...] = ()
    takes: Mapping[Any, Any] | None = None
    sent: Part = field(default_factory=dict)
    gives: str = "User"
    status: HTTPStatus = HTTPStatus.OK
    told: Part = field(default_factory=dict)
    headers: tuple[str, ...] = ()
    problems: tuple[Kind, ...] = ()
    has_condition: bool = False


class NoSuchMethod(Problem):
    """A method that this path does not have; `Allow` names those it has."""

    status_code = int(HTTPStatus.METHOD_NOT_ALLOWED)
    sentence = "This method is not served here."


class NotJson(Problem):
    """A body of another kind."""

    status_code = int(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    sentence = "The body must be application/json."


ALWAYS: Final[tuple[Kind, ...]] = (
    challenges.TwoCredentials,
    challenges.Missing,
    challenges.InvalidToken,
    challenges.InvalidKey,
    challenges.InsufficientScope,
    problems.TooMany,
    problems.Unforeseen,
    problems.Unavailable,
)
_BODY: Final[tuple[Kind, ...]] = (
    problems.MalformedRequest,
    problems.Invalid,
    problems.TooLarge,
    NotJson,
)
_CHANGED: Final[tuple[Kind, ...]] = (
    *_BODY,
    challenges.StepUp,
    problems.Changed,
    problems.Conflict,
)
PERSON: Final[Part] = {
    "id": "0190c2f4-6f5a-7c2e-9a55-0b5d8e1f3c11",
    "email": "maria@example.org",
    "emailVerified": True,
    "name": "Maria Mayer",
    "age": 36,
    "createdAt": "2026-11-23T22:05:00Z",
    "updatedAt": "2026-11-23T22:05:00Z",
}
_NEW: Final = {
    "email": "maria@example.org",
    "password": "An0ther-long-enough-1",
    "name": "Maria Mayer",
    "age": 36,
}
_LIST: Final = {
    "data": [{**PERSON, "isActive": True, "isAdministrator": False}],
    "pagination": {"page": 1, "limit": 20, "total": 1, "totalPages": 1, "nextCursor": None},
}


def _asked(name: str, words: str, schema: Part, example: Any) -> Part:
    return {
        "name": name,
        "in": "query",
        "description": words,
        "schema": schema,
        "example": example,
    }


_QUERY: Final = (
    _asked("page", "From 1 on.", {"type": "integer", "minimum": 1, "default": 1}, 1),
    _asked(
        "limit",
        "How many people.",
        {"type": "integer", "minimum": 1, "maximum": listing.MOST, "default": listing.USUAL},
        listing.USUAL,
    ),
    _asked("sortBy", "What they are sorted by.", {"enum": list(directory.ORDERS)}, "name"),
    _asked("sortOrder", "In which direction.", {"enum": list(listing.DIRECTIONS)}, "asc"),
    _asked(
        "search",
        "Part of a name or an e-mail address, in any case.",
        {"type": "string", "maxLength": listing.LONGEST_SEARCH},
        "ada",
    ),
    _asked(
        "cursor",
        "The `nextCursor` of the part before, for deep lists; says all but `limit`.",
        {"type": "string"},
        "as_cu_bm90LWEtcmVhbC1vbmU",
    ),
)
_READ_ONE: Final[dict[str, Any]] = {"told": PERSON, "headers": ("ETag",)}
_CHANGE: Final[dict[str, Any]] = {
    "takes": serializers.CHANGED_BY,
    "sent": {"name": "Ada King"},
    "told": {**PERSON, "name": "Ada King"},
    "headers": ("ETag",),
    "has_condition": True,
}
OPERATIONS: Final[Mapping[tuple[str, str], Operation]] = {
    ("Users", "GET"): Operation(
        name="listUsers",
        summary="List and search people",
        words="For administrators and services. Totals with `page`, none with a cursor.",
        scope=scopes.READ,
        query=_QUERY,
        gives="UserList",
        told=_LIST,
        headers=("Link",),
        problems=(problems.Invalid,),
    ),
    ("Users", "POST"): Operation(
        name="createUser",
        summary="Create a person",
        words="For administrators and services. Every fault is told at once.",
        scope=scopes.WRITE,
        takes=serializers.CREATED_BY,
        sent=_NEW,
        status=HTTPStatus.CREATED,
        told={**PERSON, "emailVerified": False, "isActive": True},
        headers=("Location", "ETag"),
        problems=(*_BODY, challenges.StepUp),
    ),
    ("Me", "GET"): Operation(
        name="showMe",
        summary="Show the person whose token it is",
        words="A program without a person has no account.",
        scope=scopes.READ,
        by_programs=False,
        problems=(problems.Forbidden, problems.NotThere),
        **_READ_ONE,
    ),
    ("Me", "PATCH"): Operation(
        name="changeMe",
        summary="Change the person whose token it is",
        words=(
            "At least one member. A new address needs the code that is mailed to it, a new"
            " password the old one; both want a recent sign-in."
        ),
        scope=scopes.WRITE,
        by_programs=False,
        problems=(*_CHANGED, problems.Forbidden, problems.NotThere),
        **_CHANGE,
    ),
    ("Person", "GET"): Operation(
        name="showUser",
        summary="Show a person",
        words="Oneself, or anybody for administrators and services.",
        scope=scopes.READ,
        problems=(problems.NotThere,),
        **_READ_ONE,
    ),
    ("Person", "PATCH"): Operation(
        name="changeUser",
        summary="Change a person",
        words="Oneself, or anybody for administrators and services. At least one member.",
        scope=scopes.WRITE,
        problems=(*_CHANGED, problems.NotThere),
        **_CHANGE,
    ),
    ("Person", "DELETE"): Operation(
        name="disableUser",
        summary="Disable a person",
        words="They may not sign in, and all that was issued for them ends.",
        scope=scopes.ADMIN,
        by_programs=False,
        gives="",
        status=HTTPStatus.NO_CONTENT,
        problems=(challenges.StepUp, problems.NotThere, problems.Changed, problems.Conflict),
        has_condition=True,
    ),
}
"""By view and method."""
