"""OpenAPI 3.1 §4.8.11 — how clients register themselves, where the policy offers it."""

from typing import Final

from authserver import errors, metadata
from authserver.openapi import parts
from authserver.openapi.parts import JSON, Part, ref
from authserver.openapi.shapes import TEXT
from config import policy
from config.policy import RegistrationMode

SECURITY_SCHEME: Final[Part] = {
    "RegistrationToken": {
        "type": "http",
        "scheme": "bearer",
        "description": "RFC 7591 §3, RFC 7592 §3: an initial or a registration access token.",
    }
}
_SENT: Final = {
    "client_name": "My application",
    "redirect_uris": ["https://app.example/callback"],
    "grant_types": ["authorization_code", "refresh_token"],
    "token_endpoint_auth_method": "none",
    "scope": "openid profile",
}
_FAULTY: Final = (
    errors.InvalidRedirectUri,
    errors.InvalidClientMetadata,
    errors.InvalidSoftwareStatement,
    errors.UnapprovedSoftwareStatement,
)
_TOKEN: Final[list[Part]] = [{"RegistrationToken": []}]


def path() -> Part:
    """Describe the registration endpoint: of it all, and of each client."""
    which = {
        "name": "client_id",
        "in": "query",
        "required": True,
        "description": "The client whose registration access token this is.",
        "schema": TEXT,
        "example": "0190c2f46f5a",
    }
    return {
        "post": _registered(),
        "get": _own("showClient", "Show a client", which, _told("The client.")),
        "put": {
            **_own("changeClient", "Replace a client's metadata", which, _told("As it is now.")),
            "requestBody": _body({"client_id": "0190c2f46f5a", **_SENT}),
        },
        "delete": _own("removeClient", "Remove a client", which, _gone()),
    }


def _registered() -> Part:
    is_open = policy.current().registration.mode is RegistrationMode.OPEN
    return {
        "operationId": "registerClient",
        "summary": "Register a client",
        "description": "RFC 7591 §3.1. The answer holds what is registered, and so what is not.",
        "security": [{}, *_TOKEN] if is_open else _TOKEN,
        "requestBody": _body(_SENT),
        "responses": {"201": _told("Registered."), **parts.faults((*parts.TOKEN, *_FAULTY))},
    }


def _own(name: str, summary: str, which: Part, done: Part) -> Part:
    status = "204" if "content" not in done else "200"
    return {
        "operationId": name,
        "summary": summary,
        "description": "RFC 7592 §2, with the registration access token of this very client.",
        "security": _TOKEN,
        "parameters": [which],
        "responses": {status: done, **parts.faults((*parts.TOKEN, *_FAULTY))},
    }


def _body(example: Part) -> Part:
    return parts.form(ref("schemas", "ClientMetadata"), {"client": example}, JSON)


def _told(words: str) -> Part:
    shown = {
        "client_id": "0190c2f46f5a",
        "client_id_issued_at": 1790000000,
        "registration_client_uri": f"{metadata.address('register')}?client_id=0190c2f46f5a",
        "registration_access_token": "as_rg_SplxlOBeZQQYbYS6WxSbIA",
        **_SENT,
    }
    body = parts.content(ref("schemas", "RegisteredClient"), {"client": shown})
    return parts.answer(words, body)


def _gone() -> Part:
    return parts.answer("Removed, with everything that was granted to it.")
