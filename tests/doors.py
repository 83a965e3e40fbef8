"""The two ways in, called in process: anything a client can send, and exactly what comes back.

"front" is `config.wsgi`, the entry point; "django" is Django's own handler, where machine paths are
views. No socket is needed, and both get the same environ.
"""

import io
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes, urlencode, urljoin, urlsplit
from wsgiref.headers import Headers

from django.core.handlers.wsgi import WSGIHandler

from config import environment, wsgi

Value = str | Iterable[str] | None
"""A parameter: once, several times, or (None) left out."""
Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]

APPLICATIONS: dict[str, Application] = {"front": wsgi.application, "django": WSGIHandler()}
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What came back. `url` is what was asked."""

    url: str
    status_code: int
    headers: Headers
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    def json(self) -> Any:
        """Return the body as JSON; it must say that it is."""
        kind = self.headers["Content-Type"] or ""
        assert kind.partition(";")[0].endswith("json"), f"{self.status_code} {kind}: {self.text}"
        return json.loads(self.body)

    @property
    def location(self) -> str:
        """The absolute address this redirects to, '' for none."""
        where = self.headers["Location"]
        return "" if where is None else urljoin(self.url, where)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One way in, as a peer with this address sees it; `scheme` is the issuer's unless told."""

    name: str
    peer: str = "127.0.0.1"
    scheme: str = ""

    def get(self, url: str, **more: Any) -> Response:
        """Send a GET."""
        return self.send("GET", url, **more)

    def post(self, url: str, form: Mapping[str, Value] | None = None, **more: Any) -> Response:
        """Send a POST, of a form where one is given."""
        if form is not None:
            more["headers"] = {"Content-Type": FORM, **more.get("headers", {})}
            more["body"] = encoded(form).encode()
        return self.send("POST", url, **more)

    def send(
        self,
        method: str,
        url: str,
        *,
        query: Mapping[str, Value] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Response:
        """Send whatever is given, unjudged; `url` is absolute or a path with its raw query."""
        here = environment.current()
        if query:
            url += ("&" if "?" in url else "?") + encoded(query)
        parts = urlsplit(url)
        environ: Environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(parts.path or "/").decode("latin-1"),
            "QUERY_STRING": parts.query,
            "SERVER_NAME": "server",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": self.peer,
            "HTTP_HOST": parts.netloc or here.issuer_host,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": self.scheme or urlsplit(here.issuer).scheme,
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        if body or method in {"POST", "PUT", "PATCH"}:
            environ["CONTENT_LENGTH"] = str(len(body))
        for name, value in (headers or {}).items():
            key = name.upper().replace("-", "_")
            environ[key if key.startswith("CONTENT_") else f"HTTP_{key}"] = value
        return _call(APPLICATIONS[self.name], environ, urljoin(here.issuer_origin, url))


def encoded(parameters: Mapping[str, Value]) -> str:
    """Return parameters form-encoded; None is left out, a list is repeated."""
    pairs: list[tuple[str, str]] = []
    for name, value in parameters.items():
        values = [] if value is None else [value] if isinstance(value, str) else value
        pairs += [(name, each) for each in values]
    return urlencode(pairs)


def _call(application: Application, environ: Environ, url: str) -> Response:
    begun: list[tuple[int, Headers]] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
        begun[:] = [(int(status.partition(" ")[0]), Headers(headers))]

    pieces = application(environ, start_response)
    try:
        body = b"".join(pieces)
    finally:
        getattr(pieces, "close", lambda: None)()
    status, headers = begun[0]
    return Response(url=url, status_code=status, headers=headers, body=body)
