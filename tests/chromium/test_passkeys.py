"""A passkey from the offer to its end, in Chromium with a device of its own.

Every page on the way is judged (see `looks`); what a browser says that lies is in
`specs/webauthn_passkeys`.
"""

from typing import Any

import pytest

from tests.chromium import device, looks
from tests.chromium.conftest import Open
from tests.chromium.device import Device
from tests.chromium.test_pages import PASSWORD, log_in, somebody
from tests.examples.world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.leg("sqlite"),
    pytest.mark.spec("WebAuthn §5"),
]


def _heading(tab: Any, name: str) -> None:
    tab.get_by_role("heading", level=1, name=name).wait_for()


def _press(tab: Any, name: str) -> None:
    tab.get_by_role("button", name=name, exact=True).click()


def _sign_out(tab: Any, here: World) -> None:
    tab.goto(f"{here.issuer}/account/logout/")
    tab.locator("main").get_by_role("button", name="Sign out").click()
    tab.wait_for_url(f"{here.issuer}/")


def _add(tab: Any, here: World, name: str = "") -> None:
    tab.goto(f"{here.issuer}/account/passkeys/add/")
    tab.get_by_label("Name").fill(name)
    _press(tab, "Add a passkey")
    _heading(tab, "Your passkeys")


def test_from_the_offer_to_signing_in_where_the_address_goes(here: World, window: Open) -> None:
    tab = window().tab()
    mine = Device(tab)
    email = somebody(here)
    tab.goto(f"{here.web}/")
    tab.get_by_role("link", name="Sign in").click()
    _sign_in(tab, email)
    _heading(tab, "Sign in faster next time?")
    looks.judge(tab, "passkey-offer")
    _press(tab, "Add a passkey")
    _press(tab, "Allow")
    tab.wait_for_url(f"{here.web}/**")  # four clicks from the application's page and back
    (kept,) = mine.passkeys()
    assert (kept["rpId"], kept["userName"], kept["isResidentCredential"]) == (
        "localhost",
        email,
        True,
    )
    _sign_out(tab, here)
    tab.goto(f"{here.issuer}/account/login/?next=/account/passkeys/")
    _heading(tab, "Your passkeys")  # the device answers what autofill asks, without a click
    assert "Last used on" in tab.locator("main").inner_text()
    looks.judge(tab, "passkeys")
    tab.get_by_role("link", name="Rename or remove").click()
    looks.judge(tab, "passkey")


def test_by_its_button_to_an_application(here: World, window: Open) -> None:
    win = window()
    device.without_autofill(win.context)
    tab = win.tab()
    Device(tab)
    log_in(tab, here, somebody(here), PASSWORD)
    tab.get_by_role("link", name="Not now").click()
    _add(tab, here, "My laptop")
    _sign_out(tab, here)
    tab.goto(f"{here.web}/")
    tab.get_by_role("link", name="Sign in").click()
    assert tab.locator("input[autocomplete~=webauthn]").count() == 1
    tab.get_by_role("button", name="Sign in with a passkey").focus()
    tab.keyboard.press("Enter")
    tab.get_by_role("button", name="Allow", exact=True).click()
    tab.wait_for_url(f"{here.web}/**")
    assert tab.get_by_role("link", name="Sign in").count() == 0


def test_as_the_second_step_and_again_until_it_is_removed(here: World, window: Open) -> None:
    win = window()
    device.without_autofill(win.context)
    tab = win.tab()
    mine = Device(tab)
    email = somebody(here)
    tab.goto(f"{here.issuer}/account/login/?next=/account/passkeys/")
    _sign_in(tab, email)
    _add(tab, here, "My laptop")
    tab.goto(f"{here.issuer}/account/security/")
    _press(tab, "Ask for a passkey after the password")
    _sign_out(tab, here)
    log_in(tab, here, email, PASSWORD)
    _heading(tab, "The second step")
    looks.judge(tab, "second-step-passkey")
    _press(tab, "Use a passkey")
    _heading(tab, "One place to sign in")
    tab.goto(f"{here.issuer}/account/reauthenticate/?next=/account/passkeys/")
    looks.judge(tab, "again-passkey")
    _press(tab, "Use a passkey")
    _heading(tab, "Your passkeys")
    tab.get_by_role("link", name="Rename or remove").click()
    tab.get_by_label("Name").fill("Old laptop")
    _press(tab, "Rename")
    tab.get_by_role("link", name="Rename or remove “Old laptop”").click()
    _press(tab, "Remove")
    tab.get_by_text("“Old laptop” is removed").wait_for()
    tab.wait_for_load_state("networkidle")
    assert mine.passkeys() == [], "the page told the device, which forgets what is gone"


def test_what_does_not_work_is_said_and_can_be_tried_again(here: World, window: Open) -> None:
    win = window()
    device.without_autofill(win.context)
    tab = win.tab()
    mine = Device(tab)
    email = somebody(here)
    log_in(tab, here, email, PASSWORD)
    tab.get_by_role("link", name="Not now").click()
    tab.goto(f"{here.issuer}/account/passkeys/add/")
    mine.knows_its_owner(is_so=False)
    _press(tab, "Add a passkey")
    tab.get_by_text("Nothing happened").wait_for()
    looks.judge(tab, "passkey-add-cancelled", again=False)
    mine.knows_its_owner(is_so=True)
    _press(tab, "Add a passkey")
    _heading(tab, "Your passkeys")
    tab.goto(f"{here.issuer}/account/passkeys/add/")
    _press(tab, "Add a passkey")
    tab.get_by_text("has a passkey for your account already").wait_for()
    _sign_out(tab, here)
    tab.goto(f"{here.issuer}/account/login/")
    mine.knows_its_owner(is_so=False)
    _press(tab, "Sign in with a passkey")
    tab.get_by_text("Nothing happened").wait_for()
    looks.judge(tab, "sign-in-cancelled", again=False)
    mine.knows_its_owner(is_so=True)
    _press(tab, "Sign in with a passkey")
    _heading(tab, "One place to sign in")


@pytest.mark.parametrize("scripts", [True, False], ids=["an old browser", "no scripts"])
def test_without_passkeys_everything_else_works(here: World, window: Open, scripts: bool) -> None:
    win = window(java_script_enabled=scripts)
    device.without_passkeys(win.context)
    tab = win.tab()
    tab.goto(f"{here.issuer}/account/login/?next=/account/passkeys/add/")
    assert not tab.get_by_role("button", name="Sign in with a passkey").is_visible()
    _sign_in(tab, somebody(here))
    _heading(tab, "Add a passkey")
    assert tab.get_by_text("Passkeys need JavaScript and a current browser").is_visible()
    assert not tab.get_by_role("button", name="Add a passkey").is_visible()
    tab.get_by_role("link", name="Back to your passkeys").click()
    _heading(tab, "Your passkeys")


def _sign_in(tab: Any, email: str) -> None:
    tab.get_by_label("E-mail address").fill(email)
    tab.get_by_label("Password").fill(PASSWORD)
    _press(tab, "Sign in")
