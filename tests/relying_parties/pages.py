"""A small server for a single-page application: its pages, its library and its settings."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tests import outside

LIBRARY = "node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js"
FILES = {
    "/": ("pages/index.html", "text/html"),
    "/callback": ("pages/index.html", "text/html"),
    "/app.js": ("pages/app.js", "text/javascript"),
    "/oidc-client-ts.js": (LIBRARY, "text/javascript"),
}


@contextmanager
def served(address: str, settings: Mapping[str, Any]) -> Iterator[None]:
    """Serve the application at an address until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            if path == "/settings.json":
                self._reply("application/json", json.dumps(settings).encode())
            elif path in FILES:
                name, kind = FILES[path]
                self._reply(kind, (outside.NPM / name).read_bytes())
            else:
                self.send_error(404)

        def _reply(self, kind: str, body: bytes) -> None:
            self.send_response(200)
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
            yield
        finally:
            server.shutdown()
            thread.join()
