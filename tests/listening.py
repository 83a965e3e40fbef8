"""A relying party's own server: it hears what the authorization server says to it, or is away."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

Reply = Callable[["_Handler"], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One request, as it came."""

    method: str
    path: str
    headers: dict[str, str]
    form: dict[str, list[str]]
    at: float


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    listener: "Listener"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: whoever asks may hang up."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self.hear()

    def do_POST(self) -> None:
        self.hear()

    def hear(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        listener = self.server.listener
        listener.heard.append(
            Heard(
                method=self.command,
                path=self.path,
                headers=dict(self.headers.items()),
                form=parse_qs(body, keep_blank_values=True),
                at=time.time(),
            )
        )
        listener.reply(self)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def status(code: int, body: bytes = b"", **headers: str) -> Reply:
    """Return what answers with a status."""

    def reply(handler: _Handler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return reply


def drip(handler: _Handler) -> None:
    """Answer at one byte a second, for as long as somebody listens."""
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 1000:
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
        time.sleep(1)


@dataclass(slots=True, kw_only=True)
class Listener:
    """A server on loopback that can go away and come back at the same port."""

    port: int = 0
    reply: Reply = field(default_factory=lambda: status(200))
    heard: list[Heard] = field(default_factory=list)
    _server: _Server | None = None

    @property
    def origin(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def tokens(self) -> list[str]:
        """Every logout token that came, each alone in its form."""
        assert all(list(one.form) == ["logout_token"] for one in self.heard), self.heard
        return [token for one in self.heard for token in one.form["logout_token"]]

    def come(self) -> None:
        """Listen."""
        server = self._server = _Server(("127.0.0.1", self.port), _Handler)
        server.listener = self
        self.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()

    def go(self) -> None:
        """Refuse every connection from now on."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


@contextmanager
def listening(**options: Any) -> Iterator[Listener]:
    """Run one until the block ends."""
    listener = Listener(**options)
    listener.come()
    try:
        yield listener
    finally:
        listener.go()
