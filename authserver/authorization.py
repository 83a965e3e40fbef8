"""RFC 6749 §4.1.1 — the authorization request, validated: who asks for what, and where to answer.

Nothing is redirected before client and redirect URI have been matched (§4.1.2.1): until then an
error is shown, from then on it is sent.
"""

import re
from dataclasses import dataclass
from typing import Final

from authserver import claims_request, clients, errors, issuing, request_objects, resources
from authserver import response_types as types
from authserver.claims_request import ClaimsRequest
from authserver.clients import Client
from authserver.extensions import pkce
from authserver.request import ProtocolRequest

PROMPTS: Final = ("none", "login", "consent", "select_account", "create")
DISPLAYS: Final = ("page", "popup", "touch")
KEPT: Final = (
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
    "claims",
    "ui_locales",
    "claims_locales",
    "display",
)
"""The parameters that travel in an interaction; what we do not know is ignored (RFC 6749 §3.1)."""
_LONGEST: Final = {
    "state": 4096,
    "scope": 4096,
    "id_token_hint": 8192,
    "claims": claims_request.LONGEST,
}
_LONGEST_ELSE: Final = 2048
"""Characters; what is asked for travels in a URL, or waits in a row that anybody can cause."""
_REGISTRATION: Final = "registration"
EFFECTIVE: Final = "authserver.effective_request"
"""Where a request keeps what counts of it, for whoever has to explain why it was refused."""
_MAX_AGE = re.compile(r"\d{1,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where the answer goes: a matched redirect URI, how, and with which state."""

    redirect_uri: str
    response_mode: str
    state: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """A request that may be granted; `parameters` are those that count, wherever they stood."""

    client: Client
    target: Target
    is_redirect_named: bool
    response_type: str
    scope: tuple[str, ...]
    resources: tuple[str, ...]
    claims: ClaimsRequest
    challenge: str
    nonce: str
    prompt: frozenset[str]
    max_age: int | None
    acr_values: tuple[str, ...]
    login_hint: str
    id_token_hint: str
    display: str
    ui_locales: tuple[str, ...]
    claims_locales: tuple[str, ...]
    parameters: dict[str, str]

    @property
    def parts(self) -> frozenset[str]:
        """What the answer is to hold: `code`, `id_token`, `token`."""
        return frozenset(self.response_type.split())


class SentError(Exception):
    """An error that goes back to the client, because its redirect URI has been matched."""

    def __init__(self, error: errors.ProtocolError, target: Target) -> None:
        super().__init__(error.error)
        self.fault = error
        self.target = target


def validate(request: ProtocolRequest, *, is_kept: bool = False) -> AuthorizationRequest:
    """Return the request, judged; `is_kept` when it comes from an interaction of ours.

    Raises:
        ProtocolError: an error to show, since nobody can be trusted with it.
        SentError: an error to send to the client.
    """
    client = _client(request)
    if not is_kept:
        try:
            request = request_objects.effective(request, client, (*KEPT, _REGISTRATION))
        except errors.ProtocolError as error:
            raise _addressed(error, request, client) from error
    request.environ[EFFECTIVE] = request
    target = _target(request, _redirect_uri(request, client))
    try:
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


def _addressed(
    error: errors.ProtocolError, request: ProtocolRequest, client: Client
) -> errors.ProtocolError | SentError:
    """Return what to raise for a request object that says nothing: only what stands beside it."""
    uri = request.optional("redirect_uri")
    if uri is None or not client.check_redirect_uri(uri):
        return error
    return SentError(error, _target(request, uri))


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


def _target(request: ProtocolRequest, redirect_uri: str) -> Target:
    """Return where answers go, errors too; a mode that does not suit is not heard there."""
    modes, asked = types.modes(request.optional("response_type") or ""), _mode(request)
    return Target(
        redirect_uri=redirect_uri,
        response_mode=asked if asked in modes else modes[0],
        state=request.optional("state"),
    )


def _mode(request: ProtocolRequest) -> str | None:
    return request.optional("response_mode")


def _validated(request: ProtocolRequest, client: Client, target: Target) -> AuthorizationRequest:
    if request.fault is not None:
        raise request.fault
    for name in KEPT:
        if len(request.optional(name) or "") > _LONGEST.get(name, _LONGEST_ELSE):
            raise errors.InvalidRequest(f"The parameter {name} is too long.")
    response_type = _response_type(request, client)
    if _mode(request) not in {None, target.response_mode}:
        raise errors.InvalidRequest("The response_mode is unknown, or not for this response_type.")
    if request.optional(_REGISTRATION) is not None:
        raise errors.RegistrationNotSupported
    wanted = request.all("resource")
    issuing.token_form(client, wanted)
    scope = resources.scopes_for(client, request.optional("scope"))
    parts, nonce = response_type.split(), request.optional("nonce") or ""
    if types.ID_TOKEN in parts:
        _check_id_token(scope, nonce)
    return AuthorizationRequest(
        client=client,
        target=target,
        is_redirect_named=request.optional("redirect_uri") is not None,
        response_type=response_type,
        scope=scope,
        resources=wanted,
        claims=_claims(request, client, scope),
        challenge=pkce.challenge(request, client) if types.CODE in parts else "",
        nonce=nonce,
        prompt=_prompt(request),
        max_age=_max_age(request, client),
        acr_values=_words(request, "acr_values") or client.default_acr_values,
        login_hint=request.optional("login_hint") or "",
        id_token_hint=request.optional("id_token_hint") or "",
        display=_display(request),
        ui_locales=_words(request, "ui_locales"),
        claims_locales=_words(request, "claims_locales"),
        parameters={name: value for name in KEPT if (value := request.optional(name)) is not None},
    )


def _response_type(request: ProtocolRequest, client: Client) -> str:
    response_type = types.canonical(request.required("response_type"))
    if response_type not in types.supported():
        raise errors.UnsupportedResponseType
    has_code = types.CODE in response_type.split()
    if not client.check_response_type(response_type) or (
        has_code and not client.check_grant_type("authorization_code")
    ):
        raise errors.UnauthorizedClient
    return response_type


def _check_id_token(scope: tuple[str, ...], nonce: str) -> None:
    """Refuse to put an ID token into an answer that nothing ties to its request."""
    if not nonce:
        raise errors.InvalidRequest("The parameter nonce is missing.")
    if "openid" not in scope:
        raise errors.InvalidScope("An ID token is asked for, and the scope openid is not.")


def _claims(request: ProtocolRequest, client: Client, scope: tuple[str, ...]) -> ClaimsRequest:
    """Return the single claims asked for; without openid the parameter means nothing."""
    is_open_id = "openid" in scope
    text = request.optional("claims")
    return claims_request.read(text, client) if is_open_id else claims_request.NOTHING


def _prompt(request: ProtocolRequest) -> frozenset[str]:
    asked = frozenset(_words(request, "prompt"))
    if asked - set(PROMPTS):
        raise errors.InvalidRequest("The parameter prompt holds a value that is not supported.")
    if "none" in asked and len(asked) > 1:
        raise errors.InvalidRequest("prompt=none stands alone.")
    return asked


def _max_age(request: ProtocolRequest, client: Client) -> int | None:
    value = request.optional("max_age")
    if value is None:
        return client.default_max_age
    if not _MAX_AGE.fullmatch(value):
        raise errors.InvalidRequest("The parameter max_age is a number of seconds.")
    return int(value)


def _display(request: ProtocolRequest) -> str:
    value = request.optional("display") or ""
    if value and value not in DISPLAYS:
        raise errors.InvalidRequest("The parameter display holds a value that is not supported.")
    return value


def _words(request: ProtocolRequest, name: str) -> tuple[str, ...]:
    return tuple((request.optional(name) or "").split())
