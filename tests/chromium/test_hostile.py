"""RFC 6749 §10.14 — what hostile parameters and hostile profiles do in a real browser: nothing."""

import json
import secrets
from typing import Any
from urllib.parse import quote

import pytest

from tests.chromium.conftest import Open
from tests.examples.world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.leg("sqlite"),
    pytest.mark.spec("RFC 6749 §10.14"),
]
HOSTILE = "\"'><svg onload=alert(1)><script>alert(1)</script><img src=x onerror=alert(1)>"
PATHS = [
    *("/account/login/?next={}", "/account/login/?login_hint={}", "/account/signup/?email={}"),
    *("/account/switch/?next={}", "/account/create/?login_hint={}", "/setup/{}", "/{}"),
    *("/oauth2/logout?client_id={}", "/oauth2/logout?state={}", "/oauth2/authorize?client_id={}"),
    *("/oauth2/authorize?interaction={}", "/oauth2/check-session?{}", "/account/?ui_locales={}"),
]
ADMIN = ["accounts/user/?q={}", "accounts/user/{}/change/", "accounts/consent/", "{}/"]
PROFILE = """
from accounts.models import User
User.objects.filter(email={email!r}).update(
    name={hostile!r}, given_name={hostile!r}, locale="de", website="javascript:alert(1)",
    picture="javascript:alert(1)", profile="data:text/html,<script>alert(1)</script>",
)
print(User.objects.get(email={email!r}).pk)
"""
PASSWORD = "Correct-Horse7battery"


def watched(window: Open) -> tuple[Any, list[str]]:
    """Open a tab in which every dialog is noted; the window notes what its policy blocked."""
    tab, dialogs = window().tab(), []

    def note(dialog: Any) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    tab.on("dialog", note)
    return tab, dialogs


def log_in(tab: Any, here: World, email: str) -> None:
    tab.goto(f"{here.issuer}/account/login/")
    tab.get_by_label("E-mail address").fill(email)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in", exact=True).click()


def add(here: World, *more: str) -> str:
    email = f"{secrets.token_hex(6)}@example.com"
    here.manage("users", "add", "--email", email, *more, "--password-stdin", given=PASSWORD + "\n")
    return email


def test_no_parameter_runs(here: World, window: Open) -> None:
    tab, dialogs = watched(window)
    for path in PATHS:
        tab.goto(here.issuer + path.format(quote(HOSTILE)))
        assert tab.locator("svg[onload], img[src=x]").count() == 0, path
    log_in(tab, here, add(here))
    for path in PATHS:
        tab.goto(here.issuer + path.format(quote(HOSTILE)))
    assert dialogs == []


def test_no_name_of_an_application_runs(here: World, window: Open) -> None:
    tab, dialogs = watched(window)
    client = {
        "client_id": f"hostile-{secrets.token_hex(4)}",
        "client_name": HOSTILE,
        "client_secret": secrets.token_urlsafe(32),
        "redirect_uris": [f"{here.web}/callback"],
        "grant_types": ["authorization_code"],
        "scope": "openid",
        "pkce_required": False,
    }
    here.manage("clients", "import", "-", given=json.dumps([client]))
    query = f"client_id={client['client_id']}&redirect_uri={quote(f'{here.web}/callback')}"
    place = f"{here.issuer}/oauth2/authorize?response_type=code&scope=openid&{query}&nonce=n"
    tab.goto(place)
    assert "<svg onload" in tab.locator("main").inner_text()
    log_in(tab, here, add(here))
    tab.goto(place)
    assert "<svg onload" in tab.locator("main").inner_text()
    assert dialogs == []


def test_no_profile_runs_in_the_administration(here: World, window: Open) -> None:
    email = add(here)
    script = PROFILE.format(email=email, hostile=HOSTILE)
    subject = here.manage("shell", "--no-imports", "-c", script).split()[-1]
    tab, dialogs = watched(window)
    log_in(tab, here, add(here, "--administrator"))
    for path in [
        *(each.format(quote(email)) for each in ADMIN),
        f"accounts/user/{subject}/change/",
    ]:
        tab.goto(f"{here.issuer}/admin/{path}")
        assert tab.locator("a[href^='javascript:'], a[href^='data:']").count() == 0, path
        assert tab.locator("#content svg[onload], img[src=x]").count() == 0, path
    assert dialogs == []
