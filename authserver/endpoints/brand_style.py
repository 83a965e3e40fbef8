"""WCAG 2.2 §1.4.11 — the style sheet of an accent: four colours for each theme, and nothing else.

It follows from the accent alone and is named by its content, so a browser never asks twice.
"""

from typing import Final

from authserver import errors, http
from authserver.request import ProtocolRequest
from config import colours
from config.answer import Answer
from config.headers import Route

_FOR_EVER: Final = ("Cache-Control", "public, max-age=31536000, immutable")
_NOT_THE_ONE_NAMED: Final = ("Cache-Control", "no-store")
_KIND: Final = ("Content-Type", "text/css; charset=utf-8")


@http.machine_endpoint("GET", route=Route.FILE, logged=False, limit="documents")
def brand_style(request: ProtocolRequest) -> Answer:
    """Return the style sheet."""
    accent = f"#{request.required('accent')}"
    if not colours.is_colour(accent):
        raise errors.InvalidRequest("The accent is not a colour.")
    sheet = colours.stylesheet(accent)
    is_named = request.optional("digest") == colours.digest(sheet)
    kept = _FOR_EVER if is_named else _NOT_THE_ONE_NAMED
    return Answer(headers=(_KIND, kept), body=sheet.encode())
