"""Client id and secret as two parameters of the body, for clients that cannot send a header."""

from authserver import clients
from authserver.clients import Client
from authserver.request import ProtocolRequest


def authenticate(_query: object, request: ProtocolRequest) -> Client | None:
    """Return the client whose secret the body holds."""
    return clients.authenticated(
        request.optional("client_id") or "", request.optional("client_secret") or ""
    )
