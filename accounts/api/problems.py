"""RFC 9457 §3 — what went wrong, told as problem details: all of it at once, and nothing internal.

Beside the members of the specification an answer says `success`, `message` and `errors`: which
member or parameter is wrong, in words, as a code, and where (a JSON pointer).
"""

import logging
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from config import connections, environment, hashing, logs, request_id

CONTENT_TYPE: Final = "application/problem+json"
_QUOTA: Final = "https://iana.org/assignments/http-problem-types#quota-exceeded"
_TRY_AGAIN_IN: Final = 2
_log: Final = logging.getLogger("authserver.api")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong: of a member of the body, or of a parameter of the query."""

    field: str
    message: str
    code: str
    is_parameter: bool = False

    def as_json(self) -> dict[str, str]:
        """Return it as it is told; a pointer goes into the body (RFC 6901 §6)."""
        steps = self.field.replace("~", "~0").replace("/", "~1")
        pointer = "" if self.is_parameter else f"#/{steps}" if steps else "#"
        return {
            "field": self.field,
            "message": self.message,
            "code": self.code,
            "pointer": pointer,
        }


class Problem(exceptions.APIException):
    """An answer that is none of what was asked for. `name` ends its type, '' for about:blank."""

    name = ""
    status_code = int(HTTPStatus.BAD_REQUEST)
    sentence = "The request cannot be answered."

    def __init__(
        self,
        sentence: str = "",
        *,
        faults: Iterable[Fault] = (),
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        self.sentence = sentence or type(self).sentence
        super().__init__(self.sentence)
        self.faults = tuple(faults)
        self.headers = dict(headers or {})
        self.members = dict(members or {})

    @property
    def type(self) -> str:
        """The URI that names this kind of problem."""
        return f"{environment.current().issuer}/api/problems/{self.name}" if self.name else _BLANK


_BLANK: Final = "about:blank"


class MalformedRequest(Problem):
    """What cannot be read."""

    name = "malformed"
    sentence = "The body must be one JSON object, each member once."


class Invalid(Problem):
    """What can be read, and is not acceptable."""

    name = "validation"
    sentence = "Some of what was sent is not acceptable."


class TooLarge(Problem):
    """A body that is not read."""

    status_code = int(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    sentence = "The body is too large."


class NotSecure(Problem):
    """A credential that came in the clear."""

    name = "not-secure"
    status_code = int(HTTPStatus.FORBIDDEN)
    sentence = "The API is only served over HTTPS. Consider the credential you sent as leaked."


class Forbidden(Problem):
    """What no credential of this kind can do."""

    name = "forbidden"
    status_code = int(HTTPStatus.FORBIDDEN)


class NotThere(Problem):
    """A resource that is not there."""

    status_code = int(HTTPStatus.NOT_FOUND)
    sentence = "There is nothing here."


class Changed(Problem):
    """A condition of the request that does not hold any more."""

    name = "changed"
    status_code = int(HTTPStatus.PRECONDITION_FAILED)
    sentence = "It has been changed since you read it: read it again."


class Conflict(Problem):
    """What would leave the server without somebody who can act."""

    name = "conflict"
    status_code = int(HTTPStatus.CONFLICT)


class TooMany(Problem):
    """A limit."""

    status_code = int(HTTPStatus.TOO_MANY_REQUESTS)
    sentence = "Too many requests."
    type = _QUOTA  # a registered one


class Unavailable(Problem):
    """The database is away, or too many passwords are hashed."""

    status_code = int(HTTPStatus.SERVICE_UNAVAILABLE)
    sentence = "The server cannot answer just now."


class Unforeseen(Problem):
    """A fault of ours."""

    status_code = int(HTTPStatus.INTERNAL_SERVER_ERROR)
    sentence = "Something went wrong on the server."


def handler(fault: Exception, _context: Mapping[str, Any]) -> Response:
    """Return the answer to whatever was raised: REST framework's EXCEPTION_HANDLER."""
    return answer(_problem(fault))


def answer(problem: Problem) -> Response:
    """Return a problem as it is told."""
    status = problem.status_code
    document = {
        "type": problem.type,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": problem.sentence,
        "instance": f"{environment.current().issuer}/api/requests/{request_id.current()}",
        "success": False,
        "message": problem.sentence,
        **problem.members,
        "errors": [fault.as_json() for fault in problem.faults],
    }
    return Response(document, status=status, headers=problem.headers, content_type=CONTENT_TYPE)


def _problem(fault: Exception) -> Problem:
    match fault:
        case Problem():
            return fault
        case exceptions.ValidationError():
            return Invalid(faults=list(_faults(fault.get_full_details())))
        case exceptions.MethodNotAllowed():
            return _plain(fault, "This method is not served here.")
        case exceptions.UnsupportedMediaType():
            return _plain(fault, "The body must be application/json.")
        case BadRequest() | SuspiciousOperation():
            return Problem("The query cannot be read.")
        case exceptions.NotFound() | Http404():
            return NotThere()
        case OperationalError() | InterfaceError():
            connections.drop_unusable()
            _log.warning("the database cannot be reached", extra=_where(fault))
            return Unavailable(headers={"Retry-After": str(_TRY_AGAIN_IN)})
        case hashing.BusyError():
            return Unavailable(headers={"Retry-After": str(hashing.RETRY_AFTER)})
        case exceptions.APIException():
            return _plain(fault, Problem.sentence)
        case _:
            _log.error("unforeseen", extra=_where(fault))
            return Unforeseen()


def _plain(fault: exceptions.APIException, sentence: str) -> Problem:
    problem = Problem(sentence)
    problem.status_code = fault.status_code
    return problem


def _faults(details: Any, field: str = "") -> Iterable[Fault]:
    """Yield what a serializer found, one fault for each sentence."""
    match details:
        case {"message": str(message), "code": str(code)}:
            yield Fault(field=field, message=message, code=code)
        case dict():
            for name, more in details.items():
                yield from _faults(more, "" if name == "non_field_errors" else str(name))
        case list():
            for one in details:
                yield from _faults(one, field)


def _where(fault: BaseException) -> dict[str, Any]:
    """Return the kind and the place of a fault, without its message."""
    frames = traceback.extract_tb(fault.__traceback__)[-6:]
    places = [f"{one.filename.rpartition('/')[2]}:{one.lineno} {one.name}" for one in frames]
    return {logs.FIELDS: {"fault": type(fault).__name__, "where": places}}
