"""RFC 6749 §4.1.1 — the authorization request, validated: who asks for what, and where to answer.

Nothing is redirected before client and redirect URI have been matched (§4.1.2.1): until then an
error is shown, from then on it is sent.
"""

import re
from dataclasses import dataclass
from typing import Final

from authserver import clients, errors, issuing, resources
from authserver.clients import Client
from authserver.extensions import pkce
from authserver.request import ProtocolRequest

RESPONSE_TYPES: Final = ("code",)
RESPONSE_MODES: Final = ("query", "form_post")
PROMPTS: Final = ("none", "login", "consent", "select_account")
KEPT: Final = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "response_mode",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "max_age",
    "login_hint",
    "id_token_hint",
    "acr_values",
    "ui_locales",
    "claims_locales",
    "display",
]
"""The parameters that travel in an interaction; what we do not know is ignored (RFC 6749 §3.1)."""
_REFUSED: Final = {
    "request": errors.RequestNotSupported,
    "request_uri": errors.RequestUriNotSupported,
    "registration": errors.RegistrationNotSupported,
}
_LONGEST: Final = {"state": 4096, "scope": 4096, "id_token_hint": 8192}
_LONGEST_ELSE: Final = 2048
"""Characters; what is asked for travels in a URL, or waits in a row that anybody can cause."""
_MAX_AGE = re.compile(r"\d{1,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where the answer goes: a matched redirect URI, how, and with which state."""

    redirect_uri: str
    response_mode: str
    state: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """A request that may be granted."""

    client: Client
    target: Target
    is_redirect_named: bool
    scope: tuple[str, ...]
    resources: tuple[str, ...]
    challenge: str
    nonce: str
    prompt: frozenset[str]
    max_age: int | None
    login_hint: str
    id_token_hint: str
    parameters: dict[str, str]


class SentError(Exception):
    """An error that goes back to the client, because its redirect URI has been matched."""

    def __init__(self, error: errors.ProtocolError, target: Target) -> None:
        super().__init__(error.error)
        self.fault = error
        self.target = target


def validate(request: ProtocolRequest) -> AuthorizationRequest:
    """Return the request, judged.

    Raises:
        ProtocolError: an error to show, since nobody can be trusted with it.
        SentError: an error to send to the client.
    """
    client = _client(request)
    redirect_uri = _redirect_uri(request, client)
    target = Target(
        redirect_uri=redirect_uri, response_mode="query", state=request.optional("state")
    )
    try:
        mode = request.optional("response_mode") or "query"
        if mode not in RESPONSE_MODES:
            raise errors.InvalidRequest("The response_mode must be query or form_post.")
        target = Target(redirect_uri=redirect_uri, response_mode=mode, state=target.state)
        return _validated(request, client, target)
    except errors.ProtocolError as error:
        raise SentError(error, target) from error


def _client(request: ProtocolRequest) -> Client:
    client_id = request.optional("client_id")
    if client_id is None:
        raise request.fault or errors.InvalidRequest("The parameter client_id is missing.")
    client = clients.find(client_id)
    if client is None:
        raise errors.InvalidRequest("No application is registered under this client_id.")
    return client


def _redirect_uri(request: ProtocolRequest, client: Client) -> str:
    """Return the matched redirect URI; it may be left out when one is registered (§3.1.2.3)."""
    sent = request.optional("redirect_uri")
    if sent is None:
        default = client.get_default_redirect_uri()
        is_open_id = "openid" in (request.optional("scope") or "").split()
        if default is None or is_open_id:
            raise errors.InvalidRequest("The parameter redirect_uri is missing.")
        return default
    if not client.check_redirect_uri(sent):
        raise errors.InvalidRequest("The redirect_uri is not registered for this application.")
    return sent


def _validated(request: ProtocolRequest, client: Client, target: Target) -> AuthorizationRequest:
    if request.fault is not None:
        raise request.fault
    for name in KEPT:
        if len(request.optional(name) or "") > _LONGEST.get(name, _LONGEST_ELSE):
            raise errors.InvalidRequest(f"The parameter {name} is too long.")
    _check_response_type(request, client)
    for name, refusal in _REFUSED.items():
        if request.optional(name) is not None:
            raise refusal
    wanted = request.all("resource")
    issuing.token_form(client, wanted)
    return AuthorizationRequest(
        client=client,
        target=target,
        is_redirect_named=request.optional("redirect_uri") is not None,
        scope=resources.scopes_for(client, request.optional("scope")),
        resources=wanted,
        challenge=pkce.challenge(request, client),
        nonce=request.optional("nonce") or "",
        prompt=_prompt(request),
        max_age=_max_age(request),
        login_hint=request.optional("login_hint") or "",
        id_token_hint=request.optional("id_token_hint") or "",
        parameters={name: value for name in KEPT if (value := request.optional(name)) is not None},
    )


def _check_response_type(request: ProtocolRequest, client: Client) -> None:
    response_type = request.required("response_type")
    if response_type not in RESPONSE_TYPES:
        raise errors.UnsupportedResponseType
    if not (
        client.check_response_type(response_type) and client.check_grant_type("authorization_code")
    ):
        raise errors.UnauthorizedClient


def _prompt(request: ProtocolRequest) -> frozenset[str]:
    asked = frozenset((request.optional("prompt") or "").split())
    if asked - set(PROMPTS):
        raise errors.InvalidRequest("The parameter prompt holds a value that is not supported.")
    if "none" in asked and len(asked) > 1:
        raise errors.InvalidRequest("prompt=none stands alone.")
    return asked


def _max_age(request: ProtocolRequest) -> int | None:
    value = request.optional("max_age")
    if value is None:
        return None
    if not _MAX_AGE.fullmatch(value):
        raise errors.InvalidRequest("The parameter max_age is a number of seconds.")
    return int(value)
