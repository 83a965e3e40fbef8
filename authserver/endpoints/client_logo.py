"""Fetch §3.7 (Cross-Origin-Resource-Policy) — logos of clients, from our origin, for our pages.

Named by their content, so a browser never asks twice; even opened by themselves they are inert.
"""

from typing import Final

from authserver import errors, http, logos
from authserver.request import ProtocolRequest
from config.answer import Answer
from config.headers import Route

_FOR_EVER: Final = ("Cache-Control", "public, max-age=31536000, immutable")


@http.machine_endpoint("GET", route=Route.FILE, logged=False, limit="documents")
def client_logo(request: ProtocolRequest) -> Answer:
    """Return a picture."""
    found = logos.find(request.required("digest"))
    if found is None:
        raise errors.InvalidRequest("There is no such logo.", status_code=404)
    kind, body = found
    return Answer(headers=(("Content-Type", kind), _FOR_EVER), body=body)
