"""An API that takes access tokens, with Python's own HTTP server: verifier.py does the work.

`/locally` judges a token by its signature, and goes on taking a revoked one until it expires.
`/by-introspection` asks the server. `/sensitive` asks too, and wants a recent sign-in (RFC 9470).
"""

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import demo
from demo import ASKING, FRESH, LOCALLY, SCOPE
from verifier import Claims, Denied

PORT = demo.PORT or 8020
CHECKS: dict[str, Callable[[str | None], Claims]] = {
    "/locally": lambda header: LOCALLY.check(header, scope=SCOPE),
    "/by-introspection": lambda header: ASKING.check(header, scope=SCOPE),
    "/sensitive": lambda header: ASKING.check(header, scope=SCOPE, max_age=FRESH),
}
OPEN = {"/": demo.welcome(), demo.METADATA_PATH: demo.METADATA}


class Call(BaseHTTPRequestHandler):
    """One call of the API."""

    def do_GET(self) -> None:
        """Answer it."""
        path = self.path.partition("?")[0]
        if path in OPEN:
            self.reply(200, OPEN[path])
        elif path not in CHECKS:
            self.reply(404, {"error": "not_found"})
        else:
            # Two headers are one that is malformed, not one of them.
            header = ", ".join(self.headers.get_all("Authorization", []))
            try:
                claims = CHECKS[path](header)
            except Denied as denied:
                self.reply(denied.status, denied.document, denied.headers)
            else:
                self.reply(200, demo.shown(claims, path[1:]))

    def reply(self, status: int, document: Any, headers: dict[str, str] | None = None) -> None:
        """Send it."""
        usual = {"Content-Type": "application/json", "Cache-Control": "no-store"}
        self.send_response(status)
        for name, text in (usual | (headers or {})).items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(json.dumps(document, indent=2).encode())


if __name__ == "__main__":
    print(f"The example API: http://127.0.0.1:{PORT}", flush=True)
    ThreadingHTTPServer(("127.0.0.1", PORT), Call).serve_forever()
