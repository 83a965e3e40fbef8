"""RFC 6749 §5.2 — the errors of the protocol, one tree.

Rooted in Authlib's `OAuth2Error`, so that Authlib raises and renders ours. A sentence is written by us and
never holds what came in; a name of a parameter of ours is the most it says. `docs/errors.md` is made from
the classes.

    ProtocolError
    ├─ InvalidRequest ─ RequestTooLarge, UriTooLong, InvalidRequestUri, InvalidRequestObject
    ├─ InvalidClient, UnauthorizedClient, InvalidGrant, UnsupportedGrantType
    ├─ UnsupportedResponseType, InvalidScope, InvalidTarget, AccessDenied
    ├─ LoginRequired, ConsentRequired, InteractionRequired, AccountSelectionRequired
    ├─ UnmetAuthenticationRequirements
    ├─ RequestNotSupported, RequestUriNotSupported, RegistrationNotSupported
    ├─ InvalidRedirectUri, InvalidClientMetadata, UnsupportedTokenType
    ├─ BearerError ─ MissingToken, InvalidToken, InsufficientScope
    └─ ServerError, TemporarilyUnavailable
"""

from collections.abc import Iterator
from typing import ClassVar

from authlib.oauth2 import OAuth2Error

Header = tuple[str, str]


class ProtocolError(OAuth2Error):  # type: ignore[misc]  # Authlib carries no types
    """What a client is told when its request fails."""

    error: ClassVar[str]
    clause: ClassVar[str]
    description = ""
    status_code = 400
    remedy: ClassVar[str] = ""

    def __init__(
        self,
        description: str | None = None,
        *,
        status_code: int | None = None,
        state: str | None = None,
        redirect_uri: str | None = None,
    ) -> None:
        super().__init__(
            description=description, status_code=status_code, state=state, redirect_uri=redirect_uri
        )

    @classmethod
    def anchor(cls) -> str:
        """Return the name of the entry in docs/errors.md."""
        return cls.error.replace("_", "-") if cls.error else "missing-token"

    def parameters(self) -> dict[str, str]:
        """Return `error` and `error_description`, for a body or a redirect."""
        return {"error": self.error, "error_description": self.description}

    def extra_headers(self) -> tuple[Header, ...]:
        """Return the headers this answer needs beside the usual ones."""
        return ()

    def get_body(self) -> list[tuple[str, str]]:
        """Return what Authlib sends back (its spelling)."""
        return list(self.parameters().items())

    def get_headers(self) -> list[Header]:
        """Return Authlib's headers for an error; ours are added by `http`."""
        return list(self.extra_headers())

    def __call__(self, uri: str | None = None) -> tuple[int, dict[str, str], list[Header]]:
        """Return status, body and headers; redirecting is the business of `server.handle_response`."""
        del uri
        return self.status_code, self.parameters(), self.get_headers()


class InvalidRequest(ProtocolError):
    error = "invalid_request"
    clause = "RFC 6749 §5.2"
    description = "The request is malformed."
    remedy = "Send each parameter once, in a form-encoded body, in the alphabet its specification gives."


class RequestTooLarge(InvalidRequest):
    """The body is larger than the policy `requests.max_body` permits."""

    status_code = 413
    description = "The request is too large."


class UriTooLong(InvalidRequest):
    """The query is longer than the policy `requests.max_query` permits."""

    status_code = 414
    description = "The query is too long."


class InvalidRequestUri(InvalidRequest):
    error = "invalid_request_uri"
    clause = "RFC 9101 §7"
    description = "The request_uri is unknown, expired or not this client's."
    remedy = "Push the request again and use the new request_uri once."


class InvalidRequestObject(InvalidRequest):
    error = "invalid_request_object"
    clause = "RFC 9101 §7"
    description = "The request object is not acceptable."
    remedy = "Sign it with a registered key and check iss, aud, exp and nbf."


