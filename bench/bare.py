"""PEP 3333 — an application that does nothing: what server, kernel and driver cost."""

from collections.abc import Callable, Iterable
from typing import Any

BODY = b'{"active":true}'
HEADERS = [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))]


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Read the body and answer."""
    environ["wsgi.input"].read()
    start_response("200 OK", HEADERS)
    return [BODY]
