"""RFC 8414, OIDC Discovery §4 — the metadata document, the same at both of its addresses."""

from authserver import http, metadata
from authserver.http import Cors
from authserver.request import ProtocolRequest
from config import answer
from config.answer import Answer


@http.machine_endpoint("GET", open_to=Cors.ANYBODY)
def discovery(_request: ProtocolRequest) -> Answer:
    """Return what this server can do; computed from what is registered, never from the request."""
    headers = (("Cache-Control", "public, max-age=300"),)
    return answer.json_answer(metadata.document(), headers=headers)
