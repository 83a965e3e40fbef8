"""Requests as a hostile client writes them: any bytes, any header, any length."""

import io
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from config import environment
from tests import doors, peers
from tests.doors import Response

CSRF = "a" * 32
FORM = doors.FORM


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One request. Paths and headers are what a WSGI server hands on: bytes read as Latin-1."""

    method: str = "GET"
    path: str = "/"
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    length: str | None = ""
    """Content-Length: '' for the right one, None for none at all."""
    environ: Mapping[str, Any] = field(default_factory=dict)


def send(door: str, sent: Sent) -> Response:
    """Send it and return what comes back."""
    here = environment.current()
    length = str(len(sent.body)) if sent.length == "" else sent.length
    environ: dict[str, Any] = {
        "REQUEST_METHOD": sent.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": sent.path,
        "QUERY_STRING": sent.query,
        "SERVER_NAME": "server",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": peers.somewhere(),
        "HTTP_HOST": here.issuer_host,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": here.issuer.partition(":")[0],
        "wsgi.input": io.BytesIO(sent.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **({} if length is None else {"CONTENT_LENGTH": length}),
    }
    for name, value in sent.headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key.startswith("CONTENT_") else f"HTTP_{key}"] = value
    environ |= sent.environ
    shown = here.issuer_origin + sent.path.encode("latin-1", "replace").hex()
    return doors._call(doors.APPLICATIONS[door], environ, shown)


def passing_csrf(cookie: str = "") -> dict[str, str]:
    """Return headers with which a form (`csrfmiddlewaretoken=CSRF`) gets as far as its view."""
    cookies = f"as_csrf={CSRF}" + (f"; {cookie}" if cookie else "")
    return {"Cookie": cookies, "Origin": environment.current().issuer_origin}


def posted(body: bytes, headers: Mapping[str, str], kind: str = FORM, **more: Any) -> Sent:
    """Return a POST of this body."""
    return Sent(method="POST", body=body, headers={"Content-Type": kind, **headers}, **more)
