"""From the example's page to being signed in there with a passkey, counted as the README counts it.

Somebody new, who has no account: they make one, read its code in the development mailbox, add the
passkey they are offered, sign out, and come back with nothing but the passkey.
"""

import re
import secrets
from typing import Any

import pytest

from tests import tree
from tests.chromium import device
from tests.chromium.conftest import Open
from tests.chromium.device import Device
from tests.chromium.test_pages import PASSWORD
from tests.chromium.test_recovery import code_in, mail
from tests.examples.world import World

pytestmark = [pytest.mark.browser, pytest.mark.leg("sqlite")]


class Newcomer:
    """Somebody in front of a tab, whose clicks and typed fields are counted."""

    def __init__(self, tab: Any) -> None:
        self.tab = tab
        self.clicks = 0
        self.fields = 0

    def press(self, role: str, name: str) -> None:
        """Click one thing of the page."""
        self.clicks += 1
        self.tab.locator("main").get_by_role(role, name=name, exact=True).click()

    def write(self, label: str, text: str) -> None:
        """Type into one field."""
        self.fields += 1
        self.tab.get_by_label(label, exact=True).fill(text)


def _read_the_code(newcomer: Newcomer, here: World, email: str) -> str:
    with newcomer.tab.expect_popup() as opening:
        newcomer.press("link", "Read the mail here")
    mail(opening.value, here, email, "Your code")
    newcomer.clicks += 1  # on the mail
    code = code_in(opening.value)
    assert "To continue to" not in opening.value.locator("main").inner_text(), "a mail is no step"
    newcomer.tab.bring_to_front()
    newcomer.clicks += 1  # on the tab
    return code


def _sign_up(newcomer: Newcomer, here: World, email: str) -> None:
    newcomer.press("link", "Sign in")
    newcomer.press("link", "Create an account")
    newcomer.write("E-mail address", email)
    newcomer.write("Password", PASSWORD)
    newcomer.press("button", "Create the account")
    newcomer.write("Code", _read_the_code(newcomer, here, email))
    newcomer.press("button", "Go on")


def test_it_takes_what_the_readme_says(here: World, window: Open) -> None:
    win = window()
    device.without_autofill(win.context)
    newcomer = Newcomer(win.tab())
    Device(newcomer.tab)
    email = f"{secrets.token_hex(4)}@example.com"
    newcomer.tab.goto(f"{here.web}/")
    _sign_up(newcomer, here, email)
    newcomer.press("button", "Add a passkey")
    newcomer.press("button", "Allow")
    newcomer.tab.get_by_role("heading", name=f"Hello, {email}").wait_for()
    newcomer.press("button", "Sign out")
    newcomer.press("link", "Sign in")
    newcomer.press("button", "Sign in with a passkey")
    newcomer.tab.get_by_role("heading", name=f"Hello, {email}").wait_for()
    assert "phr" in newcomer.tab.locator("main").inner_text()
    said = (tree.ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(r"(\d+) clicks and (\d+) typed\s+fields", said)
    assert found is not None
    assert (newcomer.clicks, newcomer.fields) == (int(found[1]), int(found[2]))
