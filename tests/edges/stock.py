"""A server as Authlib's documentation builds it on Django, in memory: what ours is compared with.

Everybody is signed in and agrees to everything. An exception that escapes is answered with 500, as
Django would.
"""

import time
from dataclasses import dataclass, field
from typing import Any, ClassVar

from authlib.integrations.django_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, grants
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from joserfc.jwk import KeySet, OctKey

from config import environment

METHODS = ["client_secret_basic", "client_secret_post", "none", "private_key_jwt"]


class MissingError(LookupError):
    """There is no such row."""


@dataclass(kw_only=True)
class Client(ClientMixin):  # type: ignore[misc]  # Authlib carries no types
    """The documentation's client model."""

    client_id: str
    client_secret: str
    metadata: dict[str, Any]
    user_id: int = 1
    DoesNotExist: ClassVar[type[Exception]] = MissingError

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str | None:
        return next(iter(self.metadata["redirect_uris"]), None)

    def get_allowed_scope(self, scope: str | None) -> str:
        allowed = self.metadata["scope"].split()
        return " ".join(name for name in (scope or "").split() if name in allowed)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.metadata["redirect_uris"]

    def check_client_secret(self, client_secret: str) -> bool:
        return self.client_secret == client_secret

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Say what the documentation's example says."""
        if endpoint == "token":
            return bool(method == self.metadata["token_endpoint_auth_method"])
        return True

    def check_response_type(self, response_type: str) -> bool:
        return set(response_type.split()) <= {"code", "id_token"}

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in self.metadata["grant_types"]


@dataclass(kw_only=True)
class Code:
    """The documentation's authorization code."""

    code: str
    client_id: str
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str | None
    code_challenge_method: str | None
    auth_time: float = field(default_factory=time.time)

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_auth_time(self) -> int:
        return int(self.auth_time)

    def get_acr(self) -> None:
        """Know of no class."""

    def get_amr(self) -> None:
        """Know of no method."""

    def get_nonce(self) -> str | None:
        return self.nonce


@dataclass(kw_only=True)
class Token:
    """The documentation's token."""

    client_id: str
    access_token: str
    scope: str = ""
    refresh_token: str | None = None
    token_type: str = "Bearer"
    expires_in: int = 0
    user_id: int = 1
    id_token: str | None = None
    is_over: bool = False

    def save(self) -> None:
        TOKENS.append(self)

    def check_client(self, client: Client) -> bool:
        return self.client_id == client.client_id

    def get_scope(self) -> str:
        return self.scope

    def is_expired(self) -> bool:
        return False

    def is_revoked(self) -> bool:
        return self.is_over


CLIENTS: dict[str, Client] = {}
CODES: dict[str, Code] = {}
TOKENS: list[Token] = []


class Clients:
    """What Django calls a manager."""

    def get(self, *, client_id: str) -> Client:
        try:
            return CLIENTS[client_id]
        except KeyError:
            raise MissingError from None


setattr(Client, "objects", Clients())  # noqa: B010  Django puts managers there as well


class Server(AuthorizationServer):  # type: ignore[misc]  # Authlib carries no types
    """Authlib's server for Django."""

    def load_config(self, config: dict[str, Any]) -> None:
        super().load_config({**config, "refresh_token_generator": True})


@dataclass(frozen=True)
class User:
    """Everybody."""

    pk: int = 1


def saved(code: str, request: Any) -> Code:
    """Keep a code, as both flows that issue one do."""
    sent = request.payload.data
    CODES[code] = Code(
        code=code,
        client_id=request.client.client_id,
        redirect_uri=request.payload.redirect_uri or "",
        scope=request.payload.scope or "",
        nonce=sent.get("nonce"),
        code_challenge=sent.get("code_challenge"),
        code_challenge_method=sent.get("code_challenge_method"),
    )
    return CODES[code]


class AuthorizationCode(grants.AuthorizationCodeGrant):  # type: ignore[misc]  # untyped
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def save_authorization_code(self, code: str, request: Any) -> Code:
        return saved(code, request)

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        found = CODES.get(code)
        return found if found and found.client_id == client.client_id else None

    def delete_authorization_code(self, authorization_code: Code) -> None:
        del CODES[authorization_code.code]

    def authenticate_user(self, authorization_code: Code) -> User:
        del authorization_code
        return User()


class RefreshToken(grants.RefreshTokenGrant):  # type: ignore[misc]  # Authlib carries no types
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> Token | None:
        found = next((each for each in TOKENS if each.refresh_token == refresh_token), None)
        return found if found and not found.is_over else None

    def authenticate_user(self, refresh_token: Token) -> User:
        del refresh_token
        return User()

    def revoke_old_credential(self, refresh_token: Token) -> None:
        refresh_token.is_over = True


class OpenId(OpenIDCode):  # type: ignore[misc]  # Authlib carries no types
    def exists_nonce(self, nonce: str, request: Any) -> bool:
        del nonce, request
        return False

    def resolve_client_private_key(self, client: Client) -> Any:
        del client
        return OctKey.import_key("a-shared-secret-of-32-characters")

    def get_client_algorithm(self, client: Client) -> str:
        del client
        return "HS256"

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        del client
        return {"iss": environment.current().issuer}

    def generate_user_info(self, user: User, scope: str) -> UserInfo:
        del scope
        return UserInfo(sub=str(user.pk))


def _find(text: str, _hint: str | None) -> Token | None:
    return next((each for each in TOKENS if text in {each.access_token, each.refresh_token}), None)


class Revocation(RevocationEndpoint):  # type: ignore[misc]  # Authlib carries no types
    CLIENT_AUTH_METHODS = METHODS[:2]
    query_token = staticmethod(_find)

    def revoke_token(self, token: Token, request: Any) -> None:
        del request
        token.is_over = True


class Introspection(IntrospectionEndpoint):  # type: ignore[misc]  # Authlib carries no types
    CLIENT_AUTH_METHODS = METHODS[:2]
    query_token = staticmethod(_find)

    def check_permission(self, token: Token, client: Client, request: Any) -> bool:
        del request
        return token.check_client(client)

    def introspect_token(self, token: Token) -> dict[str, Any]:
        return {"active": True, "client_id": token.client_id, "scope": token.scope}


class Assertion(JWTBearerClientAssertion):  # type: ignore[misc]  # Authlib carries no types
    CLIENT_AUTH_METHOD = "private_key_jwt"

    def validate_jti(self, claims: Any, jti: str) -> bool:
        del claims, jti
        return True

    def get_audiences(self) -> list[str]:
        issuer = environment.current().issuer
        return [issuer, f"{issuer}/oauth2/token"]

    def resolve_client_public_key(self, client: Client) -> Any:
        return KeySet.import_key_set(client.metadata["jwks"])


class ClientCredentials(grants.ClientCredentialsGrant):  # type: ignore[misc]  # untyped
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS


def _server() -> Server:
    server = Server(Client, Token)
    server.register_grant(AuthorizationCode, [CodeChallenge(required=True), OpenId()])
    server.register_grant(RefreshToken)
    server.register_grant(ClientCredentials)
    server.register_endpoint(Revocation)
    server.register_endpoint(Introspection)
    server.register_client_auth_method("private_key_jwt", Assertion())
    return server


SERVER = _server()
