"""RFC 8414, OIDC Discovery §4 — the metadata document, the same at both of its addresses."""

from authserver import http, metadata
from authserver.http import Cors
from authserver.request import ProtocolRequest
from config.answer import Answer


@http.machine_endpoint("GET", open_to=Cors.ANYBODY, limit="documents")
def discovery(_request: ProtocolRequest) -> Answer:
    """Return what this server can do; computed from what is registered, never from the request."""
    headers = (("Content-Type", "application/json"), ("Cache-Control", "public, max-age=300"))
    return Answer(headers=headers, body=metadata.body())
