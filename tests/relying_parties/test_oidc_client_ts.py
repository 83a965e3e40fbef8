"""oidc-client-ts in Chromium: an application without a server, its tokens by CORS."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.chromium import chromium
from tests.chromium.chromium import Window
from tests.relying_parties import pages, world
from tests.relying_parties.world import World

pytestmark = [pytest.mark.browser, pytest.mark.npm, pytest.mark.leg("sqlite")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Run Chromium, for one file: while it runs, Django takes this thread for an event loop's."""
    with chromium.running() as found:
        yield found


@pytest.fixture(scope="module")
def site(here: World) -> Iterator[str]:
    """Serve the application."""
    address = here.sites["spa"]
    settings = {
        "authority": here.issuer,
        "client_id": "rp-spa",
        "redirect_uri": f"{address}/callback",
        "silent_redirect_uri": f"{address}/callback",
        "post_logout_redirect_uri": f"{address}/",
        "scope": "openid profile email",
        "loadUserInfo": True,
        "automaticSilentRenew": False,
        "monitorSession": True,
        "checkSessionIntervalInSeconds": 1,
    }
    with pages.served(address, settings):
        yield address


@pytest.fixture
def tab(browser: Any, site: str) -> Iterator[Any]:
    """Open the application; neither it nor the server may give the browser cause to complain."""
    window = Window(browser.new_context())
    tab = window.tab()
    tab.goto(f"{site}/")
    yield tab
    window.context.close()
    assert window.complaints == []


def press(tab: Any, name: str) -> dict[str, Any]:
    """Press a button of the application and return what it shows then."""
    tab.locator("body[data-ready]").wait_for()
    tab.get_by_role("button", name=name, exact=True).click()
    return shown(tab)


def shown(tab: Any) -> dict[str, Any]:
    output = tab.locator("output:not(:empty)")
    output.wait_for()
    return dict(json.loads(output.inner_text()))


def sign_in(tab: Any, site: str, *, button: str = "Sign in", answer: str = "Allow") -> Any:
    """Sign in at the server, and press a button where it asks."""
    tab.locator("body[data-ready]").wait_for()
    tab.get_by_role("button", name=button, exact=True).click()
    tab.wait_for_url(f"{tab.url.partition('/callback')[0]}**")
    password = tab.get_by_label("Password")
    consent = tab.get_by_role("button", name=answer, exact=True)
    output = tab.locator("output")
    password.or_(consent).or_(output).first.wait_for()
    if password.count():
        tab.get_by_label("E-mail address").fill(world.EMAIL)
        password.fill(world.PASSWORD)
        tab.get_by_role("button", name="Sign in", exact=True).click()
        consent.or_(output).first.wait_for()
    if consent.count():
        consent.click()
    tab.wait_for_url(f"{site}/callback?**")
    return shown(tab)


def test_the_whole_journey(here: World, tab: Any, site: str) -> None:
    profile = sign_in(tab, site)["profile"]
    assert (profile["iss"], profile["aud"]) == (here.issuer, "rp-spa")
    assert (profile["email"], profile["name"]) == (world.EMAIL, world.NAME), "from userinfo"

    renewed = press(tab, "Renew")
    assert (renewed["profile"]["sub"], renewed["has_refresh_token"]) == (profile["sub"], True)
    assert press(tab, "Renew in a frame")["profile"]["sub"] == profile["sub"]
    assert press(tab, "Revoke")["has_refresh_token"] is False

    tab.get_by_role("button", name="Sign out", exact=True).click()
    tab.wait_for_url(f"{site}/**")
    assert press(tab, "Who am I") == {"profile": None}
    assert press(tab, "Renew in a frame") == {"error": "login_required"}


def test_a_person_who_refuses(tab: Any, site: str) -> None:
    refused = sign_in(tab, site, button="Sign in, asking for consent", answer="Do not allow")
    assert refused == {"error": "access_denied"}


def test_signing_out_elsewhere_is_noticed(here: World, tab: Any, site: str) -> None:
    sign_in(tab, site)
    tab.goto(f"{site}/")  # where the library starts to watch the session it finds
    assert press(tab, "Who am I")["profile"]
    tab.wait_for_timeout(1500)
    assert tab.title() == "A single-page application", "nothing has happened yet"

    other = tab.context.new_page()
    other.goto(f"{here.issuer}/account/logout/")
    other.get_by_role("button", name="Sign out").click()
    tab.wait_for_function("document.title === 'Signed out elsewhere'")
