"""The door of the stock server: a WSGI application beside ours, on the same addresses."""

from collections.abc import Callable, Iterable
from typing import Any

from authlib.oauth2 import OAuth2Error
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse, JsonResponse

from config import environment
from tests import doors
from tests.edges import stock, stock_hybrid

NAME = "stock"
_PATHS = {
    "authorization_endpoint": "/oauth2/authorize",
    "token_endpoint": "/oauth2/token",
    "introspection_endpoint": "/oauth2/introspect",
    "revocation_endpoint": "/oauth2/revoke",
}


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one request."""
    try:
        response = _answer(WSGIRequest(environ))
    except Exception as fault:  # noqa: BLE001  what Django would show as a 500
        response = HttpResponse(f"{type(fault).__name__}: {fault}", status=500)
    line = f"{response.status_code} {response.reason_phrase}"
    start_response(line, list(response.items()))
    return [response.content]


def _answer(request: WSGIRequest) -> HttpResponse:
    server = stock.SERVER
    match request.path_info:
        case "/oauth2/authorize":
            return _authorize(request)
        case "/oauth2/token":
            response: HttpResponse = server.create_token_response(request)
        case "/oauth2/introspect":
            response = server.create_endpoint_response("introspection", request)
        case "/oauth2/revoke":
            response = server.create_endpoint_response("revocation", request)
        case _:
            issuer = environment.current().issuer
            known = {name: issuer + path for name, path in _PATHS.items()}
            response = JsonResponse({"issuer": issuer, **known})
    return response


def _authorize(request: WSGIRequest) -> HttpResponse:
    """Do what the documentation's view does, for a user who agrees."""
    try:
        grant = stock.SERVER.get_consent_grant(request, end_user=stock.User())
    except OAuth2Error as error:
        asked = stock.SERVER.create_oauth2_request(request)
        refused: HttpResponse = stock.SERVER.handle_error_response(asked, error)
        return refused
    user = stock.User()
    granted: HttpResponse = stock.SERVER.create_authorization_response(
        request, grant_user=user, grant=grant
    )
    return granted


assert stock_hybrid.Hybrid.GRANT_TYPE, "registered by being imported"
doors.APPLICATIONS[NAME] = application
