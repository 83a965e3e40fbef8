"""OpenAPI 3.1 §4.4 — the description of everything that programs speak to here, as JSON."""

from accounts.api import schema
from authserver import errors, http, resources
from authserver.http import Cors
from authserver.request import ProtocolRequest
from config import api_docs
from config.answer import Answer


@http.machine_endpoint("GET", open_to=Cors.ANYBODY, limit="documents")
def openapi(_request: ProtocolRequest) -> Answer:
    """Return the description, where it is shown at all."""
    if not api_docs.is_offered():
        raise errors.InvalidRequest("The API is not described here.", status_code=404)
    headers = (("Content-Type", "application/json"), ("Cache-Control", "public, max-age=300"))
    return Answer(headers=headers, body=schema.body(of=resources.scopes()))
