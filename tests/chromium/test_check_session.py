"""OIDC Session Management §3 — a page of another origin watches the session through our frame."""

import hashlib
import json
import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from tests.chromium import watcher
from tests.chromium.chromium import Window
from tests.chromium.conftest import Open
from tests.chromium.watcher import Site
from tests.examples.world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.leg("sqlite"),
    pytest.mark.spec("OIDC Session Management §3.2"),
]


@pytest.fixture(scope="module")
def sites(here: World) -> Iterator[tuple[Site, Site]]:
    """Run two relying parties' sites."""
    page = watcher.PAGE.format(issuer=here.issuer)
    with watcher.served(page) as one, watcher.served(page) as other:
        yield one, other


@pytest.fixture(scope="module")
def client_id(here: World, sites: tuple[Site, Site]) -> str:
    """Register the first site."""
    name = f"watcher-{secrets.token_hex(4)}"
    whole = [{"client_id": name, "redirect_uris": [f"{sites[0].origin}/cb"], **watcher.CLIENT}]
    here.manage("clients", "import", "-", given=json.dumps(whole))
    return name


def authorize(here: World, tab: Any, site: Site, client_id: str, **more: str) -> str:
    person, callback = here.demo["person"], f"{site.origin}/cb"
    return watcher.authorize(here.issuer, person, tab, callback, client_id, **more)


def ask(here: World, tab: Any, message: object) -> str:
    return watcher.ask(here.issuer, tab, message)


def sign_out(here: World, browser: Window) -> None:
    tab = browser.tab()
    tab.goto(f"{here.issuer}/account/logout/")
    tab.locator("main").get_by_role("button", name="Sign out").click()
    tab.get_by_text("You are signed out").first.wait_for()  # closing it meanwhile may take for ever


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
        seen = f"{name} {sites[0].origin} {watcher.state(browser)} salt"
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
    with watcher.served(watcher.PAGE.format(issuer=here.issuer) + frame) as site:
        tab = window().tab()
        tab.goto(f"{site.origin}/")
        bare = tab.frame(name="bare")
        bare.evaluate("window.post()")
        assert ask(here, tab, "x") == "error", "it goes on answering others"
        assert bare.evaluate("window.heard") == []
        tab.close()


def test_opened_by_itself_it_shows_nothing(here: World, window: Open) -> None:
    tab = window().tab()
    answer = tab.goto(f"{here.issuer}/oauth2/check-session")
    assert answer.status == 200
    assert tab.locator("body").inner_text() == ""
