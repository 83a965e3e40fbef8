"""OAuth 2.0 Multiple Response Types §3 — what an answer may hold, and how it may travel.

An access token in a URL is what RFC 9700 §2.1.2 warns of, so `id_token token` is for a policy to
permit; whatever holds a token never travels in a query (§2.1).
"""

from typing import Final

from config import policy

CODE: Final = "code"
ID_TOKEN: Final = "id_token"
TOKEN: Final = "token"
IMPLICIT: Final = "implicit"
"""The grant type of what comes without a code (RFC 7591 §2.1); no token endpoint knows it."""
MODES: Final = ("query", "fragment", "form_post")
_SAFE: Final = ("code", "id_token", "code id_token")
_IN_URL: Final = "id_token token"


def supported() -> tuple[str, ...]:
    """Return the response types that a client may be registered for, in canonical order."""
    is_permitted = policy.current().responses.danger_access_token_in_url
    return (*_SAFE, _IN_URL) if is_permitted else _SAFE


def canonical(text: str) -> str:
    """Return a response type with its words in order: to a client their order means nothing."""
    return " ".join(sorted(text.split(" ")))


def modes(text: str) -> tuple[str, ...]:
    """Return the response modes that suit a response type, known or not; the first is its usual."""
    holds_token = not {ID_TOKEN, TOKEN}.isdisjoint(text.split())
    return MODES[1:] if holds_token else MODES
