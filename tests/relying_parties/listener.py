"""Where the server reaches a relying party: documents it fetches, and what it posts."""

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

PATIENCE = 30.0  # seconds until a post that does not come is given up


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """An address of the relying parties' own."""

    address: str
    documents: dict[str, tuple[str, str]] = field(default_factory=dict)
    """What is fetched, by path: media type and text."""
    _posts: dict[str, "queue.Queue[dict[str, str]]"] = field(default_factory=dict)

    def publish(self, path: str, kind: str, text: str) -> str:
        """Have a document fetched from a path; return its address."""
        self.documents[path] = (kind, text)
        return self.address + path

    def posted(self, path: str) -> dict[str, str]:
        """Return the next form that is posted to a path."""
        return self.inbox(path).get(timeout=PATIENCE)

    def inbox(self, path: str) -> "queue.Queue[dict[str, str]]":
        """Return what is posted to a path, oldest first."""
        return self._posts.setdefault(path, queue.Queue())


@contextmanager
def listening(address: str) -> Iterator[Listener]:
    """Listen until the block ends."""
    listener = Listener(address=address)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, text = listener.documents.get(urlsplit(self.path).path, ("", ""))
            self._reply(200 if kind else 404, kind or "text/plain", text)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            listener.inbox(urlsplit(self.path).path).put(dict(parse_qsl(body)))
            self._reply(200, "text/plain", "")

        def _reply(self, status: int, kind: str, text: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    port = urlsplit(address).port
    with ThreadingHTTPServer(("127.0.0.1", port or 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield listener
        finally:
            server.shutdown()
            thread.join()
