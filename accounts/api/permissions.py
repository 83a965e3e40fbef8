"""OWASP API1, API5 — who may do what: a scope, oneself or an administrator, freshly signed in.

A scope says what an application may do for somebody; what that somebody may do at all is asked of
their row each time. A refusal never depends on whether what was asked for exists.
"""

import time
from enum import Enum
from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts import authentication
from accounts.api import challenges, problems, scopes
from accounts.api.authentication import Caller
from config import policy


class Audience(Enum):
    """Whom an answer is for: what they are shown, and what they may write."""

    SELF = "self"
    ADMINISTRATOR = "administrator"
    SERVICE = "service"


class Nobody(BasePermission):
    """What holds for a view that does not say who may."""

    def has_permission(self, _request: Request, _view: Any) -> bool:
        """Refuse."""
        raise challenges.InsufficientScope(scopes.ADMIN)


def caller_of(request: Request, scope: str = "") -> Caller:
    """Return who calls; raise the challenge, which names the scope, when nobody does."""
    caller = request.auth
    if not isinstance(caller, Caller):
        raise challenges.Missing(scope)
    return caller


def audience_of(caller: Caller) -> Audience:
    """Return whom an answer is for, once permissions have let the caller pass."""
    if caller.is_program:
        return Audience.SERVICE
    return Audience.ADMINISTRATOR if caller.administers() else Audience.SELF


def scope(name: str) -> type[BasePermission]:
    """Return the permission that asks for a scope; the administrator's stands for the others."""

    class Scope(BasePermission):
        """Asks for the scope."""

        def has_permission(self, request: Request, _view: Any) -> bool:
            """Let pass who has it; raise the challenge that names it."""
            if caller_of(request, name).scopes.isdisjoint({name, scopes.ADMIN}):
                raise challenges.InsufficientScope(name)
            if name == scopes.ADMIN and not caller_of(request).administers():
                raise challenges.InsufficientScope(name)
            return True

    return Scope


class Person(BasePermission):
    """Asks for a person: a program has no account of its own."""

    def has_permission(self, request: Request, _view: Any) -> bool:
        """Let people pass."""
        if caller_of(request).is_program:
            raise problems.Forbidden("This needs the access token of a person.")
        return True


def SelfOr(name: str) -> type[BasePermission]:  # noqa: N802  reads as the class it returns
    """Return the permission for one's own account (`view.subject`), or with this scope for any.

    A program acts for nobody: what it may do to others' accounts was decided when it was given its
    scopes.
    """

    class OwnOr(BasePermission):
        """Asks whose account it is."""

        def has_permission(self, request: Request, view: Any) -> bool:
            """Let pass who asks about themselves, an administrator, a program."""
            caller = caller_of(request)
            if caller.is_program or is_own(caller, getattr(view, "subject", None)):
                return True
            if not caller.administers():
                raise challenges.InsufficientScope(name)
            return True

    return OwnOr


def is_own(caller: Caller, subject: str | None) -> bool:
    """Tell whether a person's identifier, as they know it, is their own."""
    return subject is not None and subject in {caller.subject, caller.shown_subject}


def fresh(max_age: int | None = None, acr: str = "") -> type[BasePermission]:
    """Return the permission that asks a person to have signed in so many seconds ago at most."""

    class Fresh(BasePermission):
        """Asks when, and how strongly."""

        def has_permission(self, request: Request, _view: Any) -> bool:
            """Let pass who is fresh enough; raise the challenge that says how to be."""
            check_fresh(caller_of(request), max_age, acr)
            return True

    return Fresh


def check_fresh(caller: Caller, max_age: int | None = None, acr: str = "") -> None:
    """Raise StepUp for a person whose sign-in is too old or too weak (RFC 9470 §4)."""
    if caller.is_program:
        return
    usual = policy.current().api.step_up_within.total_seconds()
    most = int(usual) if max_age is None else max_age
    age = time.time() - (caller.auth_time or 0)
    is_strong = not acr or authentication.satisfies(caller.acr, acr.split())
    if age > most or not is_strong:
        raise challenges.StepUp(max_age=most, acr=acr)
