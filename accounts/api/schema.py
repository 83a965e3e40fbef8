"""OpenAPI 3.1 §4.1 — the description of the API, made from its views and kept until they change.

What stands above accounts completes it, by the hooks that config.settings names.
"""

import functools
import json
from collections.abc import Hashable
from typing import Any

from drf_spectacular.generators import SchemaGenerator

from accounts.api import described, scopes
from config import environment, policy
from config.environment import Environment
from config.policy import Policy


def body(*, of: Hashable) -> bytes:
    """Return the description as JSON; made anew only when what it is made `of` has changed."""
    return _body(environment.current(), policy.current(), of)


@functools.lru_cache(maxsize=4)
def _body(_where: Environment, _permits: Policy, _of: Hashable) -> bytes:
    return json.dumps(document(), separators=(",", ":"), ensure_ascii=False).encode()


def document() -> dict[str, Any]:
    """Return the description."""
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return made


def finished(result: dict[str, Any], **_whose: Any) -> dict[str, Any]:
    """Return what the views say with what they have in common: a hook."""
    prefix = environment.current().issuer_path
    result["paths"] = {
        path.removeprefix(prefix): operations for path, operations in result["paths"].items()
    }
    found = result.setdefault("components", {})
    found.setdefault("schemas", {}).update(described.schemas())
    found.setdefault("securitySchemes", {}).update(
        BearerAuth={
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": f"An access token of this server for {scopes.audience()}.",
        },
        ApiKeyAuth={
            "type": "apiKey",
            "in": "header",
            "name": "X-API-Key",
            "description": "A key that an administrator made for a service.",
        },
    )
    result["info"]["description"] = (
        "The accounts of people, and the OAuth 2.1 and OpenID Connect endpoints that issue what"
        " opens them. Errors are problem details (RFC 9457), those of OAuth as OAuth has them."
    )
    return result
