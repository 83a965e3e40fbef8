"""RFC 9110 §15 — what a machine endpoint answers: status, headers, body, no framework.

Both doors hand the same `Answer` on: the front door to the WSGI server, `as_view` to Django.
"""

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse

Headers = tuple[tuple[str, str], ...]
Environ = dict[str, Any]
BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A complete answer. `headers` come without Content-Length, which `for_wire` counts."""

    status: int = HTTPStatus.OK
    headers: Headers = ()
    body: bytes = b""

    @property
    def status_line(self) -> str:
        """Return status and reason as WSGI wants them."""
        return f"{int(self.status)} {REASONS.get(self.status, 'Unknown')}"

    def for_wire(self, method: str) -> tuple[list[tuple[str, str]], bytes]:
        """Return headers and body to send; HEAD gets the headers of a GET (RFC 9110 §9.3.2)."""
        headers = list(self.headers)
        if self.status not in BODILESS:
            headers.append(("Content-Length", str(len(self.body))))
        return headers, b"" if method == "HEAD" or self.status in BODILESS else self.body


_ENCODER = json.JSONEncoder(separators=(",", ":"))  # made once, not for every answer
REASONS = {int(status): status.phrase for status in HTTPStatus}
Machine = Callable[[Environ], Answer]


def json_answer(document: object, status: int = HTTPStatus.OK, headers: Headers = ()) -> Answer:
    """Answer a JSON document; give `headers` whatever else it needs."""
    body = _ENCODER.encode(document).encode()
    return Answer(
        status=status, headers=(("Content-Type", "application/json"), *headers), body=body
    )


def text(sentence: str, status: int = HTTPStatus.OK, headers: Headers = ()) -> Answer:
    """Answer plain text."""
    kind = ("Content-Type", "text/plain; charset=utf-8")
    return Answer(status=status, headers=(kind, *headers), body=sentence.encode())


def as_view(machine: Machine) -> Callable[..., HttpResponse]:
    """Mount a machine endpoint as a Django view, called by `middleware.machine_paths` alone."""

    @functools.wraps(machine)
    def view(page: HttpRequest) -> HttpResponse:
        answered = machine(page.META)
        headers, body = answered.for_wire(page.method or "GET")
        response = HttpResponse(body, status=int(answered.status))
        del response["Content-Type"]  # Django's default; ours, if any, is among the headers
        for name, value in headers:
            before = response.headers.get(name)
            response.headers[name] = value if before is None else f"{before}, {value}"
        return response

    view.is_machine = True  # type: ignore[attr-defined]
    view.csrf_exempt = True  # type: ignore[attr-defined]  # no cookie is ever looked at
    return view
