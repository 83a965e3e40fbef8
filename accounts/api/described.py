"""RFC 9457 §3.1 — the API as drf-spectacular hears of it: bodies, answers, and every problem."""

import inspect
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry

from accounts.api import challenges, operations, problems, scopes, serializers
from accounts.api.operations import Kind, Operation, Part
from config import environment

_TEXT: Final[Part] = {"type": "string"}
_STANDING: Final = (
    *("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"),
    *("RateLimit-Policy", "RateLimit"),
)
_SHORT: Final = problems.Fault(
    field="password", message="Use at least 12 characters.", code="password_too_short"
)
_FAULT: Final = _SHORT.as_json()


class Described(AutoSchema):
    """Describes an endpoint by the table of operations; what is not in it is not described."""

    def get_operation(
        self,
        path: str,
        path_regex: str,
        path_prefix: str,
        method: str,
        registry: ComponentRegistry,
    ) -> Part | None:
        """Return the operation, or None."""
        self.registry, self.path, self.method = registry, path, method
        self.path_regex, self.path_prefix = path_regex, path_prefix
        told = operations.OPERATIONS.get((type(self.view).__name__, method))
        if told is None:
            return None
        self._register_users()
        return {
            "operationId": told.name,
            "summary": told.summary,
            "description": told.words,
            "tags": ["users"],
            "security": _security(told),
            **_listed("parameters", [*_path_parameters(path), *told.query, *_conditions(told)]),
            **self._body(told),
            "responses": {str(int(told.status)): _done(told), **_wrong(told.problems)},
        }

    def _body(self, told: Operation) -> Part:
        """Return the body: any of those that the audiences may send."""
        if told.takes is None:
            return {}
        kinds = [self._component(kind, "request") for kind in told.takes.values()]
        content = {"schema": {"anyOf": kinds}, "examples": {told.name: {"value": told.sent}}}
        return {"requestBody": {"required": True, "content": {"application/json": content}}}

    def _register_users(self) -> None:
        for kind in serializers.SHOWN.values():
            self._component(kind, "response")

    def _component(self, kind: Any, direction: Any) -> Part:
        return dict(self.resolve_serializer(kind, direction).ref)


def schemas() -> dict[str, Part]:
    """Return the schemas that no serializer stands for."""
    kinds = [_schema(kind.__name__) for kind in serializers.SHOWN.values()]
    return {
        "User": {"description": "A person, as far as the caller is told.", "anyOf": kinds},
        "UserList": _list(),
        "Problem": _problem(),
    }


def _schema(name: str) -> Part:
    return {"$ref": f"#/components/schemas/{name}"}


def _list() -> Part:
    count = {"type": "integer", "minimum": 0}
    pagination = {
        **dict.fromkeys(("page", "limit", "total", "totalPages"), count),
        "nextCursor": {"type": ["string", "null"]},
    }
    return {
        "type": "object",
        "properties": {
            "data": {"type": "array", "items": _schema("User")},
            "pagination": {
                "type": "object",
                "properties": pagination,
                "required": ["limit", "nextCursor"],
            },
        },
        "required": ["data", "pagination"],
    }


def _problem() -> Part:
    members = {
        "type": {"type": "string", "format": "uri"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "instance": {"type": "string", "format": "uri"},
        "success": {"const": False},
        "message": _TEXT,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": dict.fromkeys(_FAULT, _TEXT),
                "required": list(_FAULT),
            },
        },
    }
    more = {"error": _TEXT, "retryAfter": {"type": "integer", "minimum": 0}}
    return {
        "type": "object",
        "description": "RFC 9457: what went wrong, all of it at once.",
        "properties": {**members, **more},
        "required": list(members),
    }


def _security(told: Operation) -> list[Part]:
    found: list[Part] = [{"BearerAuth": []}, {"OAuth2": [told.scope]}]
    found.append({"OpenIDConnect": ["openid", told.scope]})
    return [*found, {"ApiKeyAuth": []}] if told.by_programs else found


def _path_parameters(path: str) -> list[Part]:
    if "{subject}" not in path:
        return []
    return [
        {
            "name": "subject",
            "in": "path",
            "required": True,
            "description": "The person's identifier.",
            "schema": {"type": "string", "format": "uuid"},
            "example": operations.PERSON["id"],
        }
    ]


def _conditions(told: Operation) -> list[Part]:
    if not told.has_condition:
        return []
    return [
        {
            "name": "If-Match",
            "in": "header",
            "description": "RFC 9110 §13.1.1: the ETag of what the change was made from.",
            "schema": {"type": "string", "pattern": r'^(\*|"[0-9a-f]{32}")$'},
            "example": "*",
        }
    ]


def _listed(name: str, found: list[Part]) -> Part:
    return {name: found} if found else {}


def _headers(*names: str) -> Part:
    return {
        name: {"$ref": f"#/components/headers/{name}"}
        for name in ("X-Request-ID", *_STANDING, *names)
    }


def _done(told: Operation) -> Part:
    answer: Part = {"description": told.summary, "headers": _headers(*told.headers)}
    if told.gives:
        content = {"schema": _schema(told.gives), "examples": {told.name: {"value": told.told}}}
        answer["content"] = {"application/json": content}
    return answer


def _wrong(kinds: Iterable[Kind]) -> Part:
    """Return what may be wrong, by status, with an example of each kind."""
    by_status: dict[int, list[Kind]] = defaultdict(list)
    known: tuple[Kind, ...] = (*kinds, *operations.ALWAYS, operations.NoSuchMethod)
    for kind in dict.fromkeys(known):
        by_status[kind.status_code].append(kind)
    return {str(status): _answer(status, by_status[status]) for status in sorted(by_status)}


def _answer(status: int, kinds: Iterable[Kind]) -> Part:
    more: Mapping[int, tuple[str, ...]] = {
        HTTPStatus.UNAUTHORIZED: ("WWW-Authenticate",),
        HTTPStatus.FORBIDDEN: ("WWW-Authenticate",),
        HTTPStatus.METHOD_NOT_ALLOWED: ("Allow",),
        HTTPStatus.TOO_MANY_REQUESTS: ("Retry-After",),
        HTTPStatus.SERVICE_UNAVAILABLE: ("Retry-After",),
    }
    words = " ".join(dict.fromkeys(inspect.cleandoc(kind.__doc__ or "") for kind in kinds))
    return {
        "description": words,
        "headers": _headers(*more.get(status, ())),
        "content": {
            problems.CONTENT_TYPE: {
                "schema": _schema("Problem"),
                "examples": {kind.__name__: {"value": _example(kind)} for kind in kinds},
            }
        },
    }


def _example(kind: Kind) -> Part:
    known = _EXAMPLES.get(kind)
    told = dict(problems.answer(known() if known else kind()).data)
    return told | {"instance": f"{environment.current().issuer}/api/requests/0190c2f46f5a7c2e"}


_EXAMPLES: Final[Mapping[Kind, Callable[[], problems.Problem]]] = {
    challenges.InsufficientScope: lambda: challenges.InsufficientScope(scopes.READ),
    challenges.StepUp: lambda: challenges.StepUp(max_age=300),
    problems.Invalid: lambda: problems.Invalid(faults=[_SHORT]),
    problems.TooMany: lambda: problems.TooMany(
        members={"error": "too_many_requests", "retryAfter": 12}
    ),
}
"""How those are made that say more than their kind."""
