"""RFC 8414 §2, OIDC Discovery §3 — the server's metadata, computed from what is registered.

No value is typed twice: what an endpoint, a grant or a policy does not know is not advertised.
"""

import functools
import json
from typing import Any

from django.urls import reverse

from accounts import authentication, people
from authserver import authorization, client_auth, resources, response_types, server
from authserver.extensions import pkce
from config import environment
from config.environment import Environment
from tokens import keys


def body() -> bytes:
    """Return the metadata document as JSON; made anew only when the scopes have changed."""
    return _body(environment.current(), tuple(scope.name for scope in resources.scopes()))


@functools.lru_cache(maxsize=4)
def _body(_where: Environment, scopes: tuple[str, ...]) -> bytes:
    return json.dumps(document(scopes), separators=(",", ":")).encode()


def document(scopes: tuple[str, ...]) -> dict[str, Any]:
    """Return the metadata document of a server with these scopes."""
    methods, confidential = list(client_auth.METHODS), list(client_auth.CONFIDENTIAL)
    assertion_algorithms = list(client_auth.SIGNING_ALGORITHMS)
    return {
        "issuer": environment.current().issuer,
        **{f"{name}_endpoint": address(name) for name in ("authorization", "token", "userinfo")},
        "introspection_endpoint": address("introspection"),
        "revocation_endpoint": address("revocation"),
        "end_session_endpoint": address("end_session"),
        "jwks_uri": address("jwks"),
        "scopes_supported": list(scopes),
        "response_types_supported": list(response_types.supported()),
        "response_modes_supported": list(response_types.MODES),
        "grant_types_supported": server.grant_types(),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": list(reversed(keys.ALGORITHMS)),
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": assertion_algorithms,
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": assertion_algorithms,
        "introspection_endpoint_auth_methods_supported": confidential,
        "introspection_endpoint_auth_signing_alg_values_supported": assertion_algorithms,
        "code_challenge_methods_supported": list(pkce.METHODS),
        "prompt_values_supported": list(authorization.PROMPTS),
        "acr_values_supported": [authentication.SINGLE_FACTOR],
        "claim_types_supported": ["normal"],
        "claims_supported": sorted({*people.CLAIMS, "acr", "amr", "auth_time", "sid"}),
        "authorization_response_iss_parameter_supported": True,
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
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
