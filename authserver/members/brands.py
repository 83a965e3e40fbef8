"""What an operator says of an application's looks: an accent, a tagline, a support link."""

from typing import Any

from authserver.members.shapes import WrongError
from config import branding

_LOCALES = "locales"


def brand(value: object) -> dict[str, Any]:
    """Read `{accent, tagline, support_url, locales: {tag: {tagline, support_url}}}`."""
    if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
        raise WrongError("must be an object")
    plain = {name: each for name, each in value.items() if name != _LOCALES}
    texts, faults = branding.words(plain, branding.ClientBranding)
    tagged, wrong = branding.locales(value.get(_LOCALES, {}), branding.ClientWords)
    if said := "; ".join(f"{fault.key} {fault.problem}" for fault in (*faults, *wrong)):
        raise WrongError(said.removesuffix("."))
    said_of = {name: text for name, text in texts.items() if text}
    return said_of | ({_LOCALES: tagged} if tagged else {})
