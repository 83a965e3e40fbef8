"""OIDC Core §5.1 — the standard claims of a person: which scope asks for which, and how they read.

Whatever is shown to an application is named here, so nothing else of a person's row can leave; no
name here is one that the protocol itself speaks with (`iss`, `aud`, `acr`, …).
"""

import re
from collections.abc import Collection, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

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
_WORDS: Final[Mapping[str, Any]] = {
    "name": _("your name"),
    "given_name": _("your given name"),
    "family_name": _("your family name"),
    "middle_name": _("your middle name"),
    "nickname": _("your nickname"),
    "preferred_username": _("the user name you prefer"),
    "profile": _("the address of your profile page"),
    "picture": _("your picture"),
    "website": _("your website"),
    "gender": _("your gender"),
    "birthdate": _("your date of birth"),
    "zoneinfo": _("your time zone"),
    "locale": _("your language"),
    "updated_at": _("when your profile last changed"),
    "email": _("your e-mail address"),
    "email_verified": _("whether your e-mail address is confirmed"),
    "phone_number": _("your phone number"),
    "phone_number_verified": _("whether your phone number is confirmed"),
    "address": _("your postal address"),
}
_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_web_address = URLValidator(["https", "http"])


def in_words(claim: str) -> str:
    """Return what a claim is about, as people are told."""
    return str(_WORDS.get(claim, claim))


def validate_text(value: str) -> None:
    """Refuse what is not seen, or turns the direction of what stands around it.

    Raises:
        ValidationError: for control characters, line breaks and bidirectional controls.
    """
    if _UNSEEN.search(value):
        raise ValidationError(_("Use visible characters only."), code="unseen")


def validate_link(value: str) -> None:
    """Refuse what is not the plain address of a web page.

    Raises:
        ValidationError: for another scheme than http and https, and for credentials in it.
    """
    validate_text(value)
    _web_address(value)
    if "@" in urlsplit(value).netloc or "\\" in value:
        raise ValidationError(_("Enter an address without credentials."), code="credentials")


def validate_address(value: object) -> None:
    """Refuse what is not an object of texts (OIDC Core §5.1.1); their lines may break.

    Raises:
        ValidationError: for anything else.
    """
    if not isinstance(value, dict) or not all(isinstance(part, str) for part in value.values()):
        raise ValidationError(_("Enter an object whose members are text."), code="shape")
    for text in (*value, *value.values()):
        validate_text(text.replace("\r", "").replace("\n", ""))


def claims(known: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """Return these claims of a row; what is empty is no claim, nor is a flag about it."""
    shown: dict[str, Any] = {name: known[name] for name in names}
    if shown.get("birthdate"):
        shown["birthdate"] = known["birthdate"].isoformat()
    if "updated_at" in shown:
        shown["updated_at"] = int(known["updated_at"].timestamp())
    if "address" in shown:
        parts = known["address"] or {}
        shown["address"] = {part: text for part, text in parts.items() if text}
    if not known["phone_number"]:
        shown.pop("phone_number_verified", None)
    return {claim: value for claim, value in shown.items() if value not in ("", None, {})}
