"""OIDC Session Management §3 — a page of another origin watches the session through our frame."""

import hashlib
import json
import secrets
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.chromium.chromium import Window
from tests.chromium.conftest import Open
from tests.examples.world import World
from tests.rp import challenge_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.leg("sqlite"),
    pytest.mark.spec("OIDC Session Management §3.2"),
]
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


@pytest.fixture(scope="module")
def sites(here: World) -> Iterator[tuple[Site, Site]]:
    """Run two relying parties' sites."""
    page = PAGE.format(issuer=here.issuer)
    both = (Site(page), Site(page))
    threads = [threading.Thread(target=site.serve_forever) for site in both]
    for thread in threads:
        thread.start()
    yield both
    for site, thread in zip(both, threads, strict=True):
        site.shutdown()
        thread.join()
        site.server_close()


@pytest.fixture(scope="module")
def client_id(here: World, sites: tuple[Site, Site]) -> str:
    """Register the first site."""
    name = f"watcher-{secrets.token_hex(4)}"
    whole = [{"client_id": name, "redirect_uris": [f"{sites[0].origin}/cb"], **CLIENT}]
    here.manage("clients", "import", "-", given=json.dumps(whole))
    return name


def authorize(here: World, tab: Any, site: Site, client_id: str, **more: str) -> str:
    """Go through the server, sign in where asked, and return the session_state that came back."""
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": f"{site.origin}/cb",
        "scope": "openid",
        "nonce": secrets.token_hex(8),
        "code_challenge": challenge_of("v" * 43),
        "code_challenge_method": "S256",
        **more,
    }
    tab.goto(f"{here.issuer}/oauth2/authorize?{urlencode(query)}")
    if tab.get_by_label("Password").count():
        if tab.get_by_label("E-mail address").count():
            tab.get_by_label("E-mail address").fill(here.demo["person"]["email"])
        tab.get_by_label("Password").fill(here.demo["person"]["password"])
        tab.locator("main form button").first.click()
    if tab.get_by_role("button", name="Allow", exact=True).count():
        tab.get_by_role("button", name="Allow", exact=True).click()
    tab.wait_for_url(f"{site.origin}/**")
    return str(parse_qs(urlsplit(tab.url).query)["session_state"][0])


def ask(here: World, tab: Any, message: object) -> str:
    """Post a message to the framed page; it answers from its own origin."""
    origin, data = tab.evaluate("window.ask", message)
    assert origin == here.issuer
    return str(data)


def sign_out(here: World, browser: Window) -> None:
    tab = browser.tab()
    tab.goto(f"{here.issuer}/account/logout/")
    tab.locator("main").get_by_role("button", name="Sign out").click()
    tab.close()


def state(browser: Window) -> str:
    """Return what the cookie says."""
    there = {one["name"]: str(one["value"]) for one in browser.context.cookies()}
    return there["as_state"]


def test_it_is_unchanged_until_the_person_signs_out(
    here: World, window: Open, sites: tuple[Site, Site], client_id: str
) -> None:
    browser = window()
    tab = browser.tab()
    first = authorize(here, tab, sites[0], client_id)
    assert ask(here, tab, f"{client_id} {first}") == "unchanged"
    sign_out(here, browser)
    assert ask(here, tab, f"{client_id} {first}") == "changed"
    second = authorize(here, tab, sites[0], client_id)
    assert ask(here, tab, f"{client_id} {first}") == "changed", "another sign-in is another session"
    assert ask(here, tab, f"{client_id} {second}") == "unchanged"


def test_proving_oneself_again_changes_nothing(
    here: World, window: Open, sites: tuple[Site, Site], client_id: str
) -> None:
    tab = window().tab()
    first = authorize(here, tab, sites[0], client_id)
    again = authorize(here, tab, sites[0], client_id, prompt="login")
    for each in (first, again):
        assert ask(here, tab, f"{client_id} {each}") == "unchanged"


def test_it_hashes_right_whatever_the_length(
    here: World, window: Open, sites: tuple[Site, Site], client_id: str
) -> None:
    browser = window()
    tab = browser.tab()
    authorize(here, tab, sites[0], client_id)
    for length in (*range(1, 140), 1000, 3900):
        name = "é" + "x" * (length - 1)  # longer in UTF-8 than in characters
        seen = f"{name} {sites[0].origin} {state(browser)} salt"
        digest = hashlib.sha256(seen.encode()).hexdigest()
        assert ask(here, tab, f"{name} {digest}.salt") == "unchanged", length
        wrong = digest[:-1] + ("0" if digest[-1] != "0" else "1")
        assert ask(here, tab, f"{name} {wrong}.salt") == "changed", length


@pytest.mark.parametrize(
    "message",
    [
        pytest.param("", id="empty"),
        pytest.param("no-blank", id="one word"),
        pytest.param("client state", id="no salt"),
        pytest.param(f"client {'0' * 63}.salt", id="short hash"),
        pytest.param(f"client {'G' * 64}.salt", id="no hash"),
        pytest.param(f"client {'0' * 64}.", id="empty salt"),
        pytest.param(f"{'x' * 5000} {'0' * 64}.salt", id="huge"),
        pytest.param(None, id="nothing"),
        pytest.param(7, id="a number"),
        pytest.param({"client": "x"}, id="an object"),
        pytest.param(["client", "state"], id="a list"),
    ],
)
def test_what_is_malformed_is_an_error(
    here: World, window: Open, sites: tuple[Site, Site], message: object
) -> None:
    tab = window().tab()
    tab.goto(f"{sites[0].origin}/")
    assert ask(here, tab, message) == "error"


def test_another_origin_cannot_watch_with_it(
    here: World, window: Open, sites: tuple[Site, Site], client_id: str
) -> None:
    tab = window().tab()
    found = authorize(here, tab, sites[0], client_id)
    tab.goto(f"{sites[1].origin}/")
    assert ask(here, tab, f"{client_id} {found}") == "changed"


def test_nobody_signed_in_is_a_state_too(
    here: World, window: Open, sites: tuple[Site, Site], client_id: str
) -> None:
    tab = window().tab()
    tab.goto(f"{sites[0].origin}/")
    seen = f"{client_id} {sites[0].origin}  salt"
    digest = hashlib.sha256(seen.encode()).hexdigest()
    assert ask(here, tab, f"{client_id} {digest}.salt") == "unchanged"


def test_a_frame_without_an_origin_gets_no_answer(here: World, window: Open) -> None:
    """It could only be answered in a way that everybody hears."""
    script = """<script>
      window.heard = [];
      window.addEventListener("message", (event) => window.heard.push(event.data));
      window.post = () => parent.frames[0].postMessage("x", "*");
    </script>"""
    frame = f"<iframe name='bare' sandbox='allow-scripts' srcdoc='{script}'></iframe>"
    site = Site(PAGE.format(issuer=here.issuer) + frame)
    thread = threading.Thread(target=site.serve_forever)
    thread.start()
    try:
        tab = window().tab()
        tab.goto(f"{site.origin}/")
        bare = tab.frame(name="bare")
        bare.evaluate("window.post()")
        assert ask(here, tab, "x") == "error", "it goes on answering others"
        assert bare.evaluate("window.heard") == []
        tab.close()
    finally:
        site.shutdown()
        thread.join()
        site.server_close()


def test_opened_by_itself_it_shows_nothing(here: World, window: Open) -> None:
    tab = window().tab()
    answer = tab.goto(f"{here.issuer}/oauth2/check-session")
    assert answer.status == 200
    assert tab.locator("body").inner_text() == ""
