"""RFC 7523 §2.2 — an assertion signed with a key whose public half is registered."""

from collections.abc import Callable

from authserver import assertions, client_keys
from authserver.clients import Client
from authserver.request import ProtocolRequest
from tokens import jws

ALGORITHMS = frozenset(jws.ALGORITHMS)


def authenticate(
    query_client: Callable[[str], Client | None], request: ProtocolRequest
) -> Client | None:
    """Return the client that signed the assertion with one of its registered keys."""
    text = request.required("client_assertion")
    client = query_client(assertions.issuer_of(text) or "")
    if client is None or not client.check_endpoint_auth_method("private_key_jwt", ""):
        return None
    verified = client_keys.verified(client, text, assertions.allowed(client, ALGORITHMS))
    return client if assertions.is_good(verified, client) else None
