"""RFC 6749 §5.2 — the errors of the protocol, one tree.

Rooted in Authlib's `OAuth2Error`, so that Authlib raises and renders ours. A sentence is written by
us and never holds what came in; the name of a parameter is the most it says. `docs/errors.md` is
made from the classes.
"""

from collections.abc import Iterator
from typing import ClassVar

from authlib.oauth2 import OAuth2Error

Header = tuple[str, str]
_TOKEN = "RFC 6749 §5.2"
_REDIRECT = "RFC 6749 §4.1.2.1"
_OIDC = "OIDC Core §3.1.2.6"
_REGISTER = "RFC 7591 §3.2.2"


class ProtocolError(OAuth2Error):  # type: ignore[misc]  # Authlib carries no types
    """What a client is told when its request fails; the docstrings below say what to do."""

    error: ClassVar[str] = ""
    clause: ClassVar[str] = ""
    description = ""
    status_code = 400

    def __init_subclass__(
        cls, *, error: str | None = None, clause: str | None = None, status: int | None = None
    ) -> None:
        super().__init_subclass__()
        for name, value in (("error", error), ("clause", clause), ("status_code", status)):
            if value is not None:
                setattr(cls, name, value)

    def __init__(self, description: str | None = None, *, status_code: int | None = None) -> None:
        super().__init__(description=description, status_code=status_code)

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

    def __call__(self, uri: str | None = None) -> tuple[int, dict[str, str], list[Header]]:
        """Answer Authlib; redirecting is the business of the authorization endpoint alone."""
        return self.status_code, self.parameters(), list(self.extra_headers())


class InvalidRequest(ProtocolError, error="invalid_request", clause=_TOKEN):
    """Send each parameter once, in a form-encoded body, in the alphabet its specification gives."""

    description = "The request is malformed."


class RequestTooLarge(InvalidRequest, status=413):
    """The body is larger than the policy `requests.max_body` permits."""

    description = "The request is too large."


class UriTooLong(InvalidRequest, status=414):
    """The query is longer than the policy `requests.max_query` permits."""

    description = "The query is too long."


class InvalidRequestUri(InvalidRequest, error="invalid_request_uri", clause="RFC 9101 §7"):
    """Register the address in request_uris, and serve a signed request there over https."""

    description = "The request_uri is not registered for this client, or cannot be fetched."


class InvalidRequestObject(InvalidRequest, error="invalid_request_object", clause="RFC 9101 §7"):
    """Sign it with a registered key and check iss, aud, exp and nbf."""

    description = "The request object is not acceptable."


class InvalidClient(ProtocolError, error="invalid_client", clause=_TOKEN, status=401):
    """Use exactly the registered token_endpoint_auth_method; `clients show` names it."""

    description = "Client authentication failed."

    def __init__(self, description: str | None = None, *, used_basic: bool = False) -> None:
        super().__init__(description)
        self.used_basic = used_basic

    def extra_headers(self) -> tuple[Header, ...]:
        """Challenge only a client that used the Authorization header."""
        return (("WWW-Authenticate", 'Basic realm="authserver"'),) if self.used_basic else ()


class UnauthorizedClient(ProtocolError, error="unauthorized_client", clause=_TOKEN):
    """Add the grant type or response type to the client's registration."""

    description = "The client is not registered for this."


class InvalidGrant(ProtocolError, error="invalid_grant", clause=_TOKEN):
    """Start a new authorization request; a code works once and for a minute."""

    description = "The grant is invalid, expired, revoked or was issued to another client."


class UnsupportedGrantType(ProtocolError, error="unsupported_grant_type", clause=_TOKEN):
    """Choose one of grant_types_supported in the discovery document."""

    description = "This grant type is not supported."


class UnsupportedResponseType(ProtocolError, error="unsupported_response_type", clause=_REDIRECT):
    """Choose one of response_types_supported in the discovery document: `code`, for most."""

    description = "This response type is not supported."


class InvalidScope(ProtocolError, error="invalid_scope", clause="RFC 6749 §3.3"):
    """Ask only for scopes the client is registered for, separated by single spaces."""

    description = "A requested scope is unknown, malformed or not open to this client."


class InvalidTarget(ProtocolError, error="invalid_target", clause="RFC 8707 §2"):
    """Use the absolute URI of a registered resource, without a fragment."""

    description = "A requested resource is unknown or not open to this client."


class AccessDenied(ProtocolError, error="access_denied", clause=_REDIRECT):
    """Nothing to repair: tell the person that the application was not given access."""

    description = "The person or the server refused the request."


class LoginRequired(ProtocolError, error="login_required", clause=_OIDC):
    """Repeat the request without prompt=none."""

    description = "The person is not signed in, or not recently enough."


