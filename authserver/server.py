"""Everything spoken, in one literal list; Authlib's core behind one subclass.

Only this class, the request and the grant mixin know Authlib's server; endpoints call it, views
never.
"""

import functools
from collections.abc import Iterable
from typing import Any, NoReturn

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import AuthorizationServer

from authserver import client_auth, clients, errors, limits
from authserver.clients import Client
from authserver.extensions.pkce import Pkce
from authserver.grants.authorization_code import AuthorizationCode
from authserver.grants.client_credentials import ClientCredentials
from authserver.grants.native_sso import NativeSso
from authserver.grants.refresh_token import RefreshToken
from authserver.request import ProtocolRequest
from config import answer
from config.answer import Answer

GRANTS: tuple[tuple[Any, list[Any]], ...] = (
    (AuthorizationCode, [Pkce()]),
    (RefreshToken, []),
    (ClientCredentials, []),
    (NativeSso, []),
)


class Server(AuthorizationServer):  # type: ignore[misc]  # Authlib carries no types
    """The authorization server, without a framework."""

    def __init__(self) -> None:
        super().__init__()
        self._client_auth = client_auth.OneMethod(self.query_client)
        for grant, extensions in GRANTS:
            self.register_grant(grant, extensions)

    def query_client(self, client_id: str) -> Client | None:
        """Find a client."""
        return clients.find(client_id)

    def authenticate_client(
        self,
        request: ProtocolRequest,
        methods: Iterable[str] = tuple(client_auth.METHODS),
        endpoint: str = "token",
    ) -> Client:
        """Return the client by its one registered method, counted; raise InvalidClient."""

        def authenticate() -> Client:
            client: Client = super(Server, self).authenticate_client(request, methods, endpoint)
            return client

        return limits.authenticated(request, client_auth.named(request), authenticate)

    def create_oauth2_request(self, request: ProtocolRequest) -> ProtocolRequest:
        """Take the request as it is: ours is Authlib's."""
        return request

    def create_json_request(self, request: object) -> NoReturn:
        """Refuse: no endpoint of ours is spoken through Authlib in JSON."""
        raise NotImplementedError

    def send_signal(self, *_args: object, **_more: object) -> None:
        """Send nothing: a raising receiver would break issuance."""

    def handle_response(self, status: int, body: dict[str, Any], _headers: object) -> Answer:
        """Return a grant's answer."""
        return answer.json_answer(body, status=status)

    def handle_error_response(self, request: ProtocolRequest, error: OAuth2Error) -> NoReturn:
        """Hand the error on, in our words, to `http`, which shapes all errors alike."""
        del request
        raise errors.translated(error) from error


def grant_types() -> list[str]:
    """Return the grant types that are spoken, as the policy has it."""
    return [grant.GRANT_TYPE for grant, _ in GRANTS if grant.is_offered()]


@functools.cache
def current() -> Server:
    """Return this process's server."""
    return Server()
