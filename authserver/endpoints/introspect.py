"""RFC 7662 — token introspection: is this token good, and for what?

Whatever the caller may not see is answered `{"active": false}`, so a probe learns nothing (§2.2,
§4). One statement: tests/budgets.
"""

from typing import Any

from authserver import http, issuing, server
from authserver.clients import Client
from authserver.http import Cors
from authserver.request import ProtocolRequest
from config import answer
from config.answer import Answer
from tokens import access, refresh
from tokens.access import Access
from tokens.refresh import Found

_OURS = frozenset({"born"})


@http.machine_endpoint("POST", open_to=Cors.CLIENTS, limit="introspection")
def introspect(request: ProtocolRequest) -> Answer:
    """Say whether a token counts; the hint about its kind is not needed, hence ignored (§2.1)."""
    caller = server.current().authenticate_client(request)
    text = request.required("token")
    if caller.is_public:
        return answer.json_answer({"active": False})
    token = refresh.find(text) or access.find(text)
    if token is None or not _may_see(caller, token):
        return answer.json_answer({"active": False})
    return answer.json_answer({"active": True, **_shown(caller, token)})


def _may_see(caller: Client, token: Access | Found) -> bool:
    """Tell whether it is the caller's own token, or one for a resource it serves.

    A refresh token is nobody's business but its client's.
    """
    if isinstance(token, Found):
        return token.grant.client_id == caller.client_id
    if token.claims["client_id"] == caller.client_id or caller.may_introspect is True:
        return True
    return bool(token.audience.intersection(caller.may_introspect or ()))


def _shown(caller: Client, token: Access | Found) -> dict[str, Any]:
    """Return what the token says; `sub` is the person as its own client knows them."""
    if isinstance(token, Found):
        sub = issuing.sub_of(caller, token.grant.subject)
        return token.claims(sub=sub) | {"token_type": "refresh_token"}
    shown = {name: value for name, value in token.claims.items() if name not in _OURS}
    return shown | {"token_type": "Bearer"}