class InvalidClient(ProtocolError):
    """Unknown client, wrong credentials, or another method than the registered one: not told apart."""

    error = "invalid_client"
    clause = "RFC 6749 §5.2"
    status_code = 401
    description = "Client authentication failed."
    remedy = "Use exactly the registered token_endpoint_auth_method; `clients show` names it."

    def __init__(self, description: str | None = None, *, used_basic: bool = False) -> None:
        super().__init__(description)
        self.used_basic = used_basic

    def extra_headers(self) -> tuple[Header, ...]:
        """Challenge only a client that used the Authorization header."""
        return (("WWW-Authenticate", 'Basic realm="authserver"'),) if self.used_basic else ()


class UnauthorizedClient(ProtocolError):
    error = "unauthorized_client"
    clause = "RFC 6749 §5.2"
    description = "The client is not registered for this."
    remedy = "Add the grant type or response type to the client's registration."


class InvalidGrant(ProtocolError):
    error = "invalid_grant"
    clause = "RFC 6749 §5.2"
    description = "The grant is invalid, expired, revoked or was issued to another client."
    remedy = "Start a new authorization request; a code works once and for a minute."


class UnsupportedGrantType(ProtocolError):
    error = "unsupported_grant_type"
    clause = "RFC 6749 §5.2"
    description = "This grant type is not supported."
    remedy = "Choose one of grant_types_supported in the discovery document."


class UnsupportedResponseType(ProtocolError):
    error = "unsupported_response_type"
    clause = "RFC 6749 §4.1.2.1"
    description = "This response type is not supported."
    remedy = "Use response_type=code."


class InvalidScope(ProtocolError):
    error = "invalid_scope"
    clause = "RFC 6749 §3.3"
    description = "A requested scope is unknown, malformed or not open to this client."
    remedy = "Ask only for scopes the client is registered for, separated by single spaces."


class InvalidTarget(ProtocolError):
    error = "invalid_target"
    clause = "RFC 8707 §2"
    description = "A requested resource is unknown or not open to this client."
    remedy = "Use the absolute URI of a registered resource, without a fragment."


class AccessDenied(ProtocolError):
    error = "access_denied"
    clause = "RFC 6749 §4.1.2.1"
    description = "The person or the server refused the request."
    remedy = "Nothing to repair: tell the person that the application was not given access."


class LoginRequired(ProtocolError):
    error = "login_required"
    clause = "OIDC Core §3.1.2.6"
    description = "The person is not signed in, or not recently enough."
    remedy = "Repeat the request without prompt=none."


class ConsentRequired(ProtocolError):
    error = "consent_required"
    clause = "OIDC Core §3.1.2.6"
    description = "The person has not yet agreed to this."
    remedy = "Repeat the request without prompt=none."


class InteractionRequired(ProtocolError):
    error = "interaction_required"
    clause = "OIDC Core §3.1.2.6"
    description = "The person has to act first."
    remedy = "Repeat the request without prompt=none."


class AccountSelectionRequired(ProtocolError):
    error = "account_selection_required"
    clause = "OIDC Core §3.1.2.6"
    description = "The person has to choose an account."
    remedy = "Repeat the request without prompt=none."


class UnmetAuthenticationRequirements(ProtocolError):
    error = "unmet_authentication_requirements"
    clause = "OIDC Unmet Authentication Requirements §2"
    description = "The required authentication context cannot be reached."
    remedy = "Ask for one of acr_values_supported, or make the claim voluntary."


class RequestNotSupported(ProtocolError):
    error = "request_not_supported"
    clause = "OIDC Core §3.1.2.6"
    description = "The request parameter is not supported."
    remedy = "Send the parameters plainly."


class RequestUriNotSupported(ProtocolError):
    error = "request_uri_not_supported"
    clause = "OIDC Core §3.1.2.6"
    description = "The request_uri parameter is not supported."
    remedy = "Send the parameters plainly."


class RegistrationNotSupported(ProtocolError):
    error = "registration_not_supported"
    clause = "OIDC Core §3.1.2.6"
    description = "The registration parameter is not supported."
    remedy = "Register the client beforehand."


