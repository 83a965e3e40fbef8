"""A person with Chromium signs in through examples/web-client: with scripts and without.

What only a browser shows: `form-action` reaches through the redirects behind a form, so a page
that posts must name the application's address; cookies of two sites; tabs; the back button.
"""

import re
from typing import Any

import pytest

from tests.chromium import chromium
from tests.chromium.conftest import Open
from tests.examples.world import World

pytestmark = [pytest.mark.browser, pytest.mark.leg("sqlite")]
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])


def start(tab: Any, here: World) -> None:
    """Go to the application and press Sign in."""
    tab.goto(f"{here.web}/")
    tab.get_by_role("link", name="Sign in").click()


def start_again(tab: Any, here: World) -> None:
    """Begin a sign-in although the application knows the person already."""
    tab.goto(f"{here.web}/sign-in")


def log_in(tab: Any, here: World) -> None:
    """Fill in the sign-in page."""
    tab.get_by_label("E-mail address").fill(here.demo["person"]["email"])
    tab.get_by_label("Password").fill(here.demo["person"]["password"])
    tab.get_by_role("button", name="Sign in", exact=True).click()


def heading(tab: Any) -> str:
    return str(tab.get_by_role("heading", level=1).inner_text())


def back(tab: Any) -> None:
    """Press the back button; `go_back` does not stand a page that leads on to another site."""
    with tab.expect_navigation():
        tab.evaluate("history.back()")


def withdraw(tab: Any, here: World) -> None:
    """Take all consents back, so that the next sign-in asks."""
    tab.goto(f"{here.issuer}/account/applications/")
    disconnect = tab.get_by_role("button", name="Disconnect")
    while disconnect.count():
        disconnect.first.click()


def sign_in(tab: Any, here: World) -> None:
    """Sign in through the application, whatever the pages ask."""
    allow = tab.get_by_role("button", name="Allow", exact=True)
    greeting = tab.get_by_role("heading", name="Hello, Demo Person")
    start(tab, here)
    password = tab.get_by_label("Password")
    password.or_(allow).or_(greeting).first.wait_for()
    if password.count():
        log_in(tab, here)
    allow.or_(greeting).first.wait_for()
    if allow.count():
        allow.click()
    greeting.wait_for()
    assert tab.url == f"{here.web}/"
    assert heading(tab) == "Hello, Demo Person"


@SCRIPTS
def test_the_whole_journey(here: World, window: Open, scripts: bool) -> None:
    tab = window(java_script_enabled=scripts).tab()
    tab.goto(f"{here.web}/")
    chromium.picture(tab, "1-welcome")
    start(tab, here)
    assert tab.url.startswith(f"{here.issuer}/account/login/")
    assert "Demo web application" in tab.locator("main").inner_text()
    chromium.picture(tab, "2-sign-in")

    log_in(tab, here)
    if tab.url.startswith(here.web):  # agreed in an earlier test: take it back, and be asked
        withdraw(tab, here)
        start_again(tab, here)
    assert "Demo web application" in heading(tab)
    for words in ("Know who you are", "See your e-mail address", "Read the demo API"):
        assert words in tab.locator("main").inner_text()
    chromium.picture(tab, "3-consent")
    tab.get_by_role("button", name="Allow", exact=True).click()

    assert heading(tab) == "Hello, Demo Person"
    assert here.demo["person"]["email"] in tab.locator("main").inner_text()
    chromium.picture(tab, "4-signed-in")

    for name, way in (("Call the API", "locally"), ("The same, by introspection", "by-introspect")):
        tab.get_by_role("link", name=name).click()
        assert "Status 200" in tab.locator("main").inner_text()
        assert way in tab.locator("main").inner_text()
        tab.get_by_role("link", name="Back").click()
    chromium.picture(tab, "5-api")

    tab.get_by_role("button", name="Refresh").click()
    assert heading(tab) == "Hello, Demo Person"
    tab.get_by_role("button", name="Sign out").click()
    assert heading(tab) == "You are signed out"
    chromium.picture(tab, "6-signed-out")

    # Now the sign-in page itself is the one whose form ends at the application.
    start(tab, here)
    log_in(tab, here)
    assert (tab.url, heading(tab)) == (f"{here.web}/", "Hello, Demo Person")


def test_saying_no_leads_back_to_the_application(here: World, window: Open) -> None:
    tab = window().tab()
    sign_in(tab, here)
    withdraw(tab, here)
    tab.goto(f"{here.web}/")
    tab.get_by_role("button", name="Sign out").click()
    start(tab, here)
    log_in(tab, here)
    tab.get_by_role("button", name="Do not allow").click()
    assert tab.url.startswith(f"{here.web}/callback?")
    assert "access_denied" in tab.locator("main").inner_text()
    chromium.picture(tab, "7-denied")


@SCRIPTS
def test_a_second_tab_goes_on_after_the_first_has_signed_in(
    here: World, window: Open, scripts: bool
) -> None:
    browser = window(java_script_enabled=scripts)
    first, second = browser.tab(), browser.tab()
    start(first, here)
    start(second, here)
    log_in(first, here)
    if first.get_by_role("button", name="Allow", exact=True).count():
        first.get_by_role("button", name="Allow", exact=True).click()
    assert heading(first) == "Hello, Demo Person"
    log_in(second, here)  # its form is from before, and the person is signed in by now
    assert (second.url, heading(second)) == (f"{here.web}/", "Hello, Demo Person")


def test_two_tabs_may_both_be_asked(here: World, window: Open) -> None:
    browser = window()
    first, second = browser.tab(), browser.tab()
    sign_in(first, here)
    withdraw(first, here)
    for tab in (first, second):
        start_again(tab, here)
    for tab in (first, second):
        tab.get_by_role("button", name="Allow", exact=True).click()
        assert heading(tab) == "Hello, Demo Person"


def test_the_back_button_leads_nowhere_bad(here: World, window: Open) -> None:
    tab = window().tab()
    sign_in(tab, here)
    for _ in range(2):  # to the sign-in page, which leads on at once, and to the welcome
        back(tab)
        assert heading(tab) == "Hello, Demo Person"
    tab.goto(f"{here.web}/")
    assert heading(tab) == "Hello, Demo Person"
    tab.get_by_role("button", name="Sign out").click()
    back(tab)  # the page that showed the person is not kept
    assert heading(tab) != "Hello, Demo Person"


def test_the_back_button_between_sign_in_and_consent(here: World, window: Open) -> None:
    tab = window().tab()
    sign_in(tab, here)
    withdraw(tab, here)
    tab.goto(f"{here.web}/")
    tab.get_by_role("button", name="Sign out").click()
    start(tab, here)
    log_in(tab, here)
    assert re.search("Allow", heading(tab))
    back(tab)  # to the sign-in page, though signed in: it leads on to the same question
    if tab.get_by_label("Password").count():
        log_in(tab, here)
    tab.get_by_role("button", name="Allow", exact=True).click()
    assert heading(tab) == "Hello, Demo Person"
