"""A relying party of another origin, which frames the page that watches sessions, and asks it."""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.chromium.chromium import Window
from tests.rp import challenge_of

PAGE = """<!doctype html><title>A relying party</title>
<iframe id="op" hidden src="{issuer}/oauth2/check-session"></iframe>
<script>
window.ask = (message) => new Promise((resolve) => {{
  const heard = (event) => resolve([event.origin, event.data]);
  window.addEventListener("message", heard, {{once: true}});
  document.getElementById("op").contentWindow.postMessage(message, "{issuer}");
}});
</script>
"""
CLIENT = {
    "client_name": "Watcher",
    "token_endpoint_auth_method": "none",
    "application_type": "native",
    "scope": "openid",
}


class Site(ThreadingHTTPServer):
    """A site that serves one page, whatever is asked for."""

    daemon_threads = True

    def __init__(self, page: str) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.page = page.encode()

    @property
    def origin(self) -> str:
        """Where it is; `localhost` on another port is another origin of the same site."""
        return f"http://localhost:{self.server_port}"


class Answering(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(self.server.page if self.path != "/favicon.ico" else b"")

    def log_message(self, *_args: object) -> None:
        """Keep quiet."""


@contextmanager
def served(page: str) -> Iterator[Site]:
    """Serve a page until the block ends."""
    with Site(page) as site:
        thread = threading.Thread(target=site.serve_forever)
        thread.start()
        try:
            yield site
        finally:
            site.shutdown()
            thread.join()


def authorize(
    issuer: str, person: dict[str, str], tab: Any, callback: str, client_id: str, **more: str
) -> str:
    """Go through the server, sign in where asked, and return the session_state that came back."""
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": callback,
        "scope": "openid",
        "nonce": secrets.token_hex(8),
        "code_challenge": challenge_of("v" * 43),
        "code_challenge_method": "S256",
        **more,
    }
    tab.goto(f"{issuer}/oauth2/authorize?{urlencode(query)}")
    if tab.get_by_label("Password").count():
        if tab.get_by_label("E-mail address").count():
            tab.get_by_label("E-mail address").fill(person["email"])
        tab.get_by_label("Password").fill(person["password"])
        tab.locator("main form button[type=submit]").first.click()
    if tab.get_by_role("button", name="Allow", exact=True).count():
        tab.get_by_role("button", name="Allow", exact=True).click()
    tab.wait_for_url(f"{callback}**")
    return str(parse_qs(urlsplit(tab.url).query)["session_state"][0])


def ask(issuer: str, tab: Any, message: object) -> str:
    """Post a message to the framed page; it answers from its own origin."""
    origin, data = tab.evaluate("window.ask", message)
    assert origin == issuer
    return str(data)


def state(browser: Window, name: str = "as_state") -> str:
    """Return what the cookie says."""
    there = {one["name"]: str(one["value"]) for one in browser.context.cookies()}
    return there[name]
