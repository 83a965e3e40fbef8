"""RFC 9470 §3, RFC 9728 §5.1 — what a caller is told who has not proved enough, and where to go.

Each is a Bearer challenge (RFC 6750 §3) that names the document describing the API. No text of the
caller's is ever in it.
"""

from collections.abc import Mapping
from http import HTTPStatus

from accounts.api import scopes
from accounts.api.problems import Problem


class Challenge(Problem):
    """A refusal that says by what it can be turned into an answer."""

    status_code = int(HTTPStatus.UNAUTHORIZED)
    error = ""

    def __init__(self, sentence: str = "", *, asked: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        said = {"error": self.error, "error_description": self.sentence if self.error else ""}
        words = {**said, **(asked or {}), "resource_metadata": scopes.metadata_url()}
        listed = ", ".join(f'{name}="{value}"' for name, value in words.items() if value)
        self.headers["WWW-Authenticate"] = f'Bearer realm="authserver", {listed}'
        if self.error:
            self.members["error"] = self.error


class Missing(Challenge):
    """Nobody said who asks."""

    sentence = "Send an access token as Authorization: Bearer, or an API key as X-API-Key."

    def __init__(self, scope: str = "") -> None:
        super().__init__(asked={"scope": scope})


class InvalidToken(Challenge):
    """A token that does not count here."""

    name = "invalid-token"
    error = "invalid_token"
    sentence = "The access token is invalid, expired, revoked or meant for another resource."


class InvalidKey(Challenge):
    """A key that does not count."""

    name = "invalid-api-key"
    sentence = "The API key is invalid, expired or revoked."


class TwoCredentials(Challenge):
    """Who asks is said twice, or where it must not be."""

    name = "invalid-request"
    status_code = int(HTTPStatus.BAD_REQUEST)
    error = "invalid_request"
    sentence = "Send one credential, in a header: an access token or an API key."


class InsufficientScope(Challenge):
    """A caller who may not do this."""

    name = "insufficient-scope"
    status_code = int(HTTPStatus.FORBIDDEN)
    error = "insufficient_scope"
    sentence = "This needs a scope that the credential does not have, or its owner may not use."

    def __init__(self, scope: str) -> None:
        super().__init__(asked={"scope": scope})


class StepUp(Challenge):
    """A person who has to prove themselves again, or more strongly."""

    name = "insufficient-user-authentication"
    error = "insufficient_user_authentication"
    sentence = "This needs a more recent or a stronger authentication."

    def __init__(self, *, max_age: int, acr: str = "") -> None:
        super().__init__(asked={"acr_values": acr, "max_age": str(max_age)})
