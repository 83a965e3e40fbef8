"""RFC 7009 — revocation: the client says that it no longer needs a token.

A token that is unknown, expired or another client's is answered like one that was revoked (§2.2).
"""

from authserver import http, server
from authserver.http import Cors
from authserver.request import ProtocolRequest
from config import answer, logs
from config.answer import Answer
from tokens import revocation


@http.machine_endpoint("POST", open_to=Cors.CLIENTS, limit="revocation")
def revoke(request: ProtocolRequest) -> Answer:
    """End a token of the caller's; the hint about its kind is not needed, hence ignored (§2.1)."""
    caller = server.current().authenticate_client(request)
    token = revocation.presented(request.required("token"))
    if token is not None and token.client_id == caller.client_id:
        revocation.revoke(token)
        logs.security_event("token_revoked", client_id=caller.client_id, grant=token.grant_id)
    return answer.json_answer({})
