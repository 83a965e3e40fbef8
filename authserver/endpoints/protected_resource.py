"""RFC 9728 §3 — the API's own metadata: who issues tokens for it, and with which scopes.

An answer of 401 names this document, so that a client that knows the API alone finds the rest.
"""

from accounts.api import scopes
from authserver import http
from authserver.http import Cors
from authserver.request import ProtocolRequest
from config import answer
from config.answer import Answer


@http.machine_endpoint("GET", open_to=Cors.ANYBODY, limit="documents")
def protected_resource(_request: ProtocolRequest) -> Answer:
    """Return the document; the resource it names is the audience of tokens for the API."""
    return answer.json_answer(
        scopes.metadata(), headers=(("Cache-Control", "public, max-age=300"),)
    )
