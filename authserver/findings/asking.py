"""Why an authorization request failed: every parameter, compared with what is registered."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qsl

from authserver import authorization, clients, request_objects, resources
from authserver import response_types as types
from authserver.clients import Client
from authserver.extensions import pkce
from authserver.findings import finding, identity
from authserver.findings.finding import Finding
from authserver.request import ProtocolRequest
from config.faults import did_you_mean

_NEVER_HERE: Final = (
    *("client_secret", "client_assertion", "password", "code", "code_verifier"),
    *("access_token", "refresh_token"),
)
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9\-_]{43}")
_EDIT: Final = "Change it in the administration, or with `manage.py clients import`."


def asked(request: ProtocolRequest) -> list[Finding]:
    """Return what there is to say of a request, whatever of it can be read."""
    found = [*_of_form(request), *_never_here(request)]
    client_id = request.optional("client_id")
    client = clients.find(client_id) if client_id else None
    found.append(identity.of(client_id, client))
    if client is None:
        return found
    parts = (_objects, _redirect_uri, _response_type, _scope, _resource, _pkce, _rest)
    return [*found, *(each for part in parts for each in part(request, client))]


def _of_form(request: ProtocolRequest) -> Iterator[Finding]:
    """Say what stands twice, or cannot be read at all."""
    query = str(request.environ.get("QUERY_STRING", ""))
    names = Counter(name for name, _ in parse_qsl(query[:16_384]))
    for name in [each for each, count in names.items() if count > 1 and each != "resource"][:5]:
        yield Finding(
            parameter=finding.shown(name),
            received=f"{names[name]} times",
            expected="once",
            verdict="is sent more than once",
            clause="RFC 6749 §3.1",
            fix="Send it once; often a library adds what the address already holds.",
        )


def _never_here(request: ProtocolRequest) -> Iterator[Finding]:
    """Name what should never be in a browser's address; it is in histories and logs by now."""
    for name in _NEVER_HERE:
        if request.optional(name) is not None:
            yield Finding(
                parameter=name,
                received="(there, not kept)",
                expected="not in an authorization request",
                verdict="has been in an address, where others can read it",
                clause="RFC 6749 §2.3.1",
                fix=f"Do not send {name} through the browser, and replace what was sent.",
            )


def _objects(request: ProtocolRequest, client: Client) -> Iterator[Finding]:
    for name in ("request", "request_uri"):
        sent = request.optional(name)
        if sent is None:
            continue
        is_known = name == "request" or sent in client.request_uris
        yield Finding(
            parameter=name,
            received=finding.hidden(sent) if name == "request" else finding.address(sent),
            expected="a signed request object" if name == "request" else "a registered address",
            verdict="is sent; only what it says counts" if is_known else "is not registered",
            clause="RFC 9101 §5",
            fix="" if is_known else f"Register it in request_uris. {_EDIT}",
        )
    if client.require_signed_request_object and not {"request", "request_uri"} & {
        *request.payload.data
    }:
        yield Finding(
            parameter="request",
            received="",
            expected="a request object signed with " + ", ".join(request_objects.ALGORITHMS),
            verdict="is missing, and this client has to sign its requests",
            clause="RFC 9101 §10.5",
            fix=f"Sign the request, or clear require_signed_request_object. {_EDIT}",
        )


def _redirect_uri(request: ProtocolRequest, client: Client) -> Iterator[Finding]:
    sent, registered = request.optional("redirect_uri"), client.redirect_uris
    verdict, fix, expected = "is registered", "", finding.address(sent)
    if sent is None:
        is_needed = len(registered) != 1 or "openid" in (request.optional("scope") or "").split()
        expected = " or ".join(registered[:5]) or "none is registered"
        verdict = "is missing" if is_needed else "is left out, and the only registered one counts"
        fix = "Send one that is registered." if is_needed else ""
    elif not registered:
        expected, verdict = "none is registered", "cannot be used by a client without any"
        fix = f"Register it. {_EDIT}"
    elif not client.check_redirect_uri(sent):
        expected, apart = finding.nearest(sent, registered)
        more = len(registered) - 1
        verdict = "differs in its " + "; ".join(apart)
        verdict += f" (compared with the nearest of {more + 1})" if more else ""
        fix = f"Have the application send what is registered, or register what it sends. {_EDIT}"
    yield Finding(
        parameter="redirect_uri",
        received=finding.address(sent),
        expected=expected,
        verdict=verdict,
        clause="RFC 9700 §2.1",
        fix=fix,
    )


