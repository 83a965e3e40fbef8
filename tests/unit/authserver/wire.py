"""Requests as a WSGI server hands them over, made by hand."""

import base64
import io
import secrets
from typing import Any
from urllib.parse import urlencode

from authserver import registrar, request
from authserver.request import ProtocolRequest
from config.answer import Answer


def environ(
    method: str = "POST", body: bytes = b"", query: str = "", **headers: str
) -> dict[str, Any]:
    """Return an environ; a header is named as in `content_type=` or `http_origin=`."""
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": "/oauth2/token",
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        **{name.upper(): value for name, value in headers.items()},
    }


def asked(basic: tuple[str, str] | str | None = None, **parameters: str) -> ProtocolRequest:
    """Return a POST with these parameters and, where given, Basic credentials."""
    headers = {}
    if basic is not None:
        pair = basic if isinstance(basic, str) else ":".join(basic)
        headers["http_authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    return request.of_machine(environ(body=urlencode(parameters).encode(), **headers))


def new_client(**metadata: Any) -> tuple[str, str]:
    """Register a machine client, or what `metadata` says; return its id and its secret."""
    usual = {"client_id": f"c-{secrets.token_hex(6)}", "grant_types": ["client_credentials"]}
    done = registrar.register(usual | metadata)
    return done.client_id, done.secret or ""


def header(answered: Answer, name: str) -> str | None:
    """Return one header of an answer."""
    return dict(answered.headers).get(name)
