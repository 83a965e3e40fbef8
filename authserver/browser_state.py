"""OIDC Session Management §2 — what a sign-in looks like from outside: whether it changed, no more.

A cookie that scripts of ours may read holds a keyed hash of the session's name: nothing about the
person, and nothing that opens anything. `session_state` ties it to one client and one origin; the
page of `endpoints.check_session` compares the two. Without the session's own cookie (a frame on
another site) nothing is known, and so nothing is changed.
"""

import hashlib
import hmac
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts import sessions
from config import policy
from tokens import derivation, encoding

_COOKIE: Final = "as_state"
_USUAL_PORTS: Final = {"https": 443, "http": 80}
_SALT_BITS: Final = 96
Handler = Callable[[HttpRequest], HttpResponse]


def is_offered() -> bool:
    """Tell whether applications may watch a browser's session."""
    return policy.current().sessions.check_session_iframe


def cookie_name() -> str:
    """Return the name of the cookie."""
    return f"__Host-{_COOKIE}" if settings.SESSION_COOKIE_SECURE else _COOKIE


def session_state(page: HttpRequest, client_id: str, redirect_uri: str) -> str:
    """Return the `session_state` of an answer, good or bad, or '' where nothing can be watched."""
    origin = _origin(redirect_uri)
    if not (is_offered() and origin):
        return ""
    salt = encoding.token(_SALT_BITS)
    # Without the session's cookie the browser's frame goes on seeing what this cookie says.
    state = _state(page) if _knows_session(page) else page.COOKIES.get(cookie_name(), "")
    seen = f"{client_id} {origin} {state} {salt}".encode("utf-8", "surrogatepass")
    return f"{hashlib.sha256(seen).hexdigest()}.{salt}"


def shown(following: Handler) -> Handler:
    """Keep the cookie in step with the session, on whichever page that begins, changes or ends."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = following(request)
        if is_offered() and request.session.accessed and response.status_code < 500:
            _show(request, response)
        return response

    return middleware


def _show(request: HttpRequest, response: HttpResponse) -> None:
    if not _knows_session(request):
        return
    wanted = _state(request)
    name, is_secure = cookie_name(), settings.SESSION_COOKIE_SECURE
    if request.COOKIES.get(name, "") == wanted:
        return
    same_site: Final = "None" if is_secure else "Lax"  # browsers take None with Secure only
    if wanted:
        response.set_cookie(
            name,
            wanted,
            max_age=settings.SESSION_COOKIE_AGE,
            secure=is_secure,
            httponly=False,  # the page that watches has to read it
            samesite=same_site,
        )
    else:
        response.delete_cookie(name, samesite=same_site)


def _knows_session(request: HttpRequest) -> bool:
    """Tell whether the browser sent its session, or has just got one."""
    return bool(_state(request)) or settings.SESSION_COOKIE_NAME in request.COOKIES


def _state(request: HttpRequest) -> str:
    """Return what the cookie has to say: '' while nobody is signed in."""
    sid = request.session.get(sessions.SID)
    if not sid:
        return ""
    _, key = derivation.keys("browser state")[0]
    return encoding.b64(hmac.digest(key, str(sid).encode(), "sha256")[:16])


def _origin(uri: str) -> str:
    """Return a web address's origin as browsers write it, or ''."""
    parts = urlsplit(uri)
    if parts.scheme.lower() not in _USUAL_PORTS or not parts.hostname:
        return ""
    scheme, host = parts.scheme.lower(), parts.hostname
    name = f"[{host}]" if ":" in host else host
    is_usual = parts.port in {None, _USUAL_PORTS[scheme]}
    return f"{scheme}://{name}" if is_usual else f"{scheme}://{name}:{parts.port}"
