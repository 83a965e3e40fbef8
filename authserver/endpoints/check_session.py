"""OIDC Session Management §3.2 — the page that applications frame to watch a browser's session.

Any site may frame it: it shows nothing, does nothing on a click, and answers whoever asks only
whether what they were told at sign-in is still so. Its one script hashes by itself, because
browsers keep theirs from plain http.
"""

from django.template.loader import render_to_string

from authserver import browser_state, errors, http
from authserver.request import ProtocolRequest
from config.answer import Answer
from config.headers import Route

_HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "public, max-age=300"),
)


@http.machine_endpoint("GET", route=Route.FRAMED, logged=False, limit="documents")
def check_session(_request: ProtocolRequest) -> Answer:
    """Return the page; the same for everybody."""
    if not browser_state.is_offered():
        raise errors.InvalidRequest("This is switched off here.", status_code=404)
    page = render_to_string(
        "authserver/check_session.html", {"cookie": browser_state.cookie_name()}
    )
    return Answer(headers=_HEADERS, body=page.encode())
