"""A client's own web server on loopback: what it publishes, how it behaves, and who asked."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from config import environment


@dataclass(slots=True, kw_only=True)
class Site:
    """What the next answer will be. `asked` holds the path of every request that came."""

    origin: str = ""
    document: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where the document is."""
        return f"{self.origin}/jwks.json"


@contextmanager
def site(document: Any = None) -> Iterator[Site]:
    """Serve a document, under an address the server may ask although it is a private one."""
    here = Site(document=document)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            here.asked.append(self.path)
            time.sleep(here.seconds)
            raw = here.document
            body = raw if isinstance(raw, bytes) else json.dumps(raw).encode()
            self.send_response(here.status)
            for name, value in {"Content-Type": "application/json", **here.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    host = f"127.0.0.1:{server.server_port}"
    here.origin = f"http://{host}"
    try:
        with environment.replaced(allowed_private_hosts=frozenset({host})):
            yield here
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
