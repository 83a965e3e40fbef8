"""OpenAPI 3.1 §4.8.24 — the schemas of what the protocol sends and takes, computed where it can be.

Metadata is described by what this server says of itself, client metadata by the rows that hold it,
claims by what is known of people.
"""

from typing import Any

from django.db import models as columns

from accounts import profile
from accounts.api import scopes
from authserver import members, metadata, models, own_members, resources
from authserver.openapi.parts import Part, oauth_error, ref

TEXT: Part = {"type": "string"}
TEXTS: Part = {"type": "array", "items": TEXT}
URI: Part = {"type": "string", "format": "uri"}
NUMBER: Part = {"type": "integer"}
BOOLEAN: Part = {"type": "boolean"}


def schemas() -> dict[str, Part]:
    """Return every schema by name."""
    return {
        "OAuthError": oauth_error(),
        "TokenAnswer": _tokens(),
        "Introspection": _introspection(),
        "Claims": _claims(),
        "KeySet": _key_set(),
        "Metadata": described(_metadata()),
        "ProtectedResource": described(scopes.metadata()),
        "ClientMetadata": _client_metadata(),
        "RegisteredClient": _registered_client(),
    }


def record(description: str, required: dict[str, Part], optional: dict[str, Part]) -> Part:
    """Return the schema of an object."""
    return {
        "type": "object",
        "description": description,
        "properties": {**required, **optional},
        "required": list(required),
    }


def described(document: dict[str, Any]) -> Part:
    """Return the schema of a document like this one, with it as the example."""
    kinds = {name: _kind(value) for name, value in document.items()}
    return record("Computed from what is registered.", kinds, {}) | {"examples": [document]}


def _metadata() -> dict[str, Any]:
    return metadata.document(tuple(scope.name for scope in resources.scopes()))


def _kind(value: object) -> Part:
    match value:
        case bool():
            return BOOLEAN
        case int():
            return NUMBER
        case list():
            return TEXTS
        case dict():
            return {"type": "object"}
        case str() if "://" in value:
            return URI
        case _:
            return TEXT


def _tokens() -> Part:
    required = {"access_token": TEXT, "token_type": {"const": "Bearer"}, "expires_in": NUMBER}
    optional = {
        "scope": TEXT,
        "refresh_token": TEXT,
        "id_token": TEXT | {"description": "OIDC Core §3.1.3.3: with the scope openid."},
        "device_secret": TEXT,
        "issued_token_type": TEXT,
    }
    return record("RFC 6749 §5.1: what was issued.", required, optional)


def _introspection() -> Part:
    optional = {
        **dict.fromkeys(("scope", "client_id", "token_type", "sub", "iss", "jti"), TEXT),
        "aud": {"type": ["string", "array"], "items": TEXT},
        **dict.fromkeys(("exp", "iat", "auth_time"), NUMBER),
    }
    return record("RFC 7662 §2.2: what a token says.", {"active": BOOLEAN}, optional)


def _claims() -> Part:
    optional = {name: _claim(name) for name in profile.SCOPE_OF}
    return record("OIDC Core §5.1: what is known of a person.", {"sub": TEXT}, optional)


def _claim(name: str) -> Part:
    if name.endswith("_verified"):
        return BOOLEAN
    return {"updated_at": NUMBER, "address": {"type": "object"}}.get(name, TEXT)


def _key_set() -> Part:
    key = record("RFC 7517 §4", dict.fromkeys(("kty", "kid", "alg", "use"), TEXT), {})
    return record("RFC 7517 §5", {"keys": {"type": "array", "items": key}}, {})


def _client_metadata() -> Part:
    kinds = {name: _column(name) for name in own_members.OWN}
    languages = "|".join(sorted(members.LOCALIZED))
    return record("RFC 7591 §2: what a client says of itself.", {}, kinds) | {
        "patternProperties": {f"^(?:{languages})#[A-Za-z0-9-]+$": TEXT}
    }


def _column(member: str) -> Part:
    """Return what the row's column holds: nothing about a member is written here again."""
    column = models.Client._meta.get_field(own_members.column(member))  # noqa: SLF001  Django's way
    match column:
        case columns.BooleanField():
            return BOOLEAN
        case columns.IntegerField():
            return NUMBER
        case columns.JSONField():
            return {"type": "object"} if member == "jwks" else TEXTS
        case _:
            return TEXT


def _registered_client() -> Part:
    required = {
        "client_id": TEXT,
        "client_id_issued_at": NUMBER,
        "registration_client_uri": URI,
        "registration_access_token": TEXT,
    }
    optional = {"client_secret": TEXT, "client_secret_expires_at": NUMBER}
    told = record("RFC 7591 §3.2.1: the client as it is registered.", required, optional)
    return {"allOf": [ref("schemas", "ClientMetadata"), told]}
