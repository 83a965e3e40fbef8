"""OpenAPI 3.1 §4.8.10 — what clients send about tokens: token, introspection, revocation.

Each grant that is spoken has its form here: one that is registered without a form stops the
description, so that none is forgotten.
"""

from typing import Any, Final

from authserver import assertions, errors, server
from authserver.grants import native_sso
from authserver.openapi import parts
from authserver.openapi.parts import Part, ref
from authserver.openapi.shapes import TEXT, TEXTS, URI, record
from config import environment

CLIENT: Final[list[Part]] = [{"ClientBasic": []}, {}]
"""By Basic, or by parameters of the body; a public client only names itself."""
_PROOF: Final[Part] = {
    "client_id": TEXT | {"description": "Where the client does not authenticate by Basic."},
    "client_secret": TEXT | {"format": "password"},
    "client_assertion": TEXT | {"description": "RFC 7523 §2.2: a JWT the client signed."},
    "client_assertion_type": {"const": assertions.TYPE},
}
_SCOPE: Final[Part] = TEXT | {"description": "Names separated by single spaces."}
_RESOURCE: Final[Part] = TEXTS | {"description": "RFC 8707 §2: may be repeated."}
_VERIFIER: Final[Part] = TEXT | {"pattern": "^[A-Za-z0-9._~-]{43,128}$"}
_HANDLE: Final = "as_rt_tGzv3JOkF0XG5Qx2TlKWIA"
_TOKEN: Final = parts.JWT
_ANSWERS: Final = (
    *parts.CLIENT,
    errors.UnauthorizedClient,
    errors.UnsupportedGrantType,
    errors.InvalidGrant,
    errors.InvalidScope,
    errors.InvalidTarget,
)


def _code() -> tuple[Part, Part, dict[str, str]]:
    required = {"code": TEXT, "code_verifier": _VERIFIER}
    example = {
        "code": "as_ac_SplxlOBeZQQYbYS6WxSbIA",
        "redirect_uri": "https://app.example/callback",
        "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        "client_id": "web-app",
    }
    return required, {"redirect_uri": URI, "resource": _RESOURCE}, example


def _refresh() -> tuple[Part, Part, dict[str, str]]:
    example = {"refresh_token": _HANDLE, "client_id": "web-app"}
    return {"refresh_token": TEXT}, {"scope": _SCOPE, "resource": _RESOURCE}, example


def _client() -> tuple[Part, Part, dict[str, str]]:
    example = {
        "scope": "users:read",
        "client_id": "machine",
        "client_secret": "a-secret-of-its-own",
    }
    return {}, {"scope": _SCOPE, "resource": _RESOURCE}, example


def _exchange() -> tuple[Part, Part, dict[str, str]]:
    kinds = {
        "audience": {"const": environment.current().issuer},
        "subject_token": TEXT,
        "subject_token_type": {"const": native_sso.ID_TOKEN},
        "actor_token": TEXT,
        "actor_token_type": {"const": native_sso.DEVICE_SECRET},
    }
    example = {name: kind.get("const", _TOKEN) for name, kind in kinds.items()}
    return kinds, {"scope": _SCOPE, "resource": _RESOURCE}, {**example, "client_id": "other-app"}


_FORMS: Final = {
    "authorization_code": _code,
    "refresh_token": _refresh,
    "client_credentials": _client,
    native_sso.TOKEN_EXCHANGE: _exchange,
}


def token() -> Part:
    """Describe the token endpoint: a form for each grant that the policy has it speak."""
    forms: list[Part] = []
    examples: dict[str, Any] = {}
    for grant_type in server.grant_types():
        required, optional, example = _FORMS[grant_type]()
        kind = {"grant_type": {"const": grant_type}}
        forms.append(record(grant_type, {**kind, **required}, {**optional, **_PROOF}))
        examples[grant_type.rpartition(":")[2]] = {"grant_type": grant_type, **example}
    issued = {
        "access_token": _TOKEN,
        "token_type": "Bearer",
        "expires_in": 900,
        "scope": "openid offline_access",
        "refresh_token": _HANDLE,
    }
    body = parts.content(ref("schemas", "TokenAnswer"), {"issued": issued})
    return {
        "operationId": "token",
        "summary": "Exchange a grant for tokens",
        "description": "RFC 6749 §3.2. A code works once, and for a minute.",
        "security": CLIENT,
        "requestBody": parts.form({"oneOf": forms}, examples),
        "responses": {"200": parts.counted("What was issued.", body), **parts.faults(_ANSWERS)},
    }


def introspection() -> Part:
    """Describe the introspection endpoint."""
    active = {
        "active": True,
        "iss": environment.current().issuer,
        "sub": "0190c2f4-6f5a-7c2e-9a55-0b5d8e1f3c11",
        "client_id": "web-app",
        "scope": "users:read",
        "exp": 1790000900,
        "iat": 1790000000,
        "token_type": "Bearer",
    }
    examples = {"active": active, "not_active": {"active": False}}
    body = parts.content(ref("schemas", "Introspection"), examples)
    return {
        "operationId": "introspect",
        "summary": "Ask what a token is good for",
        "description": "RFC 7662 §2. What the caller may not see is answered as not active.",
        "security": [{"ClientBasic": []}, {}],
        "requestBody": _about_a_token(),
        "responses": {
            "200": parts.counted("What the token says.", body),
            **parts.faults(parts.CLIENT),
        },
    }


def revocation() -> Part:
    """Describe the revocation endpoint."""
    body = parts.content({"type": "object"}, {"done": {}})
    return {
        "operationId": "revoke",
        "summary": "End a token",
        "description": "RFC 7009 §2. A token nobody knows is answered like one that was ended.",
        "security": CLIENT,
        "requestBody": _about_a_token(),
        "responses": {
            "200": parts.counted("It no longer counts.", body),
            **parts.faults(parts.CLIENT),
        },
    }


def _about_a_token() -> Part:
    hint = {"token_type_hint": {"enum": ["access_token", "refresh_token"]}}
    schema = record("The token in question.", {"token": TEXT}, {**hint, **_PROOF})
    return parts.form(schema, {"token": {"token": _HANDLE, "client_id": "web-app"}})
