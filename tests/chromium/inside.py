"""A server inside this process, whose insides a test can break; it is the real one otherwise."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from config import environment, wsgi


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        del format, args


@contextmanager
def running(**surroundings: Any) -> Iterator[str]:
    """Serve until the block ends; yield the address, which is the issuer unless another is said."""
    with make_server("127.0.0.1", 0, wsgi.application, _Server, _Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        origin = f"http://localhost:{server.server_port}"
        try:
            with environment.replaced(**{"issuer": origin, **surroundings}):
                yield origin
        finally:
            server.shutdown()
            thread.join()
