"""RFC 6749 §3.2 — the token endpoint: the registry picks the grant, the grant answers."""

from authserver import http, server
from authserver.http import Cors
from authserver.request import ProtocolRequest
from config.answer import Answer


@http.machine_endpoint("POST", open_to=Cors.CLIENTS, limit="token")
def token(request: ProtocolRequest) -> Answer:
    """Exchange a grant for tokens."""
    request.required("grant_type")
    answer: Answer = server.current().create_token_response(request)
    return answer