class ConsentRequired(ProtocolError, error="consent_required", clause=_OIDC):
    """Repeat the request without prompt=none."""

    description = "The person has not yet agreed to this."


class InteractionRequired(ProtocolError, error="interaction_required", clause=_OIDC):
    """Repeat the request without prompt=none."""

    description = "The person has to act first."


class AccountSelectionRequired(ProtocolError, error="account_selection_required", clause=_OIDC):
    """Repeat the request without prompt=none."""

    description = "The person has to choose an account."


class UnmetAuthenticationRequirements(
    ProtocolError,
    error="unmet_authentication_requirements",
    clause="OIDC Unmet Authentication Requirements §2",
):
    """Ask for one of acr_values_supported, or make the claim voluntary."""

    description = "The required authentication context cannot be reached."


class RegistrationNotSupported(ProtocolError, error="registration_not_supported", clause=_OIDC):
    """Register the client beforehand."""

    description = "The registration parameter is not supported."


class InvalidRedirectUri(ProtocolError, error="invalid_redirect_uri", clause=_REGISTER):
    """Use https, a loopback address, or a reverse-domain scheme of a native application."""

    description = "A redirect URI is not acceptable."


class InvalidClientMetadata(ProtocolError, error="invalid_client_metadata", clause=_REGISTER):
    """See the list of faults that comes with it."""

    description = "The client metadata is not acceptable."


class InvalidSoftwareStatement(ProtocolError, error="invalid_software_statement", clause=_REGISTER):
    """Get a new one from its issuer: it must be a signed JWT that has not expired."""

    description = "The software statement is malformed, expired or not signed by its issuer."


class UnapprovedSoftwareStatement(
    ProtocolError, error="unapproved_software_statement", clause=_REGISTER
):
    """Ask the operator which issuers of software statements are trusted here."""

    description = "The software statement comes from nobody who is trusted here, or is missing."


class UnsupportedTokenType(ProtocolError, error="unsupported_token_type", clause="RFC 7009 §2.2.1"):
    """Let it expire, or revoke the grant it belongs to."""

    description = "A token of this kind cannot be revoked."


class ServerError(ProtocolError, error="server_error", clause=_REDIRECT, status=500):
    """Give the operator the X-Request-ID of the answer; the log has the rest."""

    description = "Something went wrong on the server."


class TemporarilyUnavailable(
    ProtocolError, error="temporarily_unavailable", clause=_REDIRECT, status=503
):
    """Repeat the request after the number of seconds in Retry-After."""

    description = "The server cannot answer just now."

    def __init__(self, description: str | None = None, *, retry_after: int = 2) -> None:
        super().__init__(description)
        self.retry_after = retry_after

    def extra_headers(self) -> tuple[Header, ...]:
        """Say when to come back."""
        return (("Retry-After", str(self.retry_after)),)


class BearerError(ProtocolError, clause="RFC 6750 §3.1", status=401):
    """What a protected resource says about the token it was shown (RFC 6750 §3)."""

    def __init__(self, description: str | None = None, *, scope: str = "") -> None:
        super().__init__(description)
        self.scope = scope

    def extra_headers(self) -> tuple[Header, ...]:
        """Challenge with the error and, where one is missing, the scope."""
        fields = {"realm": "authserver", **self.parameters(), "scope": self.scope}
        words = ", ".join(f'{name}="{value}"' for name, value in fields.items() if value)
        return (("WWW-Authenticate", f"Bearer {words}"),)


class MissingToken(BearerError, error="", clause="RFC 6750 §3"):
    """Send the access token as `Authorization: Bearer`."""

    description = ""

    def parameters(self) -> dict[str, str]:
        """Return nothing: a request without credentials has not failed yet."""
        return {}


class InvalidToken(BearerError, error="invalid_token"):
    """Get a new access token with the refresh token, or start over."""

    description = "The access token is invalid, expired or revoked."


class InsufficientScope(BearerError, error="insufficient_scope", status=403):
    """Ask for the scope named in WWW-Authenticate."""

    description = "The access token does not carry the scope this needs."


def tree(root: type[ProtocolError] = ProtocolError) -> Iterator[type[ProtocolError]]:
    """Yield every error that reaches the wire."""
    for child in root.__subclasses__():
        if "error" in vars(child):
            yield child
        yield from tree(child)


def translated(fault: OAuth2Error) -> ProtocolError:
    """Return our error for one that Authlib raised: its code, our sentence, none of the input."""
    if isinstance(fault, ProtocolError):
        return fault
    kinds = {kind.error: kind for kind in tree()}
    return kinds.get(fault.error or "", InvalidRequest)()
