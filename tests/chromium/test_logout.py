"""Two relying parties and a person who signs out: by frames, and though one of them is away."""

import functools
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.chromium import chromium, relying
from tests.chromium.chromium import Window
from tests.chromium.conftest import Open
from tests.chromium.relying import Site
from tests.examples import world

pytestmark = [pytest.mark.browser, pytest.mark.leg("sqlite")]
BOTH = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
PATIENCE = 30.0
Sites = Callable[..., list[Site]]
"""`sites(**metadata)`: two fresh relying parties; `{origin}` and `{ear}` stand for theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that may speak to this machine."""

    issuer: str
    settings: dict[str, str]
    email: str
    password: str

    def manage(self, *command: str, given: str = "") -> str:
        """Run a command of the server's; return what it prints."""
        return world.manage(self.settings, *command, given=given)

    def waiting(self, site: Site) -> list[dict[str, Any]]:
        """Return what has not been delivered to a site."""
        listed = json.loads(self.manage("outbox", "list", "--json"))
        return [one for one in listed if one["target"] == site.client_id]

    def has_tried(self, site: Site, tries: int) -> bool:
        """Tell whether so many deliveries to a site have failed."""
        return any(one["log"].count("\n") >= tries for one in self.waiting(site))

    def hurry(self, site: Site) -> None:
        """Have what waits for a site tried now; it may be under way already."""
        for row in self.waiting(site):
            with suppress(AssertionError):
                self.manage("outbox", "retry", str(row["id"]))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("logout")
    issuer = world.free_address("localhost")
    settings = {
        "AUTHSERVER_DATA_DIR": str(folder / "var"),
        "AUTHSERVER_ISSUER": issuer,
        "AUTHSERVER_ALLOWED_PRIVATE_HOSTS": "127.0.0.1",
    }
    with world.process(issuer, folder / "server.log", "manage.py", "start", **settings):
        demo = json.loads((folder / "var/demo.json").read_text(encoding="utf-8"))["person"]
        yield Server(
            issuer=issuer, settings=settings, email=demo["email"], password=demo["password"]
        )


@pytest.fixture
def sites(server: Server) -> Iterator[Sites]:
    with ExitStack() as stack:

        def sites(**metadata: str) -> list[Site]:
            both = [stack.enter_context(relying.site()) for _ in range(2)]
            listed = []
            for site in both:
                where = {"origin": site.origin, "ear": site.ear.origin}
                said = {name: text.format(**where) for name, text in metadata.items()}
                listed.append(site.registration(**said))
            server.manage("clients", "import", "-", given=json.dumps(listed))
            for site in both:
                site.connect(server.issuer)
            return both

        yield sites


def sign_in(tab: Any, server: Server, site: Site) -> None:
    tab.goto(f"{site.origin}/sign-in")
    if tab.get_by_label("Password").count():
        tab.get_by_label("E-mail address").fill(server.email)
        tab.get_by_label("Password").fill(server.password)
        tab.get_by_role("button", name="Sign in", exact=True).click()
    assert heading(tab) == "Hello"


def heading(tab: Any) -> str:
    return str(tab.get_by_role("heading", level=1).inner_text())


def greeting(tab: Any, site: Site) -> str:
    tab.goto(f"{site.origin}/")
    return heading(tab)


def is_empty(site: Site) -> bool:
    return not site.sessions


def until(truth: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not truth():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)


