"""RFC 9110 §9 — the API's endpoints: people, one of them, oneself.

Each says by method who may (`rules`); what happens to a person is `changes`, what is told of one
`serializers`.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar, Final

from django.urls import reverse
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import people
from accounts.api import (
    changes,
    entry,
    listing,
    permissions,
    problems,
    scopes,
    serializers,
    throttling,
)
from accounts.api.authentication import Caller
from accounts.api.permissions import Person as OnlyPeople
from accounts.api.permissions import SelfOr, caller_of, fresh, scope
from accounts.models import User
from config import client_ip, environment, throttle
from config.throttle import Decision

Rules = tuple[type[BasePermission], ...]
_READ: Final[Rules] = (scope(scopes.READ), SelfOr(scopes.ADMIN))
_WRITE: Final[Rules] = (scope(scopes.WRITE), SelfOr(scopes.ADMIN))
_DISABLE: Final[Rules] = (scope(scopes.ADMIN), fresh())
_LONGEST_AGENT: Final = 200


class Endpoint(APIView):
    """What every endpoint does: who asks, how often, whether they may; then its own work."""

    rules: ClassVar[Mapping[str, Rules]] = {}
    subject: str | None = None
    decision: Decision | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let the request in, or raise what keeps it out."""
        self.format_kwarg = None
        subject = kwargs.get("subject")
        self.subject = str(subject) if subject else None
        entry.check_transport(request)
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(
            request
        )
        self._count(request)
        self.check_permissions(request)

    def _count(self, request: Request) -> None:
        """Find out who asks, and count that; a credential that is no good counts twice."""
        caller: Caller | None = None
        try:
            caller = request.auth if isinstance(request.auth, Caller) else None
        except problems.Problem:
            throttling.check(throttling.count_failure(request))
            raise
        finally:
            self.decision = throttling.admit(request, type(self).__name__, caller)
            throttling.check(self.decision)

    def get_permissions(self) -> list[Any]:
        """Return what is asked of who calls with this method; HEAD is a GET without a body."""
        method = "GET" if self.request.method == "HEAD" else self.request.method
        return [each() for each in self.rules.get(method or "", ())]

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Say which methods there are, to anybody."""
        return Response(status=HTTPStatus.NO_CONTENT)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Add where the caller stands with their limits."""
        done = super().finalize_response(request, response, *args, **kwargs)
        for name, value in throttle.headers(self.decision) if self.decision else ():
            done.headers[name] = value
        return done

    def doer(self, request: Request) -> changes.Doer:
        """Return who does it."""
        return changes.Doer(
            caller=caller_of(request),
            ip=client_ip.of(request.META),
            user_agent=str(request.META.get("HTTP_USER_AGENT", ""))[:_LONGEST_AGENT],
        )


class Users(Endpoint):
    """Everybody: list, search, create."""

    rules = {"GET": _READ, "POST": _WRITE}

    def get(self, request: Request) -> Response:
        """Return a part of the list of people, those who match."""
        caller = caller_of(request)
        wanted = listing.read(request.query_params, caller=caller.name)
        part = listing.fetch(wanted, caller=caller.name)
        body = {
            "data": [shown(each, caller) for each in part.people],
            "pagination": part.pagination,
        }
        url = environment.current().issuer_origin + reverse("api-users")
        return Response(body, headers=_unless_empty("Link", listing.header(url, part.links)))

    def post(self, request: Request) -> Response:
        """Create a person."""
        caller = caller_of(request)
        judged = serializers.CREATED_BY[permissions.audience_of(caller)](data=request.data)
        judged.is_valid(raise_exception=True)
        user = changes.create(self.doer(request), judged.validated_data)
        where = environment.current().issuer_origin + reverse("api-user", args=[user.pk])
        return described(user, caller, status=HTTPStatus.CREATED, headers={"Location": where})


class Person(Endpoint):
    """One person, by their identifier."""

    rules = {"GET": _READ, "PATCH": _WRITE, "DELETE": _DISABLE}

    def get(self, request: Request, subject: uuid.UUID | None = None) -> Response:
        """Return the person."""
        return described(self.found(request), caller_of(request))

    def patch(self, request: Request, subject: uuid.UUID | None = None) -> Response:
        """Change the person, in part."""
        caller = caller_of(request)
        user = changes.change(
            self.doer(request),
            self.whose(caller),
            request.data,
            is_as_read=lambda row: check_match(request, row, caller),
        )
        return described(user, caller)

    def delete(self, request: Request, subject: uuid.UUID | None = None) -> Response:
        """Disable the person: they may not sign in, and all that was issued for them ends."""
        user = self.found(request)
        check_match(request, user, caller_of(request))
        changes.disable(self.doer(request), user)
        return Response(status=HTTPStatus.NO_CONTENT)

    def whose(self, caller: Caller) -> str:
        """Return the identifier of the row; one's own may have been given as one knows it."""
        if permissions.is_own(caller, self.subject):
            return str(caller.subject)
        return str(self.subject)

    def found(self, request: Request) -> User:
        """Return the row, or raise NotThere."""
        user = people.find(self.whose(caller_of(request)))
        if user is None:
            raise problems.NotThere
        return user


class Me(Person):
    """The person whose token it is."""

    rules = {
        "GET": (scope(scopes.READ), OnlyPeople),
        "PATCH": (scope(scopes.WRITE), OnlyPeople),
    }
    http_method_names = ["get", "head", "patch", "options"]

    def whose(self, caller: Caller) -> str:
        """Return their own identifier."""
        return str(caller.subject)


class Nothing(Endpoint):
    """Whatever else is asked for below /api/v1."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Say that there is nothing, to anybody, as often as they may ask."""
        super().initial(request, *args, **kwargs)
        raise problems.NotThere


def shown(user: User, caller: Caller) -> dict[str, Any]:
    """Return what this caller is told of somebody."""
    kind = serializers.SHOWN[permissions.audience_of(caller)]
    known_as = caller.shown_subject if caller.subject == str(user.pk) else ""
    return dict(kind(user, context={"shown_subject": known_as}).data)


def described(
    user: User, caller: Caller, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer one person, with the tag by which a change can say what it was made from."""
    body = shown(user, caller)
    return Response(body, status=status, headers={**(headers or {}), "ETag": _etag(body)})


def check_match(request: Request, user: User, caller: Caller) -> None:
    """Raise Changed unless If-Match, where it is sent, names what is there (RFC 9110 §13.1.1)."""
    wanted = request.META.get("HTTP_IF_MATCH")
    if wanted is None or wanted.strip() == "*":
        return
    tags = [one.strip() for one in wanted.split(",")]
    if _etag(shown(user, caller)) not in tags:
        raise problems.Changed


def _etag(body: Mapping[str, Any]) -> str:
    text = json.dumps(body, sort_keys=True, default=str)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def _unless_empty(name: str, value: str) -> dict[str, str]:
    return {name: value} if value else {}
