"""ASVS 5.0 §3.4 — what every answer tells browsers, by the class of its route; nowhere else.

What an answer says itself stands: a page may be stricter, an endpoint may be cacheable. Not here:
headers that no living browser reads (X-XSS-Protection, X-Download-Options and their like).
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from config import csp, environment, policy, transport
from config.answer import Headers


class Route(Enum):
    """The classes: whoever looks at an answer finds it in exactly one."""

    PAGE = "page"
    ADMIN = "administration"
    DOCS = "documentation"  # the page that tries the API out
    MACHINE = "machine endpoint"
    API = "API"
    FRAMED = "page that any site may frame"
    FILE = "file"  # scripts, styles, pictures


_NOSNIFF: Final = ("X-Content-Type-Options", "nosniff")
_NO_FRAME: Final = ("X-Frame-Options", "DENY")
_NO_REFERRER: Final = ("Referrer-Policy", "no-referrer")
_OURS_ALONE: Final = ("Cross-Origin-Resource-Policy", "same-origin")
_OWN_AGENT: Final = ("Origin-Agent-Cluster", "?1")
_NO_STORE: Final = ("Cache-Control", "no-store")
_NO_DEVICES: Final = ", ".join(
    f"{feature}=()"
    for feature in (
        *("accelerometer", "browsing-topics", "camera", "display-capture", "geolocation"),
        *("gyroscope", "hid", "magnetometer", "microphone", "midi", "payment", "serial", "usb"),
    )
)
_PASSKEYS: Final = "publickey-credentials-create=(self), publickey-credentials-get=(self)"
_NOTHING: Final = "default-src 'none'; frame-ancestors 'none'"
_DOCUMENT: Final[Headers] = (
    _NOSNIFF,
    _NO_FRAME,
    # `no-referrer` would make browsers send `Origin: null` with our own forms, which CSRF refuses.
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    _OURS_ALONE,
    _OWN_AGENT,
    ("Permissions-Policy", f"{_NO_DEVICES}, {_PASSKEYS}"),
    _NO_STORE,
)
_DATA: Final[Headers] = (
    _NOSNIFF,
    _NO_FRAME,
    _NO_REFERRER,
    _OURS_ALONE,  # what CORS lets others read, it lets them read all the same
    ("Content-Security-Policy", _NOTHING),
    _NO_STORE,
    ("Pragma", "no-cache"),  # RFC 6749 §5.1 still asks for it
)
FIXED: Final[Mapping[Route, Headers]] = {
    Route.PAGE: _DOCUMENT,
    Route.ADMIN: _DOCUMENT,
    Route.DOCS: _DOCUMENT,
    Route.MACHINE: _DATA,
    Route.API: _DATA,
    Route.FRAMED: (
        _NOSNIFF,
        _NO_REFERRER,
        # So that pages which isolate themselves (COEP) may frame it as well.
        ("Cross-Origin-Resource-Policy", "cross-origin"),
        ("Cross-Origin-Embedder-Policy", "require-corp"),
        _OWN_AGENT,
        ("Permissions-Policy", _NO_DEVICES),
        (
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; base-uri 'none'; form-action 'none'",
        ),
        _NO_STORE,
    ),
    Route.FILE: (
        _NOSNIFF,
        _NO_FRAME,
        _NO_REFERRER,
        _OURS_ALONE,
        ("Content-Security-Policy", f"{_NOTHING}; sandbox"),  # inert, even opened by itself
        _NO_STORE,
    ),
}
"""Of each class all but the policy of a page (`config.csp`), which depends on the request, and
Strict-Transport-Security (`config.transport`), which depends on the deployment."""
_PAGES: Final[Mapping[Route, Mapping[str, str]]] = {
    Route.PAGE: csp.PAGE,
    Route.ADMIN: csp.ADMIN,
    Route.DOCS: csp.DOCUMENTATION,
}


def complete(told: Headers, route: Route, environ: Mapping[str, Any]) -> Headers:
    """Return the headers of an answer with those of its class."""
    names = {name for name, _ in told}
    if "Cache-Control" in names:
        names.add("Pragma")
    more = [pair for pair in FIXED[route] if pair[0] not in names]
    if bound := transport.hsts(environ):
        more.append(("Strict-Transport-Security", bound))
    return (*told, *more)


def put(response: HttpResponse, route: Route, environ: Mapping[str, Any]) -> None:
    """Give a response of Django's the headers of its class, but for the policy of a page."""
    told = tuple((name, response[name]) for name in ("Cache-Control",) if name in response)
    for name, value in complete(told, route, environ):
        response.headers.setdefault(name, value)


def surround(response: HttpResponse, request: HttpRequest) -> None:
    """Give the response to a page, or to a file of ours, everything."""
    route = _route_of(request, response)
    if route is Route.PAGE and policy.current().responses.danger_popups:
        response.headers.setdefault("Cross-Origin-Opener-Policy", "unsafe-none")
    put(response, route, request.META)
    if route in _PAGES:
        response.headers["Content-Security-Policy"] = csp.header(request, _PAGES[route])


def _route_of(request: HttpRequest, response: HttpResponse) -> Route:
    path = environment.current().issuer_path
    if request.path_info.startswith(f"{path}/admin/"):
        return Route.ADMIN
    is_file = request.path_info.startswith(f"{path}/static/")
    if is_file and response.status_code in {200, 206, 304}:
        return Route.FILE
    return Route.DOCS if csp.is_documentation(request) else Route.PAGE
