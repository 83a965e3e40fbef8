"""OWASP API9:2023 — the description of the API: whether it is shown here, and where.

In production only where the policy says so, and then to be read, not to be tried.
"""

from typing import Final

from config import environment, policy

SCHEMA_PATH: Final = "api/v1/openapi.json"
PAGE_PATH: Final = "api/v1/docs"
REDIRECT_PATH: Final = "api/v1/docs/oauth2-redirect"
"""Relative to the issuer."""


def is_offered() -> bool:
    """Tell whether description and page are there."""
    return not environment.current().is_production or policy.current().api.docs_in_production


def is_for_trying() -> bool:
    """Tell whether the page sends requests."""
    return not environment.current().is_production


def address(path: str) -> str:
    """Return the URL of one of the paths above."""
    return f"{environment.current().issuer}/{path}"
