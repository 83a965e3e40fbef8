"""OIDC Core §9 — an assertion signed with the client's secret as an HMAC key."""

from collections.abc import Callable

from authserver import assertions, client_secrets
from authserver.clients import Client
from authserver.request import ProtocolRequest
from tokens import jws

ALGORITHMS = frozenset({"HS256"})


def authenticate(
    query_client: Callable[[str], Client | None], request: ProtocolRequest
) -> Client | None:
    """Return the client that signed the assertion with its secret."""
    text = request.required("client_assertion")
    client = query_client(assertions.issuer_of(text) or "")
    if client is None or not client.check_endpoint_auth_method("client_secret_jwt", ""):
        return None
    keys = [
        jws.secret_key(key) for key in client_secrets.hmac_keys(client.secrets, client.client_id)
    ]
    verified = jws.verify_foreign(text, keys, assertions.allowed(client, ALGORITHMS))
    return client if assertions.is_good(verified, client) else None
