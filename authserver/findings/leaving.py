"""Why a sign-out request failed: the hint, the client it names, and where it wanted to go."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from authserver import clients
from authserver.clients import Client
from authserver.findings import finding, identity
from authserver.findings.finding import Finding
from authserver.request import ProtocolRequest
from config import environment
from tokens import id_tokens

_SPEC: Final = "OIDC RP-Initiated Logout §2"


def leaving(request: ProtocolRequest) -> list[Finding]:
    """Return what there is to say of a request to the end-session endpoint."""
    hint, client_id = request.optional("id_token_hint"), request.optional("client_id")
    claims = id_tokens.hint(hint) if hint else None
    found = [*_hint(hint, claims, client_id)]
    named = str(claims["aud"]) if claims else client_id
    client = clients.find(named) if named else None
    if named:
        found.append(identity.of(named, client))
    return [*found, *_back(request, client)]


def _hint(
    sent: str | None, claims: Mapping[str, Any] | None, client_id: str | None
) -> Iterator[Finding]:
    if not sent:
        return
    verdict, fix = "is an ID token of this server", ""
    if claims is None:
        verdict = "is not signed by this server, or has been changed"
        fix = "Send the ID token as it was received; an access token or another server's is none."
    elif client_id and claims["aud"] != client_id:
        verdict = f"was issued to {finding.shown(str(claims['aud']))}, not to this client_id"
        fix = "Send the client's own ID token, or leave client_id out."
    yield Finding(
        parameter="id_token_hint",
        received=finding.hidden(sent),
        expected=f"an ID token of {environment.current().issuer}, however old",
        verdict=verdict,
        clause=_SPEC,
        fix=fix,
    )


def _back(request: ProtocolRequest, client: Client | None) -> Iterator[Finding]:
    sent = request.optional("post_logout_redirect_uri")
    if sent is None:
        return
    expected, verdict, fix = finding.address(sent), "is registered", ""
    registered = client.post_logout_redirect_uris if client else ()
    if client is None:
        expected, verdict = "together with an id_token_hint or a client_id", "comes from nobody"
        fix = "Send the id_token_hint along."
    elif not registered:
        expected, verdict = "none is registered", "cannot be used by a client without any"
        fix = "Register it in post_logout_redirect_uris."
    elif sent not in registered:
        expected, apart = finding.nearest(sent, registered)
        verdict = "differs in its " + "; ".join(apart)
        fix = "Send what is registered, or register what is sent in post_logout_redirect_uris."
    yield Finding(
        parameter="post_logout_redirect_uri",
        received=finding.address(sent),
        expected=expected,
        verdict=verdict,
        clause="OIDC RP-Initiated Logout §3",
        fix=fix,
    )
