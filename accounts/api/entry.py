"""The way into the API: past all that pages need, with what its answers need instead.

Cookies, sessions, redirects and HTML have no part in it; both doors of the server lead here.
"""

import functools
import logging
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from accounts.api import problems
from config import client_ip, cross_origin, headers, logs, request_id, transport

_log: Final = logging.getLogger("authserver.api")
View = Callable[..., Any]
_METHODS: Final = ("GET", "HEAD", "POST", "PATCH", "DELETE")


def machine(view: View) -> Callable[..., HttpResponse]:
    """Return the view as `config.middleware.machine_paths` calls it."""

    @functools.wraps(view)
    def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        name, started = request_id.begin(), time.perf_counter()
        try:
            with translation.override("en"):
                response: HttpResponse = _preflight(request) or view(request, *args, **kwargs)
                getattr(response, "render", lambda: None)()
            _complete(request, response, name)
            fields = {
                "endpoint": getattr(view, "cls", view).__name__,
                "status": response.status_code,
                "method": request.method,
                "peer": client_ip.of(request.META),
                "ms": round((time.perf_counter() - started) * 1000, 2),
            }
            _log.info("api", extra={logs.FIELDS: fields})
        finally:
            request_id.end()
        return response

    entered.is_machine = True  # type: ignore[attr-defined]
    entered.csrf_exempt = True  # type: ignore[attr-defined]  # no cookie is ever looked at
    return entered


def check_transport(request: HttpRequest) -> None:
    """Refuse what came in the clear; a redirect would only ask for the credential once more."""
    if not transport.is_acceptable(request.META):
        raise problems.NotSecure


def _preflight(request: HttpRequest) -> HttpResponse | None:
    """Answer a browser that asks, before a page of another origin calls; it sends no credential."""
    is_asking = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
    return HttpResponse(status=HTTPStatus.NO_CONTENT) if is_asking else None


def _open_to_origin(request: HttpRequest, response: HttpResponse) -> None:
    """Let pages of an origin that a client registered read this, whatever it says."""
    origin = request.headers.get("Origin", "")
    if not cross_origin.is_registered(origin):
        return
    is_preflight = request.method == "OPTIONS"
    for name, value in cross_origin.headers(origin, methods=_METHODS if is_preflight else ()):
        response.headers[name] = value


def _complete(request: HttpRequest, response: HttpResponse, name: str) -> None:
    headers.put(response, headers.Route.API, request.META)
    response.headers["Vary"] = "Authorization, X-API-Key, Origin"
    _open_to_origin(request, response)
    response.headers[request_id.HEADER] = name
    if response.status_code != HTTPStatus.NO_CONTENT:
        response.headers["Content-Length"] = str(len(response.content))
    if request.method == "HEAD":
        response.content = b""
