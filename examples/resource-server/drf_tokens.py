"""Access tokens for Django REST framework: authentication classes and a permission.

Who calls is the authentication's matter; whether the token suffices is the permission's.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from demo import ASKING, LOCALLY
from verifier import Claims, Denied


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls, as `request.user`: a person, or (where `sub` is its own) a program."""

    sub: str
    is_authenticated: bool = True


class ByIntrospection(BaseAuthentication):
    """Asks the server about the token; `request.auth` are its claims."""

    verifier = ASKING

    def authenticate(self, request: Request) -> tuple[Caller, Claims]:
        """Return who calls, and the claims."""
        with _told():
            claims = self.verifier.authenticate(request.headers.get("Authorization"))
        return Caller(sub=str(claims.get("sub", ""))), claims


class Locally(ByIntrospection):
    """Judges the token by its signature."""

    verifier = LOCALLY


def needs(scope: str, *, max_age: int | None = None) -> type[BasePermission]:
    """Return the permission of tokens with this scope, and of a recent sign-in where asked."""

    class Needs(BasePermission):
        def has_permission(self, request: Request, view: object) -> bool:
            claims: Any = request.auth
            with _told():
                LOCALLY.authorize(claims, scope=scope, max_age=max_age)
            return True

    return Needs


class _Told(APIException):
    """The answer a denial knows, as the framework takes it."""

    def __init__(self, denied: Denied) -> None:
        super().__init__()
        self.status_code, self.detail = denied.status, denied.document
        self.auth_header = denied.headers.get("WWW-Authenticate")
        self.wait = int(denied.headers.get("Retry-After", "0"))


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except Denied as denied:
        raise _Told(denied) from denied
