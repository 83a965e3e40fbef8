"""RFC 9101, OIDC Core §6 — a request in a JWT that the client signed, sent or fetched.

Only what the object says counts; beside it stand its client and, for OpenID Connect, response_type
and scope, which must not contradict it. What it says is then judged as if it had been sent plainly
(docs/decisions/request-objects.md).
"""

import json
import math
import time
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode

from authserver import client_keys, errors, forms
from authserver.clients import Client
from authserver.request import ProtocolRequest
from config import environment, outgoing, policy
from config.outgoing import OutgoingError
from tokens import instants, jws

ALGORITHMS: Final = jws.ALGORITHMS
_TYPS: Final = frozenset({"jwt", "oauth-authz-req+jwt"})
_ACCEPT: Final = "application/oauth-authz-req+jwt, application/jwt"
_LONGEST: Final = 16_384
_LONGEST_URI: Final = 512  # OIDC Core §6.2
_BESIDE: Final = ("response_type", "scope")
_OBJECTS: Final = frozenset({"claims", "registration"})
_BY_VALUE, _BY_REFERENCE = "request", "request_uri"


def effective(request: ProtocolRequest, client: Client, names: Collection[str]) -> ProtocolRequest:
    """Return the request that counts: its object's, or itself when there is none.

    `names` are the parameters that we know; an object may hold others, which are passed over.

    Raises:
        InvalidRequest: where a client must sign its requests and did not, or sent two objects.
        InvalidRequestObject, InvalidRequestUri: for an object that does not count.
    """
    text, uri = request.optional(_BY_VALUE), request.optional(_BY_REFERENCE)
    if text is None and uri is None:
        if client.require_signed_request_object:
            raise errors.InvalidRequest("This application has to sign its requests (RFC 9101).")
        return request
    if text is not None and uri is not None:
        raise errors.InvalidRequest("A request object is sent or fetched, never both.")
    claims = _verified(text or _fetched(uri or "", client), client)
    if wrong := _fault(claims, client, is_fetched=uri is not None):
        raise errors.InvalidRequestObject(f"The request object is not acceptable: {wrong}.")
    said = {name: _text(name, claims[name]) for name in names if name in claims}
    form = _form({**_beside(request, client, said), **said}, claims.get("resource", []))
    return ProtocolRequest(request.environ, replace(form, fault=request.fault or form.fault))


def _fetched(uri: str, client: Client) -> str:
    """Return what rests at a registered address; nothing else is ever asked for."""
    if len(uri) > _LONGEST_URI or uri not in client.request_uris:
        raise errors.InvalidRequestUri("The request_uri is not registered for this application.")
    try:
        # A fragment is the document's digest (OIDC Core §6.2); the signature says more than that.
        body = outgoing.get(uri.partition("#")[0], accept=_ACCEPT, max_bytes=_LONGEST).body
        return body.decode("ascii").strip()
    except (OutgoingError, UnicodeDecodeError) as fault:
        sentence = "No request object can be fetched from the request_uri."
        raise errors.InvalidRequestUri(sentence) from fault


def _verified(text: str, client: Client) -> Mapping[str, Any]:
    registered = client.request_object_signing_alg
    algorithms = {registered} & set(ALGORITHMS) if registered else ALGORITHMS
    verified = client_keys.verified(client, text, algorithms)
    if verified is None:
        raise errors.InvalidRequestObject("No registered key of the client verifies the object.")
    header, claims = verified
    typ = header.get("typ", "JWT")
    if not isinstance(typ, str) or typ.lower().removeprefix("application/") not in _TYPS:
        raise errors.InvalidRequestObject("The JWT is not a request object, by its typ.")
    return claims


def _fault(claims: Mapping[str, Any], client: Client, *, is_fetched: bool) -> str:
    """Return what the object says wrongly of itself, as the end of a sentence."""
    audience = claims.get("aud")
    if claims.get("iss") != client.client_id:
        return "iss is not the client"
    if environment.current().issuer not in (audience if isinstance(audience, list) else [audience]):
        return "aud is not this server"
    if claims.get("sub") == client.client_id:
        return "sub makes it a client assertion"  # RFC 9101 §10.8
    if claims.get("client_id", client.client_id) != client.client_id:
        return "client_id is another than beside it"
    if _BY_VALUE in claims or _BY_REFERENCE in claims:
        return "it refers to another one"
    # What was fetched a moment ago from the client's own address is no older than that.
    if "exp" not in claims and not is_fetched:
        return "exp is missing"
    return "" if _is_timely(claims, is_fetched=is_fetched) else "exp, nbf or iat"


def _is_timely(claims: Mapping[str, Any], *, is_fetched: bool) -> bool:
    """Check the dates that are there: ends not yet but soon, began already and not long ago."""
    rules = policy.current().assertions
    now, leeway = time.time(), rules.leeway.total_seconds()
    most = rules.max_lifetime.total_seconds() + leeway
    oldest = -math.inf if is_fetched else -most
    spans = {"exp": (-leeway, most), "nbf": (oldest, leeway), "iat": (oldest, leeway)}
    for name, (least_ahead, most_ahead) in spans.items():
        if name in claims:
            date = instants.numeric_date(claims[name])
            if date is None or not least_ahead < date - now <= most_ahead:
                return False
    return True


def _text(name: str, value: object) -> str:
    """Return a parameter as it would have been sent (RFC 9101 §4); numbers only where they are."""
    if isinstance(value, str):
        return value
    if name in _OBJECTS and isinstance(value, dict):
        return json.dumps(value, separators=(",", ":"))
    if name == "max_age" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise errors.InvalidRequestObject("A parameter in the request object has the wrong type.")


def _beside(request: ProtocolRequest, client: Client, said: Mapping[str, str]) -> dict[str, str]:
    """Return what stands beside the object and not in it; nothing for a client that must sign."""
    outside = {name: value for name in _BESIDE if (value := request.optional(name)) is not None}
    for name, value in outside.items():
        if set(said.get(name, value).split()) != set(value.split()):
            raise errors.InvalidRequestObject("The request object contradicts what is beside it.")
    if client.require_signed_request_object:
        outside = {}
    return {"client_id": client.client_id, **outside}


def _form(single: Mapping[str, str], resources: object) -> forms.Form:
    """Return parameters as a form, held to the very rules of one that was sent."""
    listed = [resources] if isinstance(resources, str) else resources
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise errors.InvalidRequestObject("A parameter in the request object has the wrong type.")
    try:
        whole = urlencode({**single, "resource": listed}, doseq=True)
    except UnicodeEncodeError as fault:  # half of a surrogate pair
        raise errors.InvalidRequestObject from fault
    return forms.parse(whole, policy.current().requests)
