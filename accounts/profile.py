"""OIDC Core §5.1 — the standard claims of a person: which scope asks for which, and how they read.

Whatever is shown to an application is named here, so nothing else of a person's row can leave; no
name here is one that the protocol itself speaks with (`iss`, `aud`, `acr`, …).
"""

from collections.abc import Mapping
from typing import Final

SCOPES: Final[Mapping[str, tuple[str, ...]]] = {
    "profile": (
        "name",
        "given_name",
        "family_name",
        "middle_name",
        "nickname",
        "preferred_username",
        "profile",
        "picture",
        "website",
        "gender",
        "birthdate",
        "zoneinfo",
        "locale",
        "updated_at",
    ),
    "email": ("email", "email_verified"),
    "phone": ("phone_number", "phone_number_verified"),
    "address": ("address",),
}
"""The claims each scope asks for (OIDC Core §5.4); they are columns of the same name."""
SCOPE_OF: Final[Mapping[str, str]] = {
    claim: scope for scope, claims in SCOPES.items() for claim in claims
}
"""Every claim about a person, and the scope it belongs to."""
