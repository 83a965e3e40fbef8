"""RFC 6749 §2.1 — a public client has nothing to prove itself with: it only names itself."""

from collections.abc import Callable

from authserver.clients import Client
from authserver.request import ProtocolRequest


def authenticate(
    query_client: Callable[[str], Client | None], request: ProtocolRequest
) -> Client | None:
    """Return the client that the body names; whether it is public is checked by the caller."""
    return query_client(request.required("client_id"))