class InvalidRedirectUri(ProtocolError):
    error = "invalid_redirect_uri"
    clause = "RFC 7591 §3.2.2"
    description = "A redirect URI is not acceptable."
    remedy = "Use https, a literal loopback address, or a reverse-domain scheme of a native application."


class InvalidClientMetadata(ProtocolError):
    error = "invalid_client_metadata"
    clause = "RFC 7591 §3.2.2"
    description = "The client metadata is not acceptable."
    remedy = "See the list of faults that comes with it."


class UnsupportedTokenType(ProtocolError):
    error = "unsupported_token_type"
    clause = "RFC 7009 §2.2.1"
    description = "A token of this kind cannot be revoked."
    remedy = "Let it expire, or revoke the grant it belongs to."


class ServerError(ProtocolError):
    error = "server_error"
    clause = "RFC 6749 §4.1.2.1"
    status_code = 500
    description = "Something went wrong on the server."
    remedy = "Give the operator the X-Request-ID of the answer; the log has the rest."


class TemporarilyUnavailable(ProtocolError):
    error = "temporarily_unavailable"
    clause = "RFC 6749 §4.1.2.1"
    status_code = 503
    description = "The server cannot answer just now."
    remedy = "Repeat the request after the number of seconds in Retry-After."

    def __init__(self, description: str | None = None, *, retry_after: int = 2) -> None:
        super().__init__(description)
        self.retry_after = retry_after

    def extra_headers(self) -> tuple[Header, ...]:
        """Say when to come back."""
        return (("Retry-After", str(self.retry_after)),)


class BearerError(ProtocolError):
    """What a protected resource says about the token it was shown (RFC 6750 §3)."""

    clause = "RFC 6750 §3.1"
    status_code = 401

    def __init__(self, description: str | None = None, *, scope: str = "") -> None:
        super().__init__(description)
        self.scope = scope

    def extra_headers(self) -> tuple[Header, ...]:
        """Challenge with the error and, where one is missing, the scope."""
        fields = {"realm": "authserver", **self.parameters()}
        if self.scope:
            fields["scope"] = self.scope
        return (("WWW-Authenticate", "Bearer " + ", ".join(f'{k}="{v}"' for k, v in fields.items())),)


class MissingToken(BearerError):
    """No token came at all, which is told without an error code."""

    error = ""
    clause = "RFC 6750 §3"
    description = ""
    remedy = "Send the access token as `Authorization: Bearer`."

    def parameters(self) -> dict[str, str]:
        """Return nothing: a request without credentials has not failed yet."""
        return {}


class InvalidToken(BearerError):
    error = "invalid_token"
    description = "The access token is invalid, expired or revoked."
    remedy = "Get a new access token with the refresh token, or start over."


class InsufficientScope(BearerError):
    error = "insufficient_scope"
    status_code = 403
    description = "The access token does not carry the scope this needs."
    remedy = "Ask for the scope named in WWW-Authenticate."


def tree(root: type[ProtocolError] = ProtocolError) -> Iterator[type[ProtocolError]]:
    """Yield every error that reaches the wire."""
    for child in root.__subclasses__():
        if "error" in vars(child):
            yield child
        yield from tree(child)


def translated(fault: OAuth2Error) -> ProtocolError:
    """Return our error for one that Authlib raised: its code, our sentence, nothing of the input."""
    if isinstance(fault, ProtocolError):
        return fault
    kinds = {kind.error: kind for kind in tree()}
    return kinds.get(fault.error or "", InvalidRequest)()


def document() -> str:
    """Return docs/errors.md."""
    entries = [
        f"## {kind.anchor()}\n\n`{kind.error or '(no code)'}`, status {kind.status_code}, {kind.clause}.\n"
        f"{kind.description}\n\nWhat to do: {kind.remedy}\n"
        for kind in sorted(tree(), key=lambda kind: kind.error)
    ]
    return "# Errors\n\nMade from `authserver/errors.py`.\n\n" + "\n".join(entries)
