"""RFC 7591 §3.2, RFC 7592 §3 — the registration endpoint, and each client's own configuration.

One path: POST registers; GET, PUT and DELETE with `?client_id=` are for whoever holds that client's
registration access token. Closed unless the policy opens it.
"""

import re
from typing import Final

from authserver import (
    errors,
    http,
    initial_tokens,
    metadata,
    own_members,
    registrar,
    request,
    secret_rows,
    self_registered,
)
from authserver.http import Cors
from authserver.registrar import RefusedError
from authserver.request import ProtocolRequest
from authserver.self_registered import Own
from config import answer, policy
from config.answer import Answer
from config.policy import RegistrationMode
from tokens import bearer

_MOST_FAULTS: Final = 20
_UNTELLABLE: Final = re.compile(r"[^\x20\x21\x23-\x5b\x5d-\x7e]")  # RFC 6749 §5.2
_MEMBER: Final = re.compile(r"[a-z_]{1,80}(?:\[\d{1,4}\])?")


@http.machine_endpoint(
    *("GET", "POST", "PUT", "DELETE"),
    open_to=Cors.CLIENTS,
    reads=request.of_json,
    limit="registration",
)
def register(asked: ProtocolRequest) -> Answer:
    """Register a client, or show, change or remove one for itself."""
    if policy.current().registration.mode is RegistrationMode.CLOSED:
        sentence = "Clients are not registered over the network here."
        raise errors.InvalidRequest(sentence, status_code=404)
    token = _token(asked)
    try:
        if asked.method == "POST":
            return _registered(asked, token)
        return _managed(asked, token)
    except RefusedError as refusal:
        raise _refused(refusal) from refusal


def _registered(asked: ProtocolRequest, token: str | None) -> Answer:
    is_open = policy.current().registration.mode is RegistrationMode.OPEN
    if token is None and not is_open:
        raise errors.MissingToken
    if token is not None and not initial_tokens.is_good(token):
        raise errors.InvalidToken("The initial access token is unknown, used up or expired.")
    own = self_registered.register(asked.document, peer=asked.peer, initial_token=token)
    return _told(own, 201)


def _managed(asked: ProtocolRequest, token: str | None) -> Answer:
    if token is None:
        raise errors.MissingToken
    client_id = asked.required("client_id")
    match asked.method:
        case "PUT":
            return _told(self_registered.update(client_id, token, asked.document), 200)
        case "DELETE":
            registrar.remove(self_registered.authenticated(client_id, token).pk)
            return Answer(status=204)
        case _:
            row = self_registered.authenticated(client_id, token)
            return _told(Own(row=row, token=token), 200)


def _told(own: Own, status: int) -> Answer:
    """Return the client information response (RFC 7591 §3.2.1, RFC 7592 §3)."""
    row, address = own.row, metadata.address("register")
    told = {
        "client_id": row.pk,
        "client_id_issued_at": int(row.created_at.timestamp()),
        "registration_client_uri": f"{address}?client_id={row.pk}",
        "registration_access_token": own.token,
        **own_members.shown(row),
    }
    if own.secret is not None:
        expires_at = secret_rows.expires_at(row)
        told["client_secret"] = own.secret
        told["client_secret_expires_at"] = int(expires_at.timestamp()) if expires_at else 0
    if own.statement is not None:
        told["software_statement"] = own.statement
    return answer.json_answer(told, status)


def _token(asked: ProtocolRequest) -> str | None:
    try:
        return bearer.read(asked.headers.get("Authorization", ""), {})
    except bearer.MalformedError as fault:
        raise errors.InvalidToken from fault


def _refused(refusal: RefusedError) -> errors.ProtocolError:
    """Return the error that names every fault, in our words and those of the specifications."""
    lines = [
        f"{fault.member}: {fault.sentence}" if _MEMBER.fullmatch(fault.member) else fault.sentence
        for fault in refusal.faults
    ]
    more = len(lines) - _MOST_FAULTS
    lines = [*lines[:_MOST_FAULTS], *([f"and {more} more"] if more > 0 else [])]
    is_redirect = any(fault.member.startswith("redirect_uris") for fault in refusal.faults)
    kind = errors.InvalidRedirectUri if is_redirect else errors.InvalidClientMetadata
    return kind(_UNTELLABLE.sub("?", "; ".join(lines).replace("§", "section ")))