def _response_type(request: ProtocolRequest, client: Client) -> Iterator[Finding]:
    sent, registered = request.optional("response_type") or "", sorted(client.response_types)
    asked_for = types.canonical(sent)
    fix = ""
    if asked_for in types.supported() and client.check_response_type(asked_for):
        verdict = "is registered"
    elif asked_for in types.supported():
        verdict = "is supported here, and not registered for this client"
        fix = f"Ask for a registered one, or register it. {_EDIT}"
    else:
        verdict = "is not supported here" if sent else "is missing"
        fix = "Ask for " + (" or ".join(registered) or "code") + "."
    yield Finding(
        parameter="response_type",
        received=finding.shown(sent),
        expected=", ".join(registered) or "none is registered",
        verdict=verdict,
        clause="RFC 6749 §3.1.1",
        fix=fix,
    )
    if types.CODE in sent.split() and not client.check_grant_type("authorization_code"):
        yield Finding(
            parameter="grant_types",
            received="",
            expected="authorization_code",
            verdict="is not registered for this client, so it gets no codes",
            clause="RFC 7591 §2.1",
            fix=f"Register the grant type. {_EDIT}",
        )
    if (mode := request.optional("response_mode")) is not None:
        yield finding.one_of(
            "response_mode", mode, types.modes(sent), "OAuth 2.0 Multiple Response Types §2.1"
        )


def _scope(request: ProtocolRequest, client: Client) -> Iterator[Finding]:
    sent = request.optional("scope")
    if sent is None:
        return
    known = {each.name for each in resources.scopes()}
    open_ = sorted(client.scope & known)
    wrong: list[str] = []
    fix = "Ask only for scopes that the client is registered for."
    for name in dict.fromkeys(sent.split(" ")):
        if name in known and name in client.scope:
            continue
        if not name:
            wrong.append("two blanks in a row")
        elif "," in name or "+" in name:
            wrong.append(f"{finding.shown(name)}: scopes are separated by one blank each")
        elif name in known:
            wrong.append(f"{name}: known here, and not open to this client")
            fix = f"Leave it out, or add it to the client's scope. {_EDIT}"
        else:
            wrong.append(f"{finding.shown(name)}: not known here.{did_you_mean(name, open_)}")
    yield Finding(
        parameter="scope",
        received=finding.shown(sent),
        expected=" ".join(open_),
        verdict="; ".join(wrong[:10]) or "is open to this client",
        clause="RFC 6749 §3.3",
        fix=fix if wrong else "",
    )


def _resource(request: ProtocolRequest, client: Client) -> Iterator[Finding]:
    for sent in request.all("resource")[:5]:
        is_known = resources.find(sent) is not None
        is_open = is_known and (not client.resources or sent in client.resources)
        said = "is not open to this client" if is_known else "is not a registered resource"
        yield Finding(
            parameter="resource",
            received=finding.address(sent),
            expected=", ".join(client.resources) or "any registered resource",
            verdict="is open to this client" if is_open else said,
            clause="RFC 8707 §2",
            fix="" if is_open else f"Send the identifier of a resource it may use. {_EDIT}",
        )


def _pkce(request: ProtocolRequest, client: Client) -> Iterator[Finding]:
    challenge = request.optional("code_challenge")
    method = request.optional("code_challenge_method")
    if types.CODE not in (request.optional("response_type") or types.CODE).split():
        return
    if challenge or method or client.pkce_required:
        is_fine = bool(challenge and _CHALLENGE.fullmatch(challenge))
        verdict = "has the form of one" if is_fine else "is not the form of one"
        yield Finding(
            parameter="code_challenge",
            received=finding.hidden(challenge),
            expected="43 characters: the base64url of a SHA-256, without padding",
            verdict=verdict if challenge else "is missing",
            clause="RFC 7636 §4.3",
            fix="" if is_fine else "Switch PKCE with S256 on in the application's library.",
        )
        yield finding.one_of("code_challenge_method", method or "", pkce.METHODS, "RFC 7636 §4.3")


def _rest(request: ProtocolRequest, _client: Client) -> Iterator[Finding]:
    if types.ID_TOKEN in (request.optional("response_type") or "").split():
        nonce = request.optional("nonce")
        yield Finding(
            parameter="nonce",
            received=finding.hidden(nonce),
            expected="a value that the application remembers",
            verdict="is there" if nonce else "is missing, and an ID token is asked for",
            clause="OIDC Core §3.2.2.1",
            fix="" if nonce else "Send a nonce, and compare it with the ID token's.",
        )
    prompts = (request.optional("prompt") or "").split()
    for prompt in prompts:
        yield finding.one_of("prompt", prompt, authorization.PROMPTS, "OIDC Core §3.1.2.1")
    if "none" in prompts and len(prompts) > 1:
        yield Finding(
            parameter="prompt",
            received=finding.shown(" ".join(prompts)),
            expected="none alone, or some of the others",
            verdict="contradicts itself",
            clause="OIDC Core §3.1.2.1",
            fix="Send prompt=none alone.",
        )
    if (age := request.optional("max_age")) is not None and not age.isdecimal():
        yield Finding(
            parameter="max_age",
            received=finding.shown(age),
            expected="a number of seconds",
            verdict="is no number",
            clause="OIDC Core §3.1.2.1",
            fix="Send seconds, as in max_age=3600.",
        )
