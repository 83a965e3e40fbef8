"""Every page in Chromium: nothing its policy forbids, no need of scripts, nothing cut off."""

import secrets
from typing import Any

import pytest

from tests.chromium import chromium
from tests.chromium.conftest import Open
from tests.examples.world import World

pytestmark = [pytest.mark.browser, pytest.mark.leg("sqlite")]

PUBLIC = {
    "home": "/",
    "sign-in": "/account/login/",
    "sign-up": "/account/signup/",
    "forgotten": "/account/password/reset/",
    "nowhere": "/nowhere",
    "refused": "/oauth2/authorize",
    "expired": "/oauth2/authorize?interaction=x",
    "signed-out": "/oauth2/logout",
    "setup-used": "/setup/x",
}
PRIVATE = {
    "account": "/account/",
    "applications": "/account/applications/",
    "email": "/account/email/",
    "password": "/account/password/change/",
    "switch": "/account/switch/",
    "create": "/account/create/",
    "sign-out": "/account/logout/",
    "end-session": "/oauth2/logout",
}
ADMIN = ("", "accounts/user/", "accounts/user/add/", "authserver/client/", "tokens/grant/")
PHONE = {"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"}
DESK = {"viewport": {"width": 1100, "height": 800}}
LOOKS = pytest.mark.parametrize(
    "look",
    [
        pytest.param(DESK, id="desk"),
        pytest.param({**PHONE, "java_script_enabled": False}, id="phone"),
    ],
)


def visit(tab: Any, here: World, pages: dict[str, str], look: str) -> None:
    """Open each page, keep a picture, and see that it has one heading and no sideways scrolling."""
    for name, path in pages.items():
        tab.goto(here.issuer + path)
        assert tab.get_by_role("heading", level=1).count() == 1, path
        assert tab.locator("script:not([src]), style, [style], [onclick]").count() == 0, path
        chromium.picture(tab, f"{look}-{name}")
        main = tab.locator("main").bounding_box()
        assert main["x"] >= 0, path
        assert main["x"] + main["width"] <= tab.viewport_size["width"], path


def log_in(tab: Any, here: World, email: str, password: str) -> None:
    tab.goto(f"{here.issuer}/account/login/")
    tab.get_by_label("E-mail address").fill(email)
    tab.get_by_label("Password").fill(password)
    tab.get_by_role("button", name="Sign in").click()


@LOOKS
def test_pages_for_everybody(here: World, window: Open, look: dict[str, Any]) -> None:
    visit(window(**look).tab(), here, PUBLIC, str(look["viewport"]["width"]))


@LOOKS
def test_pages_of_a_person(here: World, window: Open, look: dict[str, Any]) -> None:
    tab = window(**look).tab()
    log_in(tab, here, here.demo["person"]["email"], here.demo["person"]["password"])
    visit(tab, here, PRIVATE, str(look["viewport"]["width"]))


def test_faults_of_a_form_are_shown(here: World, window: Open) -> None:
    tab = window(java_script_enabled=False).tab()
    log_in(tab, here, here.demo["person"]["email"], "wrong")
    chromium.picture(tab, "1280-wrong-password")
    assert tab.get_by_role("alert").count() or "Error" in tab.title()
    tab.goto(f"{here.issuer}/account/signup/")
    tab.get_by_role("button").click()
    chromium.picture(tab, "1280-wrong-sign-up")
    assert "Error" in tab.title()


def test_the_administration(here: World, window: Open) -> None:
    email, password = f"{secrets.token_hex(4)}@example.com", "Correct-Horse7battery"
    here.manage(
        *("users", "add", "--email", email, "--administrator", "--password-stdin"),
        given=f"{password}\n",
    )
    tab = window().tab()
    tab.goto(f"{here.issuer}/admin/")
    assert "/account/login/" in tab.url, "our own sign-in, not the stock one"
    log_in(tab, here, email, password)
    for number, path in enumerate(ADMIN):
        answer = tab.goto(f"{here.issuer}/admin/{path}")
        assert answer.status == 200, path
        chromium.picture(tab, f"admin-{number}")
