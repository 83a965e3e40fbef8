"""A person reads the API's description, signs in there, and calls the API: all in Chromium."""

import json
from typing import Any

import pytest

from tests.chromium import chromium
from tests.chromium.conftest import Open
from tests.examples.world import World

pytestmark = [pytest.mark.browser, pytest.mark.leg("sqlite")]


def opened(tab: Any, here: World) -> None:
    """Open the page, and wait until the description is shown."""
    tab.goto(f"{here.issuer}/api/v1/docs")
    tab.locator("#operations-users-showMe").wait_for()


def sign_in(tab: Any, here: World) -> None:
    """Press Authorize and go through the server's own pages in the window it opens."""
    tab.get_by_role("button", name="Authorize").first.click()
    dialog = tab.locator(".modal-ux")
    flow = dialog.locator(".auth-container", has_text="OAuth2, authorizationCode").first
    assert flow.get_by_label("client_id").input_value() == "demo-docs"
    chromium.picture(tab, "api-docs-authorize")
    with tab.expect_popup() as found:
        flow.locator("button.authorize").click()
    popup = found.value
    popup.get_by_label("E-mail address").fill(here.demo["person"]["email"])
    popup.get_by_label("Password").fill(here.demo["person"]["password"])
    popup.get_by_role("button", name="Sign in", exact=True).click()
    popup.get_by_role("button", name="Allow", exact=True).click()
    flow.get_by_text("Logout").wait_for()
    assert popup.is_closed()
    chromium.picture(tab, "api-docs-authorized")
    dialog.locator(".close-modal").click()


def call(tab: Any, name: str) -> tuple[int, Any]:
    """Try an operation without parameters; return its status and what came."""
    operation = tab.locator(f"#operations-users-{name}")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    live = operation.locator(".live-responses-table")
    live.locator(".response-col_status").last.wait_for()
    status = live.locator("tbody .response-col_status").first.inner_text()
    return int(status.split()[0]), json.loads(live.locator("code.language-json").first.inner_text())


def test_signed_in_by_authorize_it_calls_the_api(here: World, window: Open) -> None:
    browser = window()
    tab = browser.tab()
    opened(tab, here)
    chromium.picture(tab, "api-docs")
    sign_in(tab, here)
    status, me = call(tab, "showMe")
    assert (status, me["email"]) == (200, here.demo["person"]["email"])
    chromium.picture(tab, "api-docs-called")
    kept = tab.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert json.loads(kept) == [{}, {}]
    opened(tab, here)
    assert call(tab, "showMe")[0] == 401  # nothing is kept


def test_nothing_comes_from_elsewhere(here: World, window: Open) -> None:
    browser = window()
    asked: list[str] = []
    browser.context.on("request", lambda request: asked.append(request.url))
    opened(browser.tab(), here)
    assert [url for url in asked if not url.startswith((f"{here.issuer}/", "data:"))] == []


def test_without_scripts_it_says_where_the_description_is(here: World, window: Open) -> None:
    tab = window(java_script_enabled=False).tab()
    tab.goto(f"{here.issuer}/api/v1/docs")
    tab.get_by_role("link", name="openapi.json").click()
    assert tab.url == f"{here.issuer}/api/v1/openapi.json"
