"""An authenticator app from its picture to the last recovery code, without script, as people do it.

Every page on the way is judged (see `looks`); the other pages of an account are in `test_pages`.
"""

from typing import Any

import pytest

from tests.chromium import looks
from tests.chromium.conftest import Open
from tests.chromium.test_pages import PASSWORD, log_in, somebody
from tests.examples.world import World
from tests.second_factors import App

pytestmark = [pytest.mark.browser, pytest.mark.leg("sqlite")]


def _set_up(tab: Any, here: World) -> tuple[App, list[str]]:
    tab.goto(f"{here.issuer}/account/security/")
    tab.get_by_role("link", name="Set up an authenticator app").click()
    app = App(secret=tab.locator("code.key").inner_text().replace(" ", ""))
    tab.get_by_label("Code from your authenticator app").fill("123")
    tab.get_by_role("button", name="Confirm").click()
    tab.locator(".summary:focus").wait_for()
    looks.judge(tab, "authenticator-wrong", again=False)
    tab.get_by_label("Code from your authenticator app").fill(app.code())
    tab.keyboard.press("Enter")
    tab.get_by_role("heading", name="Save your recovery codes").wait_for()
    looks.judge(tab, "recovery-codes-shown", again=False)
    codes = tab.locator(".codes code").all_inner_texts()
    with tab.expect_download() as arriving:
        tab.get_by_role("button", name="Save them as a file").click()
    assert arriving.value.suggested_filename == "recovery-codes.txt"
    assert all(code in arriving.value.path().read_text() for code in codes)
    tab.get_by_role("link", name="I have saved them").click()
    looks.judge(tab, "security-two-steps")
    return app, codes


def _sign_out(tab: Any, here: World) -> None:
    tab.goto(f"{here.issuer}/account/logout/")
    tab.locator("main").get_by_role("button", name="Sign out").click()


def test_an_app_and_the_day_it_is_lost(here: World, window: Open) -> None:
    email = somebody(here)
    tab = window(java_script_enabled=True).tab()
    log_in(tab, here, email, PASSWORD)
    app, codes = _set_up(tab, here)
    _sign_out(tab, here)

    log_in(tab, here, email, PASSWORD)
    tab.get_by_role("heading", name="The second step").wait_for()
    looks.judge(tab, "second-step")
    other = tab.context.new_page()
    other.goto(f"{here.issuer}/account/login/second/")
    tab.get_by_label("Code from your authenticator app").fill(app.wrong())
    tab.get_by_role("button", name="Confirm").click()
    tab.locator(".summary:focus").wait_for()
    looks.judge(tab, "second-step-wrong", again=False)
    tab.get_by_label("Code from your authenticator app").fill(app.code())
    tab.get_by_label("Do not ask again in this browser for 30 days").check()
    tab.get_by_role("button", name="Confirm").click()
    tab.wait_for_url(lambda url: "/login/" not in url)
    other.get_by_label("Code from your authenticator app").fill("123456")
    other.get_by_role("button", name="Confirm").click()
    other.wait_for_url(lambda url: "/login/" not in url)  # the slower tab is in as well
    tab.goto(f"{here.issuer}/account/browsers/")
    looks.judge(tab, "browsers")
    _sign_out(tab, here)

    log_in(tab, here, email, PASSWORD)
    tab.wait_for_url(lambda url: "/login/" not in url)
    tab.goto(f"{here.issuer}/account/browsers/")
    tab.get_by_role("button", name="Ask for the second step again").click()
    tab.goto(f"{here.issuer}/account/recovery-codes/")
    looks.judge(tab, "recovery-codes")
    _sign_out(tab, here)

    log_in(tab, here, email, PASSWORD)
    tab.get_by_role("link", name="Use a recovery code").click()
    looks.judge(tab, "second-step-recovery")
    tab.get_by_label("Recovery code").fill(codes[0])
    tab.get_by_role("button", name="Confirm").click()
    tab.wait_for_url(lambda url: "/login/" not in url)
    tab.goto(f"{here.issuer}/account/authenticator/")
    looks.judge(tab, "authenticator")
    tab.get_by_role("button", name="Remove the authenticator app").click()
    assert "The authenticator app is removed." in tab.locator(".messages").inner_text()


def test_without_script_it_is_the_same(here: World, window: Open) -> None:
    email = somebody(here)
    tab = window(java_script_enabled=False).tab()
    log_in(tab, here, email, PASSWORD)
    tab.goto(f"{here.issuer}/account/authenticator/")
    app = App(secret=tab.locator("code.key").inner_text().replace(" ", ""))
    tab.get_by_label("Code from your authenticator app").fill(app.code())
    tab.get_by_role("button", name="Confirm").click()
    tab.get_by_role("heading", name="Save your recovery codes").wait_for()
    _sign_out(tab, here)
    log_in(tab, here, email, PASSWORD)
    tab.get_by_label("Code from your authenticator app").fill(app.code())
    tab.get_by_role("button", name="Confirm").click()
    tab.wait_for_url(lambda url: "/login/" not in url)
    tab.goto(f"{here.issuer}/account/security/")
    assert "Two-step sign-in is on" in tab.locator("main").inner_text()
