"""OpenAPI 3.1 §4.8.1 — the protocol's endpoints in the description of the API.

Called by name (config.settings) once the API has described itself. Addresses, scopes, grants,
errors and schemas are asked of what answers for them.
"""

from typing import Any

from django.urls import reverse

from accounts.api import scopes
from authserver import metadata, registration, resources
from authserver.openapi import browsing, parts, presented, published, registering, shapes
from authserver.openapi.parts import Part
from config import environment, policy

_TAGS = {
    "users": "The accounts of people.",
    "oauth": "OAuth 2.1 and OpenID Connect: what applications speak to.",
    "published": "Documents that anybody may read.",
    "registration": "How clients register themselves.",
}


def described(result: Part, **_whose: Any) -> Part:
    """Return the description, completed."""
    here = environment.current()
    found = result.setdefault("components", {})
    found.setdefault("schemas", {}).update(shapes.schemas())
    found.setdefault("headers", {}).update(parts.HEADERS_SHOWN)
    schemes = found.setdefault("securitySchemes", {})
    schemes.update(_security_schemes())
    if policy.current().registration.is_offered:
        schemes.update(registering.SECURITY_SCHEME)
    result["paths"] = {**result.get("paths", {}), **_paths()}
    result["servers"] = [{"url": here.issuer, "description": "This server."}]
    used = {tag for path in result["paths"].values() for tag in _tags_of(path)}
    result["tags"] = [
        {"name": name, "description": words} for name, words in _TAGS.items() if name in used
    ]
    return result


def _paths() -> dict[str, Part]:
    endpoints = {
        "authorize": _both(browsing.authorize),
        "token": {"post": presented.token()},
        "introspect": {"post": presented.introspection()},
        "revoke": {"post": presented.revocation()},
        "userinfo": _both(published.userinfo),
        "logout": _both(browsing.end_session),
    }
    documents = {
        "jwks": {"get": published.keys()},
        "openid-configuration": {
            "get": published.discovery("openidConfiguration", "OIDC Discovery §4.")
        },
        "metadata": {"get": published.discovery("serverMetadata", "RFC 8414 §3.")},
        "api-metadata": {"get": published.protected_resource("apiMetadata")},
        "api-metadata-by-path": {"get": published.protected_resource("apiMetadataByPath")},
    }
    offered = {"register": registering.path()} if policy.current().registration.is_offered else {}
    groups = {"oauth": endpoints, "published": documents, "registration": offered}
    return {
        _path(name): {method: {"tags": [tag], **operation} for method, operation in path.items()}
        for tag, group in groups.items()
        for name, path in group.items()
    }


def _both(describe: Any) -> Part:
    return {method: describe(method) for method in ("get", "post")}


def _path(name: str) -> str:
    """Return an endpoint's path under the issuer, which is the server of the description."""
    return reverse(f"authserver:{name}").removeprefix(environment.current().issuer_path)


def _tags_of(path: Part) -> list[str]:
    return [tag for operation in path.values() for tag in operation.get("tags", ())]


def _security_schemes() -> dict[str, Part]:
    known = {scope.name: scope.title for scope in resources.scopes()}
    token = metadata.address("token")
    programs = {name: words for name, words in known.items() if name not in _ABOUT_PEOPLE}
    flows = {
        "authorizationCode": {
            "authorizationUrl": metadata.address("authorization"),
            "tokenUrl": token,
            "refreshUrl": token,
            "scopes": known,
        },
        "clientCredentials": {"tokenUrl": token, "scopes": programs},
    }
    configuration = metadata.address("openid-configuration")
    return {
        "OAuth2": {
            "type": "oauth2",
            "description": "Sign in; with PKCE (S256), without a secret.",
            "flows": flows,
        },
        "OpenIDConnect": {"type": "openIdConnect", "openIdConnectUrl": configuration},
        "ClientBasic": {
            "type": "http",
            "scheme": "basic",
            "description": "RFC 6749 §2.3.1: a client's id and secret.",
        },
    }


_ABOUT_PEOPLE = registration.IDENTITY_SCOPES | {scopes.ADMIN}
