"""RFC 7523 §2.2 — an assertion signed with a key whose public half is registered."""

from collections.abc import Callable

from authserver import assertions
from authserver.clients import Client
from authserver.request import ProtocolRequest

ALGORITHMS = frozenset({"ES256", "RS256", "PS256", "EdDSA"})


def authenticate(
    query_client: Callable[[str], Client | None], request: ProtocolRequest
) -> Client | None:
    """Return the client that signed the assertion with one of its registered keys."""
    text = request.required("client_assertion")
    client = query_client(assertions.issuer_of(text) or "")
    if client is None or not client.check_endpoint_auth_method("private_key_jwt", ""):
        return None
    return (
        client if assertions.is_good(text, client, assertions.keys_of(client), ALGORITHMS) else None
    )
