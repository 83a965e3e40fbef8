"""OIDC Core §5.3 — userinfo: the claims about the person whose access token this is.

As JSON, or as the client registered it: signed, encrypted, or signed and then encrypted. What it
accepts by header changes nothing (§5.3.2).
"""

from typing import Any

from authserver import client_keys, clients, errors, http, limits, told
from authserver.clients import Client
from authserver.http import Cors
from authserver.request import ProtocolRequest
from config import answer, environment
from config.answer import Answer
from tokens import access, bearer, encoding, instants, jws, ring


@http.machine_endpoint("GET", "POST", open_to=Cors.CLIENTS, limit="userinfo")
def userinfo(request: ProtocolRequest) -> Answer:
    """Return the claims that the token's scopes open, and those asked for one by one."""
    token = access.find(_bearer(request))
    grant = None if token is None else token.grant
    client = None if grant is None else clients.find(grant.client_id)
    if token is None or grant is None or client is None:
        raise errors.InvalidToken
    if "openid" not in token.scope:
        raise errors.InsufficientScope(scope="openid")
    limits.count(request, f"grant:{grant.id}")
    claims = told.at_userinfo(client, grant.subject, token.scope, grant.claims)
    if claims is None:
        raise errors.InvalidToken
    return _answer(client, {**claims, "sub": token.claims["sub"]})


def _answer(client: Client, claims: dict[str, Any]) -> Answer:
    signed = client.userinfo_signed_response_alg
    alg, enc = client.userinfo_encrypted_response_alg, client.userinfo_encrypted_response_enc
    if not signed and not alg:
        return answer.json_answer(claims)
    text = _signed(client, claims, signed) if signed else encoding.json(claims).decode()
    if alg:
        text = client_keys.encrypt(client, text, alg=alg, enc=enc, is_nested=bool(signed))
    return Answer(headers=(("Content-Type", "application/jwt"),), body=text.encode())


def _signed(client: Client, claims: dict[str, Any], alg: str) -> str:
    """Return the claims as a JWT for this client alone (§5.3.2).

    It has no `exp`: with one, it could pass for an ID token.
    """
    named = {"iss": environment.current().issuer, "aud": client.client_id}
    stamped = {**claims, **named, "iat": instants.seconds(instants.now())}
    return ring.current().sign(stamped, typ=jws.USERINFO_JWT, alg=alg)


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
