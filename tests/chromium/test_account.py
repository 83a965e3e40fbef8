"""A person in Chromium minds their account: sessions, profile, a copy, leaving, coming back."""

import json
import secrets
from typing import Any

import pytest

from tests.chromium import looks
from tests.chromium.conftest import Open
from tests.examples.world import World

pytestmark = [pytest.mark.browser, pytest.mark.leg("sqlite")]
PASSWORD = "Correct-Horse7battery"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def email(here: World) -> str:
    """Return the address of somebody new."""
    address = f"{secrets.token_hex(4)}@example.com"
    here.manage("users", "add", "--email", address, "--password-stdin", given=f"{PASSWORD}\n")
    return address


def fill_in(tab: Any, email: str) -> None:
    tab.get_by_label("E-mail address").fill(email)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in", exact=True).click()


def sign_in(tab: Any, here: World, email: str) -> Any:
    tab.goto(f"{here.issuer}/account/login/")
    fill_in(tab, email)
    if tab.get_by_role("button", name="Not now").count():
        tab.get_by_role("button", name="Not now").click()
    tab.goto(f"{here.issuer}/account/")
    return tab


def heading(tab: Any) -> str:
    return str(tab.get_by_role("heading", level=1).inner_text())


def test_a_session_elsewhere_is_seen_and_ended(here: World, window: Open, email: str) -> None:
    phone = sign_in(window(user_agent=PHONE).tab(), here, email)
    desk = sign_in(window().tab(), here, email)
    desk.get_by_role("link", name="Your sessions").click()
    assert desk.get_by_role("heading", level=2).all_inner_texts()[1] == "Safari on iPhone"
    looks.judge(desk, "sessions-two")
    desk.get_by_role("button", name="End this session").click()
    assert "That session is over." in desk.locator("main").inner_text()
    phone.reload()
    assert heading(phone) == "Sign in"
    desk.goto(f"{here.issuer}/account/history/")
    assert "You ended a session: Safari on iPhone" in desk.locator("main").inner_text()
    looks.judge(desk, "history-some")


def test_a_copy_of_the_data_is_a_file(here: World, window: Open, email: str) -> None:
    tab = sign_in(window(java_script_enabled=False).tab(), here, email)
    tab.get_by_role("link", name="Get your data").click()
    with tab.expect_download() as waiting:
        tab.get_by_role("button", name="Download").click()
    assert waiting.value.suggested_filename.startswith("account-")
    copy = json.loads(waiting.value.path().read_text(encoding="utf-8"))
    assert copy["account"]["email"] == email


def test_who_leaves_may_come_back_on_the_way_to_an_application(
    here: World, window: Open, email: str
) -> None:
    tab = sign_in(window().tab(), here, email)
    tab.get_by_role("link", name="Delete your account").click()
    tab.get_by_role("button", name="Delete my account").click()
    assert heading(tab) == "Delete your account", "the box is not ticked"
    tab.get_by_label("Yes, delete my account").check()
    tab.get_by_role("button", name="Delete my account").click()
    assert heading(tab) == "Your account will be deleted"
    looks.judge(tab, "deletion-asked")
    tab.goto(f"{here.web}/")
    tab.get_by_role("link", name="Sign in").click()
    fill_in(tab, email)
    assert heading(tab) == "Keep your account?"
    assert "Demo web application" in tab.locator("main").inner_text()
    looks.judge(tab, "keep", again=False)
    tab.get_by_role("button", name="Keep my account").click()
    tab.get_by_role("status").get_by_text("Your account is kept.").wait_for()
    looks.judge(tab, "kept", again=False)
    if tab.get_by_role("button", name="Not now").count():
        tab.get_by_role("button", name="Not now").click()
    tab.get_by_role("button", name="Allow", exact=True).click()
    assert heading(tab).startswith("Hello")
