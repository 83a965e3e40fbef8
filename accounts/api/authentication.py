"""RFC 6750 §2.1 — who calls the API: a person through an application, an application, a key.

A token is asked about in one statement (`tokens.access.find`), as at every door of this server, so
whatever ends it elsewhere ends it here at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts import api_keys, people
from accounts.api import challenges, scopes
from tokens import access, bearer
from tokens.access import Access

_AUTHORIZATION: Final = "HTTP_AUTHORIZATION"
_API_KEY: Final = "HTTP_X_API_KEY"
_LONGEST: Final = 16_384


@dataclass(slots=True, kw_only=True)
class Caller:
    """Who calls, and what they may. `subject` is None for a program that acts for nobody."""

    subject: str | None = None
    shown_subject: str = ""
    """The person as the application may know them: pairwise for some (OIDC Core §8)."""
    client_id: str | None = None
    sid: str = ""
    """The session in which the person let the application in; it may be over."""
    key_id: str | None = None
    scopes: frozenset[str]
    acr: str = ""
    auth_time: int | None = None
    cnf: Mapping[str, Any] | None = None
    _is_administrator: bool | None = field(default=None, repr=False)

    @property
    def is_authenticated(self) -> bool:
        """Whether anybody calls; what REST framework asks of a user."""
        return True

    @property
    def is_program(self) -> bool:
        """Whether no person stands behind the call."""
        return self.subject is None

    @property
    def name(self) -> str:
        """What limits are counted by."""
        if self.subject is not None:
            return f"user:{self.subject}"
        return f"key:{self.key_id}" if self.key_id else f"client:{self.client_id}"

    def administers(self) -> bool:
        """Tell whether this is an administrator, by their row as it is now, who may act as one."""
        if self._is_administrator is None:
            self._is_administrator = (
                self.subject is not None
                and scopes.ADMIN in self.scopes
                and people.administers(self.subject)
            )
        return self._is_administrator


class Bearer(BaseAuthentication):
    """Takes an access token of this server, issued for this API."""

    def authenticate(self, request: Request) -> tuple[Caller, Caller] | None:
        """Return who calls, None when no token was sent; raise a challenge for any other."""
        text = _token(request)
        if text is None:
            return None
        token = access.find(text) if len(text) <= _LONGEST else None
        if token is None or scopes.audience() not in token.audience:
            raise challenges.InvalidToken
        caller = _caller(token)
        self.check_sender(request, caller)
        return caller, caller

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge for who sends nothing."""
        return challenges.Missing().headers["WWW-Authenticate"]

    def check_sender(self, _request: Request, caller: Caller) -> None:
        """Refuse a token that only its holder may use, as long as nothing here can prove who holds.

        Where DPoP (RFC 9449 §7) or mutual TLS (RFC 8705 §3) come in; a bound token must never pass
        for a bearer token.
        """
        if caller.cnf:
            raise challenges.InvalidToken(
                "The access token is bound to a key, which cannot be proven here."
            )


class ApiKey(BaseAuthentication):
    """Takes an API key."""

    def authenticate(self, request: Request) -> tuple[Caller, Caller] | None:
        """Return who calls, None when no key was sent; raise a challenge for any other."""
        text = request.META.get(_API_KEY)
        if text is None:
            return None
        found = api_keys.find(text)
        if found is None:
            raise challenges.InvalidKey
        caller = Caller(key_id=found.id, scopes=found.scopes & set(scopes.FOR_PROGRAMS))
        return caller, caller

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge for who sends nothing."""
        return challenges.Missing().headers["WWW-Authenticate"]


def _token(request: Request) -> str | None:
    """Return the access token; it stands in the header, and alone."""
    header = request.META.get(_AUTHORIZATION, "")
    if "access_token" in request.query_params or (header and _API_KEY in request.META):
        raise challenges.TwoCredentials
    try:
        return bearer.read(header, {})
    except bearer.MalformedError as fault:
        raise challenges.InvalidToken from fault


def _caller(token: Access) -> Caller:
    claims, grant = token.claims, token.grant
    return Caller(
        subject=None if grant is None else grant.subject,
        shown_subject="" if grant is None else claims["sub"],
        client_id=claims["client_id"],
        sid="" if grant is None else grant.sid,
        scopes=token.scope,
        acr=claims.get("acr", ""),
        auth_time=claims.get("auth_time"),
        cnf=claims.get("cnf"),
    )
