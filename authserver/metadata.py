"""RFC 8414 §2, OIDC Discovery §3 — the server's metadata, computed from what is registered.

No value is typed twice: what an endpoint, a grant or a policy does not know is not advertised.
"""

import functools
import json
from typing import Any

from django.urls import reverse

from accounts import authentication, languages, people
from authserver import (
    authorization,
    client_auth,
    request_objects,
    resources,
    response_types,
    server,
)
from authserver.extensions import pkce
from config import environment, policy
from config.environment import Environment
from config.policy import Policy
from tokens import jwe, jws, pairwise


def body() -> bytes:
    """Return the metadata document as JSON; made anew only when the scopes have changed."""
    names = tuple(scope.name for scope in resources.scopes())
    return _body(environment.current(), policy.current(), names)


@functools.lru_cache(maxsize=4)
def _body(_where: Environment, _permits: Policy, scopes: tuple[str, ...]) -> bytes:
    return json.dumps(document(scopes), separators=(",", ":")).encode()


def document(scopes: tuple[str, ...]) -> dict[str, Any]:
    """Return the metadata document of a server with these scopes."""
    return {
        "issuer": environment.current().issuer,
        **_endpoints(),
        "scopes_supported": list(scopes),
        "grant_types_supported": [*server.grant_types(), response_types.IMPLICIT],
        **_authentication_of_clients(),
        **_requests(),
        **_people(),
        **_algorithms(),
        **_logout(),
        **({"native_sso_supported": True} if policy.current().native_sso.is_offered else {}),
    }


def _endpoints() -> dict[str, str]:
    permits = policy.current()
    offered = {
        "registration_endpoint": ("register", permits.registration.is_offered),
        "check_session_iframe": ("check-session", permits.sessions.check_session_iframe),
    }
    return {
        **{f"{name}_endpoint": address(name) for name in ("authorization", "token", "userinfo")},
        "introspection_endpoint": address("introspection"),
        "revocation_endpoint": address("revocation"),
        "end_session_endpoint": address("end_session"),
        "jwks_uri": address("jwks"),
        **{member: address(name) for member, (name, is_on) in offered.items() if is_on},
    }


def _authentication_of_clients() -> dict[str, Any]:
    methods, confidential = list(client_auth.METHODS), list(client_auth.CONFIDENTIAL)
    algorithms = list(client_auth.SIGNING_ALGORITHMS)
    return {
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        "introspection_endpoint_auth_methods_supported": confidential,
        "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
    }


def _requests() -> dict[str, Any]:
    """Return what an authorization request may say."""
    return {
        "response_types_supported": list(response_types.supported()),
        "response_modes_supported": list(response_types.MODES),
        "code_challenge_methods_supported": list(pkce.METHODS),
        "prompt_values_supported": list(authorization.PROMPTS),
        "display_values_supported": list(authorization.DISPLAYS),
        "ui_locales_supported": list(languages.COMPLETE),
        "acr_values_supported": list(authentication.reachable(None)),
        "authorization_response_iss_parameter_supported": True,
        "claims_parameter_supported": True,
        "request_parameter_supported": True,
        "request_uri_parameter_supported": True,
        "require_request_uri_registration": True,
        "request_object_signing_alg_values_supported": list(request_objects.ALGORITHMS),
    }


def _people() -> dict[str, Any]:
    return {
        "subject_types_supported": list(pairwise.SUBJECT_TYPES),
        "claim_types_supported": ["normal"],
        "claims_supported": sorted({*people.CLAIMS, "acr", "amr", "auth_time", "sid"}),
    }


def _algorithms() -> dict[str, Any]:
    """Return how ID tokens and userinfo are signed and encrypted; RS256 first, as every OP has."""
    signing = sorted(jws.ALGORITHMS, key=lambda alg: alg != "RS256")
    encryption = {
        f"{kind}_encryption_{part}_values_supported": list(values)
        for kind in ("id_token", "userinfo")
        for part, values in (("alg", jwe.ALGORITHMS), ("enc", jwe.ENCRYPTIONS))
    }
    return {
        "id_token_signing_alg_values_supported": signing,
        "userinfo_signing_alg_values_supported": signing,
        **encryption,
    }


def _logout() -> dict[str, bool]:
    channels = ("backchannel", "frontchannel")
    return {
        f"{channel}_logout{kind}_supported": True
        for channel in channels
        for kind in ("", "_session")
    }


_NAMES = {
    "authorization": "authorize",
    "introspection": "introspect",
    "revocation": "revoke",
    "end_session": "logout",
}


def address(name: str) -> str:
    """Return an endpoint's URL under the issuer; the request has no say in it."""
    path = reverse(f"authserver:{_NAMES.get(name, name)}")
    return environment.current().issuer_origin + path
