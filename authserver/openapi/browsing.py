"""OpenAPI 3.1 §4.8.12 — what a browser is sent to: the authorization endpoint, and the way out."""

from typing import Any, Final

from authserver import authorization, errors, response_types
from authserver.extensions import pkce
from authserver.forms import REPEATABLE
from authserver.openapi import parts
from authserver.openapi.parts import Part
from authserver.openapi.shapes import TEXT, TEXTS, URI
from config import environment

_CALLBACK: Final = "https://app.example/callback"
_WORDS: Final[dict[str, str]] = {
    "response_type": "RFC 6749 §3.1.1.",
    "client_id": "RFC 6749 §2.2.",
    "redirect_uri": "Exactly one that is registered.",
    "scope": "Names separated by single spaces.",
    "state": "Comes back unchanged.",
    "response_mode": "OAuth 2.0 Multiple Response Types §2.1.",
    "nonce": "Comes back in the ID token.",
    "code_challenge": "RFC 7636 §4.2.",
    "code_challenge_method": "RFC 7636 §4.3.",
    "prompt": "OIDC Core §3.1.2.1; separated by single spaces.",
    "max_age": "Seconds since the person proved themselves, at most.",
    "login_hint": "Whom the application expects.",
    "id_token_hint": "An ID token of whom the application expects.",
    "acr_values": "Levels of authentication, the best first.",
    "claims": "OIDC Core §5.5: single claims, as JSON.",
    "ui_locales": "Languages for the pages.",
    "claims_locales": "Languages for the claims.",
    "display": "OIDC Core §3.1.2.1.",
    "resource": "RFC 8707 §2: may be repeated.",
    "request": "RFC 9101 §5.1: the request as a signed JWT.",
    "request_uri": "RFC 9101 §5.2: where it lies; registered.",
}
_EXAMPLE: Final = {
    "response_type": "code",
    "client_id": "web-app",
    "redirect_uri": _CALLBACK,
    "scope": "openid users:read",
    "state": "af0ifjsldkj",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}
_OUT: Final = {
    "id_token_hint": "An ID token of who is to be signed out.",
    "logout_hint": "Their identifier, session or e-mail address.",
    "client_id": "The application that asks.",
    "post_logout_redirect_uri": "Where to go then; registered.",
    "state": "Comes back unchanged.",
    "ui_locales": "Languages for the pages.",
}
_OUT_EXAMPLE: Final = {
    "client_id": "web-app",
    "post_logout_redirect_uri": "https://app.example/",
    "state": "af0ifjsldkj",
}


def authorize(method: str) -> Part:
    """Describe the authorization endpoint for GET or POST."""
    kinds = {name: _kind(name) for name in (*authorization.KEPT, *REPEATABLE, *_OBJECTS)}
    words = {name: _WORDS[name] for name in kinds}
    sent = f"{_CALLBACK}?code=as_ac_Splxl&state=af0ifjsldkj&iss={environment.current().issuer}"
    return {
        "operationId": f"authorize{method.title()}",
        "summary": "Ask a person for access",
        "description": (
            "RFC 6749 §3.1, for a browser. Signs the person in and asks them where that is needed;"
            " the answer goes to the redirect URI, errors too once it is known for certain."
        ),
        "security": [{}],
        **_taken(method, kinds, words, _EXAMPLE),
        "responses": _pages(sent),
    }


def end_session(method: str) -> Part:
    """Describe the end-session endpoint for GET or POST."""
    kinds = {name: URI if name.endswith("_uri") else TEXT for name in _OUT}
    return {
        "operationId": f"endSession{method.title()}",
        "summary": "Sign a person out",
        "description": "OIDC RP-Initiated Logout §2, for a browser. Who is not certain is asked.",
        "security": [{}],
        **_taken(method, kinds, _OUT, _OUT_EXAMPLE),
        "responses": _pages("https://app.example/?state=af0ifjsldkj"),
    }


_OBJECTS: Final = ("request", "request_uri")


def _kind(name: str) -> Part:
    choices = {
        "response_type": response_types.supported(),
        "response_mode": response_types.MODES,
        "code_challenge_method": pkce.METHODS,
        "display": authorization.DISPLAYS,
    }
    if name in choices:
        return TEXT | {"enum": list(choices[name])}
    if name == "max_age":
        return {"type": "integer", "minimum": 0}
    if name in REPEATABLE:
        return TEXTS
    return URI if name.endswith("_uri") else TEXT


def _taken(method: str, kinds: Part, words: dict[str, str], example: dict[str, str]) -> Part:
    """Return where the parameters are: in the query of a GET, in the body of a POST."""
    if method == "get":
        return {"parameters": [_parameter(name, kinds, words, example) for name in kinds]}
    described = {name: kind | {"description": words[name]} for name, kind in kinds.items()}
    required = [name for name in described if name in _NEEDED and "code_challenge" in kinds]
    schema = {"type": "object", "properties": described}
    return {
        "requestBody": parts.form(
            schema | ({"required": required} if required else {}), {"request": example}
        )
    }


_NEEDED: Final = frozenset({"client_id"})


def _parameter(name: str, kinds: Part, words: dict[str, str], example: dict[str, str]) -> Part:
    found: dict[str, Any] = {
        "name": name,
        "in": "query",
        "description": words[name],
        "schema": kinds[name],
    }
    if name in _NEEDED and "code_challenge" in kinds:
        found["required"] = True
    return found | ({"example": example[name]} if name in example else {})


def _pages(sent: str) -> Part:
    """Return what a browser may be answered: a page, a way on, or a page about what is wrong."""
    onward = parts.answer("On to the next page, or back to the application.", None, "Location")
    onward["headers"]["Location"] = {**parts.HEADERS_SHOWN["Location"], "example": sent}
    refused = (errors.InvalidRequest, errors.RequestTooLarge, errors.UriTooLong)
    return {
        "200": parts.answer("A page for the person.", _page("<h1>Sign in</h1>")),
        "303": onward,
        **{
            str(kind.status_code): parts.answer(
                f"{' '.join((kind.__doc__ or '').split())} Said on a page.",
                _page(f"<p>{kind.error}: {kind.description}</p>"),
            )
            for kind in refused
        },
    }


def _page(text: str) -> Part:
    return parts.content(TEXT, {"page": f"<!doctype html>…{text}…"}, parts.HTML)
