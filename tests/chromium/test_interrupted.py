"""A person in Chromium on the way to an application: another account, or a page from long ago."""

import secrets
from typing import Any

import pytest

from tests.chromium.conftest import Open
from tests.examples.world import World

pytestmark = [pytest.mark.browser, pytest.mark.leg("sqlite")]
PASSWORD = "Correct-Horse7battery"
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])


@pytest.fixture
def two(here: World) -> tuple[str, str]:
    """Return the addresses of two new people."""
    found = (f"{secrets.token_hex(4)}@example.com", f"{secrets.token_hex(4)}@example.com")
    for address in found:
        here.manage("users", "add", "--email", address, "--password-stdin", given=f"{PASSWORD}\n")
    return found


def start(tab: Any, here: World) -> None:
    tab.goto(f"{here.web}/sign-in")


def log_in(tab: Any, email: str) -> None:
    """Fill in the sign-in page, and wait for what comes after it."""
    tab.get_by_label("E-mail address").fill(email)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in", exact=True).click()
    later, allow = tab.get_by_role("button", name="Not now"), permission(tab)
    later.or_(allow).first.wait_for()
    if later.count():
        later.click()


def permission(tab: Any) -> Any:
    return tab.get_by_role("button", name="Allow", exact=True)


@SCRIPTS
def test_another_account_in_the_middle(
    here: World, window: Open, two: tuple[str, str], scripts: bool
) -> None:
    first, second = two
    tab = window(java_script_enabled=scripts).tab()
    start(tab, here)
    log_in(tab, first)
    permission(tab).wait_for()
    assert first in tab.locator("main").inner_text()
    tab.get_by_role("link", name="Use another account").click()
    tab.get_by_role("button", name="Use another account").click()
    assert "Demo web application" in tab.locator("main").inner_text(), "who asks is still said"
    log_in(tab, second)
    permission(tab).wait_for()
    assert second in tab.locator("main").inner_text()
    assert first not in tab.locator("main").inner_text()
    permission(tab).click()
    tab.get_by_role("heading", name=f"Hello, {second}").wait_for()
    tab.goto(f"{here.issuer}/account/applications/")
    assert "Demo web application" in tab.locator("main").inner_text()


@SCRIPTS
def test_a_page_that_no_longer_counts_leads_back_to_the_application(
    here: World, window: Open, two: tuple[str, str], scripts: bool
) -> None:
    """The browser forgot which sign-ins are its own, as it does when a page lay open for long."""
    email, _ = two
    opened = window(java_script_enabled=scripts)
    tab = opened.tab()
    start(tab, here)
    log_in(tab, email)
    permission(tab).wait_for()
    opened.context.clear_cookies(name="as_browser")
    permission(tab).click()
    again = tab.get_by_role("link", name="Go to Demo web application")
    again.wait_for()
    assert "Reference" in tab.locator("main").inner_text()
    again.click()
    tab.get_by_role("link", name="Sign in").click()
    allow, greeting = permission(tab), tab.get_by_role("heading", name="Hello")
    allow.or_(greeting).first.wait_for()
    if allow.count():
        allow.click()
    greeting.wait_for()
