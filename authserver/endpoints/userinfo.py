"""OIDC Core §5.3 — userinfo: the claims about the person whose access token this is."""

from authserver import clients, errors, http, told
from authserver.http import Cors
from authserver.request import ProtocolRequest
from config import answer
from config.answer import Answer
from tokens import access, bearer


@http.machine_endpoint("GET", "POST", open_to=Cors.CLIENTS)
def userinfo(request: ProtocolRequest) -> Answer:
    """Return the claims that the token's scopes open, and those asked for one by one."""
    token = access.find(_bearer(request))
    grant = None if token is None else token.grant
    client = None if grant is None else clients.find(grant.client_id)
    if token is None or grant is None or client is None:
        raise errors.InvalidToken
    if "openid" not in token.scope:
        raise errors.InsufficientScope(scope="openid")
    claims = told.at_userinfo(client, grant.subject, token.scope, grant.claims)
    if claims is None:
        raise errors.InvalidToken
    return answer.json_answer({**claims, "sub": token.claims["sub"]})


def _bearer(request: ProtocolRequest) -> str:
    """Return the access token, from header or form body, never from the query (RFC 6750 §2)."""
    if request.method == "GET" and "access_token" in request.args:
        raise errors.InvalidRequest("An access token never travels in a query.")
    try:
        text = bearer.read(request.headers.get("Authorization", ""), request.form)
    except bearer.TwoPlacesError as fault:
        raise errors.InvalidRequest("The access token is sent in two places.") from fault
    except bearer.MalformedError as fault:
        raise errors.InvalidToken from fault
    if text is None:
        raise errors.MissingToken
    return text