@BOTH
@pytest.mark.spec("OIDC Front-Channel Logout §3")
def test_one_signs_out_and_both_are_framed(
    server: Server, sites: Sites, window: Open, scripts: bool
) -> None:
    one, other = sites(frontchannel_logout_uri="{origin}/front?by=frame")
    tab = window(java_script_enabled=scripts).tab()
    sign_in(tab, server, one)
    sign_in(tab, server, other)
    sids = {site.sessions[key]["sid"] for site in (one, other) for key in site.sessions}
    assert len(sids) == 1
    tab.goto(f"{one.origin}/sign-out")
    if not scripts:
        assert heading(tab) == "You are signed out"
        chromium.picture(tab, "signed-out-frames")
        tab.get_by_role("link", name="Continue to").click()
    tab.wait_for_url(f"{one.origin}/bye?state=there+and+back")
    assert heading(tab) == "Bye"
    for site in (one, other):
        (said,) = site.framed
        assert said["by"] == "frame"
        assert (said["iss"], {said["sid"]}) == (server.issuer, sids)
        assert said["cookie"], "its own cookie reached it"
        assert greeting(tab, site) == "Nobody"
    tab.goto(f"{other.origin}/sign-in")
    assert tab.get_by_label("Password").count(), "and here the session is over too"


@pytest.mark.spec("OIDC Front-Channel Logout §3")
def test_one_that_never_answers_does_not_hold_the_person(
    server: Server, sites: Sites, browser: Any
) -> None:
    one, other = sites(frontchannel_logout_uri="{origin}/front")
    window = Window(browser.new_context())  # a frame that is broken off is a complaint
    tab = window.tab()
    sign_in(tab, server, one)
    sign_in(tab, server, other)
    other.hangs.clear()
    begun = time.monotonic()
    tab.goto(f"{one.origin}/sign-out", wait_until="commit")
    tab.wait_for_url(f"{one.origin}/bye?state=there+and+back")
    assert time.monotonic() - begun > 3, "it was waited for, a little"
    assert one.framed
    window.context.close()


@pytest.mark.spec("OIDC Front-Channel Logout §3")
def test_signing_out_here_frames_them_too(server: Server, sites: Sites, window: Open) -> None:
    both = sites(frontchannel_logout_uri="{origin}/front")
    tab = window().tab()
    for site in both:
        sign_in(tab, server, site)
    tab.goto(f"{server.issuer}/account/logout/")
    for site in both:
        assert site.client_id in tab.locator("main").inner_text(), "told before"
    chromium.picture(tab, "sign-out-tells")
    tab.get_by_role("button", name="Sign out").click()
    tab.wait_for_url(f"{server.issuer}/")
    for site in both:
        assert len(site.framed) == 1
        assert greeting(tab, site) == "Nobody"


@BOTH
@pytest.mark.spec("OIDC Back-Channel Logout §2.5")
def test_one_is_down_for_three_deliveries(
    server: Server, sites: Sites, window: Open, scripts: bool
) -> None:
    up, down = sites(backchannel_logout_uri="{ear}/bye")
    tab = window(java_script_enabled=scripts).tab()
    sign_in(tab, server, up)
    sign_in(tab, server, down)
    down.ear.go()
    tab.goto(f"{up.origin}/sign-out")
    assert heading(tab) == "Bye", "at once, whoever is down"
    until(lambda: not up.sessions)
    assert greeting(tab, up) == "Nobody"
    assert greeting(tab, down) == "Hello", "it has not heard yet"
    for tries in (1, 2, 3):
        until(functools.partial(server.has_tried, down, tries))
        if tries == 3:
            down.ear.come()
        server.hurry(down)
    until(lambda: not down.sessions)
    assert greeting(tab, down) == "Nobody"
    until(lambda: server.waiting(down) == [])
    assert (len(up.ear.tokens), len(down.ear.tokens)) == (1, 1)


@pytest.mark.spec("OIDC Back-Channel Logout §2.3")
def test_an_operator_ends_it_and_both_hear(server: Server, sites: Sites, window: Open) -> None:
    both = sites(backchannel_logout_uri="{ear}/bye")
    tab = window().tab()
    for site in both:
        sign_in(tab, server, site)
    server.manage("users", "sign-out", server.email)
    for site in both:
        until(functools.partial(is_empty, site))
        assert greeting(tab, site) == "Nobody"
