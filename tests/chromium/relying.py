"""A relying party with pages, sessions of its own, and an ear for each kind of logout.

Its pages live on `localhost`, the server's own site, so that its cookie reaches it in a frame; what
the server says to it directly comes to another port, which can be closed.
"""

import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests import listening
from tests.credentials import Basic
from tests.examples.world import Wire
from tests.listening import Listener
from tests.rp import Asked, RelyingParty


@dataclass(slots=True, kw_only=True)
class Site:
    """One relying party: its pages, and who is signed in to it."""

    client_id: str = field(default_factory=lambda: f"rp-{secrets.token_hex(4)}")
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    origin: str = ""
    ear: Listener
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    framed: list[dict[str, str]] = field(default_factory=list)
    asked: Asked | None = None
    hangs: threading.Event = field(default_factory=threading.Event)
    rp: RelyingParty | None = None

    def registration(self, **metadata: Any) -> dict[str, Any]:
        """Return what an operator imports."""
        return {
            "client_id": self.client_id,
            "client_secret": self.secret,
            "client_name": f"Site {self.client_id}",
            "redirect_uris": [f"{self.origin}/cb"],
            "post_logout_redirect_uris": [f"{self.origin}/bye"],
            "scope": "openid",
            "skip_consent": True,
            **metadata,
        }

    def connect(self, issuer: str) -> None:
        """Find the server; from now on people can sign in."""
        self.rp = RelyingParty(
            door=Wire(),
            issuer=issuer,
            credentials=Basic(client_id=self.client_id, secret=self.secret),
            redirect_uri=f"{self.origin}/cb",
        )

    @property
    def client(self) -> RelyingParty:
        """The client itself."""
        assert self.rp, "not connected"
        return self.rp

    def end(self, sid: str) -> None:
        """End the sessions that began under this `sid`."""
        kept = {key: one for key, one in self.sessions.items() if one["sid"] != sid}
        self.sessions = kept

    def answer(self, path: str, query: dict[str, str], cookie: str) -> tuple[int, str, str]:
        """Return status, Location or cookie, and text."""
        match path:
            case "/sign-in":
                self.asked = self.client.asking(scope="openid")
                return 303, self.client.url(self.asked), ""
            case "/cb":
                return 303, "/", self._begun(query["code"])
            case "/sign-out":
                return 303, self._way_out(cookie), ""
            case "/front":
                self.framed.append({**query, "cookie": cookie})
                self.hangs.wait(20)
                self.end(query["sid"])
                return 200, "", "gone"
            case "/bye":
                return 200, "", f"<h1>Bye</h1><p>{json.dumps(query)}</p>"
            case _:
                return 200, "", "<h1>Hello</h1>" if cookie in self.sessions else "<h1>Nobody</h1>"

    def hear(self) -> None:
        """Do what the newest logout token says."""
        claims = self.client.claims(self.ear.tokens[-1])
        self.end(claims["sid"])

    def _begun(self, code: str) -> str:
        assert self.asked, "nobody asked"
        answer = self.client.redeem(code, code_verifier=self.asked.verifier).json()
        key = secrets.token_urlsafe(16)
        sid = self.client.claims(answer["id_token"])["sid"]
        self.sessions[key] = {"sid": sid, "id_token": answer["id_token"]}
        return key

    def _way_out(self, cookie: str) -> str:
        mine = self.sessions[cookie]
        return self.client._with(
            "end_session",
            {
                "id_token_hint": mine["id_token"],
                "post_logout_redirect_uri": f"{self.origin}/bye",
                "state": "there and back",
            },
        )


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    site: Site


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        site, parts = self.server.site, urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        name = f"at_{urlsplit(site.origin).port}"  # cookies do not know ports
        morsel = SimpleCookie(self.headers.get("Cookie", "")).get(name)
        code, location, text = site.answer(parts.path, query, morsel.value if morsel else "")
        self.send_response(code)
        if location:
            self.send_header("Location", location)
        if parts.path == "/cb":
            self.send_header("Set-Cookie", f"{name}={text}; Path=/; HttpOnly; SameSite=Lax")
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(f"<!doctype html><title>A site</title>{text}".encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def site() -> Iterator[Site]:
    """Run a relying party until the block ends."""
    with listening.listening() as ear:
        one = Site(ear=ear)
        fine = listening.status(200)

        def reply(handler: Any) -> None:
            one.hear()
            fine(handler)

        ear.reply = reply
        server = _Server(("127.0.0.1", 0), _Handler)
        server.site = one
        one.origin = f"http://localhost:{server.server_address[1]}"
        one.hangs.set()
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield one
        finally:
            one.hangs.set()
            server.shutdown()
            server.server_close()
