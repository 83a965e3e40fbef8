"""OIDC Session Management §5.1 — over HTTPS the session can be watched from another site's page."""

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import outside
from tests.chromium import watcher
from tests.chromium.chromium import QUIET, Window
from tests.chromium.conftest import Open
from tests.chromium.watcher import Site
from tests.examples import world
from tests.unit.config import listener

pytestmark = [
    pytest.mark.browser,
    pytest.mark.leg("sqlite"),
    pytest.mark.spec("OIDC Session Management §5.1"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the server keeps what it has."""
    made = tmp_path_factory.mktemp("secure")
    listener.certified(made, "localhost")
    return made


@pytest.fixture(scope="module")
def settings(folder: Path) -> dict[str, str]:
    """Return the settings of a server that speaks TLS by itself."""
    issuer = world.free_address("localhost").replace("http:", "https:")
    pem = str(folder / "server.pem")
    return {
        "AUTHSERVER_ISSUER": issuer,
        "AUTHSERVER_DATA_DIR": str(folder / "var"),
        "AUTHSERVER_TLS_CERT_FILE": pem,
        "AUTHSERVER_TLS_KEY_FILE": pem,
    }


@pytest.fixture(scope="module")
def issuer(folder: Path, settings: dict[str, str]) -> Iterator[str]:
    """Run it."""
    issuer = settings["AUTHSERVER_ISSUER"]
    with world.process(issuer, folder / "server.log", "manage.py", "start", **settings):
        yield issuer


@pytest.fixture(scope="module")
def site(issuer: str) -> Iterator[Site]:
    """Run an application on another site: 127.0.0.1 is not localhost."""
    with watcher.served(watcher.PAGE.format(issuer=issuer)) as site:
        yield site


@pytest.fixture
def lenient(browser: Any, tmp_path: Path) -> Iterator[Window]:
    """Open a window whose owner lets frames of other sites have cookies; most windows do not."""
    preferences = {"profile": {"cookie_controls_mode": 0, "block_third_party_cookies": False}}
    (tmp_path / "Default").mkdir()
    (tmp_path / "Default/Preferences").write_text(json.dumps(preferences), encoding="utf-8")
    context = browser.browser_type.launch_persistent_context(
        str(tmp_path), executable_path=outside.chromium(), args=QUIET, ignore_https_errors=True
    )
    window = Window(context)
    yield window
    context.close()
    assert window.complaints == []


def test_it_sees_the_session_begin_and_end(
    issuer: str, settings: dict[str, str], folder: Path, site: Site, lenient: Window
) -> None:
    callback = f"http://127.0.0.1:{site.server_port}/cb"
    client = f"watcher-{secrets.token_hex(4)}"
    whole = [{"client_id": client, "redirect_uris": [callback], **watcher.CLIENT}]
    world.manage(settings, "clients", "import", "-", given=json.dumps(whole))
    demo: dict[str, Any] = json.loads((folder / "var/demo.json").read_text(encoding="utf-8"))

    tab = lenient.tab()
    said = watcher.authorize(issuer, demo["person"], tab, callback, client)
    assert watcher.ask(issuer, tab, f"{client} {said}") == "unchanged"

    cookies = {one["name"]: one for one in lenient.context.cookies()}
    shown = cookies["__Host-as_state"]
    assert (shown["secure"], shown["sameSite"], shown["httpOnly"]) == (True, "None", False)
    assert all(name.startswith("__Host-") and one["secure"] for name, one in cookies.items())

    other = lenient.tab()
    other.goto(f"{issuer}/account/logout/")
    other.locator("main form button[type=submit]").first.click()
    other.wait_for_load_state()
    assert watcher.ask(issuer, tab, f"{client} {said}") == "changed"


def test_where_its_cookies_are_kept_from_it_the_page_says_so(
    issuer: str, site: Site, window: Open
) -> None:
    """A private window does so; `changed` would make the application ask in circles."""
    tab = window(ignore_https_errors=True).tab()
    tab.goto(f"http://127.0.0.1:{site.server_port}/")
    assert watcher.ask(issuer, tab, f"client {'0' * 64}.salt") == "error"
