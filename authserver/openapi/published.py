"""OpenAPI 3.1 §4.8.9 — what anybody, or a token's holder, may fetch: metadata, keys, claims."""

from accounts.api import scopes
from authserver import errors, metadata, resources
from authserver.openapi import parts
from authserver.openapi.parts import Part, ref
from authserver.openapi.shapes import TEXT, record
from config import environment


def discovery(name: str, specification: str) -> Part:
    """Describe one of the two addresses of the metadata."""
    shown = metadata.document(tuple(scope.name for scope in resources.scopes()))
    body = parts.content(ref("schemas", "Metadata"), {"metadata": shown})
    return _document(name, "What this server can do", specification, body)


def keys() -> Part:
    """Describe the key set."""
    key = {
        "kty": "EC",
        "kid": "2026-11-ec",
        "alg": "ES256",
        "use": "sig",
        "crv": "P-256",
        "x": "WKn-ZIGevcwGIyyrzFoZNBdaq9_TsqzGl96oc0CWuis",
        "y": "y77t-RvAHRKTsSGdIYUfweuOvwrvDD-Q3Hv5J0fSKbE",
    }
    kind = "application/jwk-set+json"
    body = parts.content(ref("schemas", "KeySet"), {"keys": {"keys": [key]}}, kind)
    return _document("keys", "The keys that verify what this server signs", "RFC 7517 §5.", body)


def protected_resource(name: str) -> Part:
    """Describe one of the addresses of the API's metadata."""
    body = parts.content(ref("schemas", "ProtectedResource"), {"api": scopes.metadata()})
    words = "RFC 9728 §3.1: which server issues tokens for the API, and for which scopes."
    return _document(name, "Where the API's tokens come from", words, body)


def userinfo(method: str) -> Part:
    """Describe the userinfo endpoint for GET or POST."""
    issuer = environment.current().issuer
    claims = {
        "sub": "0190c2f4-6f5a-7c2e-9a55-0b5d8e1f3c11",
        "name": "Demo Person",
        "email": "demo@example.com",
        "email_verified": True,
    }
    body = parts.content(ref("schemas", "Claims"), {"claims": claims})
    signed = {"schema": TEXT, "examples": {"signed": {"value": parts.JWT}}}
    kinds = (*parts.TOKEN, errors.InsufficientScope)
    described: Part = {
        "operationId": f"userinfo{method.title()}",
        "summary": "What is known of the person a token is about",
        "description": f"OIDC Core §5.3, at {issuer}. Which claims: those of the token's scopes.",
        "security": [{"BearerAuth": []}, {"OAuth2": ["openid"]}, {"OpenIDConnect": ["openid"]}],
        "responses": {
            "200": parts.counted(
                "The claims, as JSON or as the client registered to get them.",
                {**body, "application/jwt": signed},
            ),
            **parts.faults(kinds),
        },
    }
    if method == "post":
        schema = record("RFC 6750 §2.2: the token in the body.", {}, {"access_token": TEXT})
        body = parts.form(schema, {"in_the_body": {"access_token": parts.JWT}})
        described["requestBody"] = {**body, "required": False}
    return described


def _document(name: str, summary: str, specification: str, body: Part) -> Part:
    return {
        "operationId": name,
        "summary": summary,
        "description": specification,
        "security": [{}],
        "responses": {
            "200": parts.answer("The document; it may be kept for a while.", body),
            **parts.faults(()),
        },
    }
