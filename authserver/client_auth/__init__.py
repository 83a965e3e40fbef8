"""RFC 6749 §2.3 — client authentication: exactly one method per request, and the registered one.

Authlib tries its methods in turn and takes the first that succeeds; here the request decides which
single one it presents, before anything is looked up. Whatever fails afterwards is answered alike.
"""

from collections.abc import Callable, Iterable
from typing import Final

from authlib.oauth2.rfc6749 import ClientAuthentication

from authserver import assertions, errors, first_use
from authserver.client_auth import (
    client_secret_basic,
    client_secret_jwt,
    client_secret_post,
    none,
    private_key_jwt,
)
from authserver.clients import Client
from authserver.request import ProtocolRequest

Query = Callable[[str], Client | None]
Method = Callable[[Query, ProtocolRequest], Client | None]

METHODS: Final[dict[str, Method]] = {
    "client_secret_basic": client_secret_basic.authenticate,
    "client_secret_post": client_secret_post.authenticate,
    "private_key_jwt": private_key_jwt.authenticate,
    "client_secret_jwt": client_secret_jwt.authenticate,
    "none": none.authenticate,
}
CONFIDENTIAL: Final = tuple(name for name in METHODS if name != "none")
KEY_ALGORITHMS: Final = private_key_jwt.ALGORITHMS
SHARED_ALGORITHMS: Final = client_secret_jwt.ALGORITHMS
SIGNING_ALGORITHMS: Final = tuple(sorted(KEY_ALGORITHMS | SHARED_ALGORITHMS))


def named(request: ProtocolRequest) -> str:
    """Return the client id that a request names, proven or not; `` for none."""
    sent = client_secret_basic.credentials(request.headers.get("Authorization", ""))
    if sent is not None:
        return sent[0]
    assertion = request.optional("client_assertion")
    if assertion is not None:
        return assertions.issuer_of(assertion) or ""
    return request.optional("client_id") or ""


class OneMethod(ClientAuthentication):  # type: ignore[misc]  # Authlib carries no types
    """Authlib's registry, choosing by what the request presents."""

    def __init__(self, query_client: Query) -> None:
        super().__init__(query_client)
        self._methods: dict[str, Method] = dict(METHODS)

    def authenticate(
        self, request: ProtocolRequest, methods: Iterable[str], endpoint: str = "token"
    ) -> Client:
        """Return the client; raises InvalidClient or, for two methods at once, InvalidRequest."""
        used_header = "Authorization" in request.headers
        method = self._presented(request)
        client = None
        if method in self._methods and method in methods:
            client = self._methods[method](self.query_client, request)
        if client is None or not client.check_endpoint_auth_method(method, endpoint):
            raise errors.InvalidClient(used_basic=used_header)
        if request.optional("client_id") not in {None, client.client_id}:
            raise errors.InvalidClient(used_basic=used_header)
        if client.check_grant_type("client_credentials") or client.may_introspect:
            first_use.note(client)  # others have nothing to do here before a person let them in
        request.client, request.auth_method = client, method
        return client

    def _presented(self, request: ProtocolRequest) -> str:
        """Return the one method a request uses, `` for none; raises InvalidRequest for several."""
        has_header = "Authorization" in request.headers
        has_assertion = any(
            request.optional(name) for name in ("client_assertion", "client_assertion_type")
        )
        has_secret = request.optional("client_secret") is not None
        if has_header + has_assertion + has_secret > 1:
            sentence = "The request uses more than one way of client authentication."
            raise errors.InvalidRequest(sentence)
        if has_header:
            return "client_secret_basic"
        if has_assertion:
            return self._kind_of_assertion(request)
        if has_secret:
            return "client_secret_post"
        return "none" if request.optional("client_id") else ""

    def _kind_of_assertion(self, request: ProtocolRequest) -> str:
        """Return which of the two assertion methods the named client registered, `` for neither."""
        text = request.optional("client_assertion")
        if text is None or request.optional("client_assertion_type") != assertions.TYPE:
            return ""
        client = self.query_client(assertions.issuer_of(text) or "")
        registered = client.token_endpoint_auth_method if client else ""
        return registered if registered in {"private_key_jwt", "client_secret_jwt"} else ""
