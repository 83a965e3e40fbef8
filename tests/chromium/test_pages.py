"""Every page in Chromium: nothing its policy forbids, nothing cut off, no fault that axe finds.

Both themes, a phone, German and Arabic; see `looks`. What a page needs to be shown at all is done
here by the pages themselves, as a person would.
"""

import secrets
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.chromium import chromium, looks
from tests.chromium.conftest import Open
from tests.examples.world import World
from tests.rp import challenge_of

pytestmark = [pytest.mark.browser, pytest.mark.leg("sqlite")]

PUBLIC = {
    "home": "/",
    "sign-in": "/account/login/",
    "sign-in-by-code": "/account/login/code/",
    "sign-up": "/account/signup/",
    "forgotten": "/account/password/reset/",
    "language": "/account/language/",
    "nowhere": "/nowhere",
    "refused": "/oauth2/authorize",
    "expired": "/oauth2/authorize?interaction=x",
    "reference-unknown": "/oauth2/errors/0000-0000",
    "signed-out": "/oauth2/logout",
    "setup-used": "/setup/x",
    "reset-used": "/account/password/reset/link/x",
    "address-used": "/account/confirm-email/link/x",
    "not-me-used": "/account/not-me/x",
    "inactive": "/account/inactive/",
    "mailbox": "/dev/mail/",
    "deletion-asked": "/account/delete/asked/",
}
PRIVATE = {
    "account": "/account/",
    "applications": "/account/applications/",
    "profile": "/account/profile/",
    "email": "/account/email/",
    "password": "/account/password/change/",
    "security": "/account/security/",
    "authenticator-add": "/account/authenticator/",
    "recovery-codes-none": "/account/recovery-codes/",
    "browsers-none": "/account/browsers/",
    "passkeys-none": "/account/passkeys/",
    "passkey-add": "/account/passkeys/add/",
    "passkey-offer": "/account/passkeys/offer/",
    "passkey-unknown": "/account/passkeys/5f0c4b0e-8f5a-4f0e-9d39-2f4a3c1b7e10/",
    "sessions": "/account/sessions/",
    "history": "/account/history/",
    "connections": "/account/connections/",
    "export": "/account/export/",
    "delete": "/account/delete/",
    "again": "/account/reauthenticate/",
    "switch": "/account/switch/",
    "switch-again": "/account/switch/?again=1",
    "create": "/account/create/",
    "sign-out": "/account/logout/",
    "end-session": "/oauth2/logout",
    "forbidden": "/admin/",
}
ADMIN = ("", "accounts/user/", "accounts/user/add/", "authserver/client/", "tokens/grant/")
PASSWORD = "Correct-Horse7battery"


def somebody(here: World, *options: str) -> str:
    """Make an account; return its e-mail address."""
    email = f"{secrets.token_hex(4)}@example.com"
    here.manage("users", "add", "--email", email, "--password-stdin", *options, given=PASSWORD)
    return email


def log_in(tab: Any, here: World, email: str, password: str) -> None:
    tab.goto(f"{here.issuer}/account/login/")
    tab.get_by_label("E-mail address").fill(email)
    tab.get_by_label("Password").fill(password)
    tab.get_by_role("button", name="Sign in", exact=True).click()


def asking(here: World, **more: str) -> str:
    """Return the address at which the demo application asks somebody to sign in."""
    query = {
        "response_type": "code",
        "client_id": here.demo["web"]["client_id"],
        "redirect_uri": f"{here.web}/callback",
        "scope": "openid email demo:read",
        "code_challenge": challenge_of("v" * 43),
        "code_challenge_method": "S256",
        **more,
    }
    return f"{here.issuer}/oauth2/authorize?{urlencode(query)}"


@pytest.mark.parametrize("name", PUBLIC)
def test_pages_for_everybody(here: World, window: Open, name: str) -> None:
    tab = window().tab()
    tab.goto(here.issuer + PUBLIC[name])
    looks.judge(tab, name)


def test_pages_of_a_person(here: World, window: Open) -> None:
    tab = window().tab()
    log_in(tab, here, somebody(here), PASSWORD)
    for name, path in PRIVATE.items():
        tab.goto(here.issuer + path)
        looks.judge(tab, name)


def test_pages_on_the_way_to_an_application(here: World, window: Open) -> None:
    tab = window().tab()
    email = somebody(here)
    tab.goto(asking(here))
    looks.judge(tab, "sign-in-for-application")
    tab.get_by_role("link", name="Create an account").click()
    looks.judge(tab, "sign-up-for-application")
    tab.goto(asking(here, login_hint=email))
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in", exact=True).click()
    while tab.get_by_role("button", name="Not now").count():
        tab.get_by_role("button", name="Not now").click()
    looks.judge(tab, "consent")
    for display in ("popup", "touch"):
        tab.goto(asking(here, display=display))
        looks.judge(tab, f"consent-{display}")
    tab.get_by_role("button", name="Allow", exact=True).click()
    tab.wait_for_url(f"{here.web}/**")
    for name, path in (
        ("applications-some", "account/applications/"),
        ("sessions-some", "account/sessions/"),
        ("sign-out-telling", "account/logout/"),
    ):
        tab.goto(f"{here.issuer}/{path}")
        looks.judge(tab, name)
    tab.goto(asking(here, redirect_uri="https://evil.example/"))
    looks.judge(tab, "refused-redirect")
    reference = tab.locator("main strong code").inner_text()
    tab.goto(f"{here.issuer}/oauth2/errors/{reference}")
    looks.judge(tab, "reference")
    tab.goto(asking(here, prompt="select_account"))
    looks.judge(tab, "select-account")
    tab.goto(f"{here.issuer}/oauth2/logout?client_id={here.demo['web']['client_id']}")
    tab.get_by_role("button", name="Sign out").click()
    looks.judge(tab, "signed-out-done", again=False)


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
    tab = window().tab()
    tab.goto(f"{here.issuer}/admin/")
    assert "/account/login/" in tab.url, "our own sign-in, not the stock one"
    log_in(tab, here, somebody(here, "--administrator"), PASSWORD)
    for number, path in enumerate(ADMIN):
        answer = tab.goto(f"{here.issuer}/admin/{path}")
        assert answer.status == 200, path
        chromium.picture(tab, f"admin-{number}")
