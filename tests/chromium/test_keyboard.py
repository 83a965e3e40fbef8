"""WCAG 2.2 §2.1.1 — with a keyboard alone, and without a script: in, about the account, and out.

What is pressed has been reached by the Tab key and shows that it has; nothing is clicked.
"""

from typing import Any

import pytest

from tests.chromium.conftest import Open
from tests.chromium.test_pages import PASSWORD, somebody
from tests.examples.world import World

pytestmark = [pytest.mark.browser, pytest.mark.leg("sqlite"), pytest.mark.spec("WCAG 2.2 §2.1.1")]
MOST = 60
_SEEN = """one => { const box = one.getBoundingClientRect(), style = getComputedStyle(one);
  const under = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return [style.outlineStyle, parseFloat(style.outlineWidth) >= 2, one.contains(under)]; }"""


class Keyboard:
    """A person who has nothing else."""

    def __init__(self, tab: Any) -> None:
        self.tab = tab

    def reach(self, role: str, name: str) -> None:
        """Press Tab until this has the focus; it is to be seen there, and not under anything."""
        wanted = self.tab.get_by_role(role, name=name, exact=True)
        wanted.first.wait_for()
        for _ in range(MOST):
            focused = wanted.and_(self.tab.locator(":focus"))
            if focused.count():
                assert focused.evaluate(_SEEN) == ["solid", True, True], name
                return
            self.tab.keyboard.press("Tab")
        raise AssertionError(f"no Tab leads to {name} on {self.tab.url}")

    def press(self, role: str, name: str) -> None:
        self.reach(role, name)
        self.tab.keyboard.press("Enter")

    def write(self, name: str, text: str) -> None:
        """Reach a field and type; whatever was in it goes."""
        self.reach("textbox", name)
        self.tab.keyboard.press("ControlOrMeta+a")
        self.tab.keyboard.type(text)

    def heading(self, name: str) -> None:
        self.tab.get_by_role("heading", level=1, name=name).wait_for()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_from_the_application_and_back(here: World, window: Open, scripts: bool) -> None:
    email = somebody(here)
    tab = window(java_script_enabled=scripts).tab()
    keys = Keyboard(tab)
    tab.goto(f"{here.web}/")
    keys.press("link", "Sign in")
    keys.write("E-mail address", email)
    tab.keyboard.press("Tab")
    tab.keyboard.type("wrong")
    tab.keyboard.press("Enter")
    tab.locator(".summary:focus").wait_for()
    keys.write("E-mail address", email)
    tab.keyboard.press("Tab")
    tab.keyboard.type(PASSWORD)
    keys.press("button", "Sign in")
    keys.heading("Allow Demo web application?")
    keys.press("button", "Allow")
    keys.heading("Hello")
    assert tab.url == f"{here.web}/"

    tab.goto(f"{here.issuer}/account/")
    tab.keyboard.press("Tab")
    assert tab.locator(".skip:focus").bounding_box()["y"] >= 0
    tab.keyboard.press("Enter")
    tab.keyboard.press("Tab")
    assert tab.locator("main :focus").count() == 1, "what is above the content is skipped"
    keys.press("link", "Your profile")
    keys.write("Name (optional)", "Ada Keyboard")
    keys.press("button", "Save")
    tab.get_by_text("Your profile is saved.").wait_for()
    keys.press("link", "Applications")
    keys.press("button", "Disconnect")
    tab.get_by_text("can no longer act for you").wait_for()
    keys.press("link", "Sign out")
    keys.heading("Sign out?")
    keys.press("button", "Sign out")
    tab.get_by_text("You are signed out.").wait_for()


def test_another_language(here: World, window: Open) -> None:
    tab = window(java_script_enabled=False).tab()
    keys = Keyboard(tab)
    tab.goto(f"{here.issuer}/account/signup/?next=/account/email/")
    keys.press("link", "Language: English")
    keys.press("button", "العربية")
    keys.heading("إنشاء حساب")
    assert tab.url == f"{here.issuer}/account/signup/?next=/account/email/"
    assert tab.locator("html").get_attribute("dir") == "rtl"
    keys.press("link", "اللغة: العربية")
    keys.press("button", "English")
    keys.heading("Create an account")
