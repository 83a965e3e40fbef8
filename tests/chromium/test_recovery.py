"""What comes by mail, as people do it without script: codes, links, “this was not me”, and letters.

The mail is read where development keeps it. Every page on the way is judged (see `looks`).
"""

import datetime as dt
import importlib
import secrets
from typing import Any

import pytest

from accounts import letters
from accounts.models import User
from config import environment
from tests.chromium import chromium, looks
from tests.chromium.conftest import Open
from tests.chromium.test_pages import PASSWORD, asking, log_in, somebody
from tests.examples.world import World

pytestmark = [pytest.mark.browser, pytest.mark.leg("sqlite")]
NEW = "Another-Horse8battery"


def mail(tab: Any, here: World, email: str, subject: str) -> None:
    """Wait for a mail, and open it."""
    mine = tab.locator("li", has_text=email).filter(has_text=subject)
    for _ in range(40):
        tab.goto(f"{here.issuer}/dev/mail/")
        if mine.count():
            break
        tab.wait_for_timeout(250)
    mine.first.get_by_role("link").click()


def code_in(tab: Any) -> str:
    """Return the code of the mail that is shown."""
    return str(tab.locator(".codes code").inner_text())


def test_a_code_signs_in_to_the_application(here: World, window: Open) -> None:
    email = somebody(here)
    tab = window(java_script_enabled=False).tab()
    tab.goto(asking(here))
    tab.get_by_role("link", name="Sign in with a code by mail").click()
    tab.get_by_label("E-mail address").fill(email)
    tab.keyboard.press("Enter")
    tab.get_by_role("heading", name="Type your sign-in code").wait_for()
    reader = tab.context.new_page()
    assert tab.get_by_role("link", name="Read the mail here").get_attribute("href") == "/dev/mail/"
    mail(reader, here, email, "sign-in code")
    code = code_in(reader)
    tab.get_by_label("Code").fill("BBBB-BBBB")
    tab.keyboard.press("Enter")
    tab.locator(".summary").wait_for()
    tab.get_by_label("Code").fill(f" {code.lower().replace('-', ' ')} ")
    tab.keyboard.press("Enter")
    while tab.get_by_role("button", name="Not now").count():
        tab.get_by_role("button", name="Not now").click()
    tab.get_by_role("button", name="Allow", exact=True).wait_for()


def test_a_forgotten_password_and_a_thief(here: World, window: Open) -> None:
    email = somebody(here)
    tab = window().tab()
    tab.goto(f"{here.issuer}/account/password/reset/")
    tab.get_by_label("E-mail address").fill(email)
    tab.keyboard.press("Enter")
    tab.get_by_label("Code").wait_for()
    looks.judge(tab, "reset-code")
    mail(tab, here, email, "new password")
    looks.judge(tab, "mailbox-mail")
    tab.get_by_role("link", name="Choose a new password").click()
    looks.judge(tab, "reset-link")
    tab.get_by_role("button", name="Go on").click()
    assert tab.get_by_role("button", name="Show password").count() == 2
    tab.get_by_label("New password", exact=True).fill(NEW)
    tab.get_by_label("New password, once more").fill(NEW)
    tab.keyboard.press("Enter")
    tab.get_by_text("Your password is changed.").wait_for()
    tab.go_back()
    tab.go_back()  # the page with the button: expired now, and it says what to do
    tab.goto(f"{here.issuer}/account/")

    log_in(window().tab(), here, email, NEW)
    owner = window(java_script_enabled=True).tab()
    mail(owner, here, email, "new sign-in")
    owner.get_by_role("link", name="It was not me").click()
    looks.judge(owner, "not-me")
    owner.get_by_role("button", name="It was not me").click()
    owner.get_by_role("heading", name="Type the code").wait_for()
    tab.goto(f"{here.issuer}/account/")
    tab.get_by_role("heading", name="Sign in").wait_for()


def test_a_new_account_is_confirmed_on_the_telephone(here: World, window: Open) -> None:
    email = f"{secrets.token_hex(4)}@example.com"
    tab = window().tab()
    tab.goto(f"{here.issuer}/account/signup/")
    tab.get_by_label("E-mail address").fill(email)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.keyboard.press("Enter")
    tab.get_by_role("heading", name="Confirm your address").wait_for()
    telephone = window().tab()
    mail(telephone, here, email, "Your code")
    telephone.get_by_role("link", name="Confirm your address").click()
    looks.judge(telephone, "address-elsewhere")
    telephone.get_by_role("button", name="Yes, it was me").click()
    telephone.get_by_role("heading", name="Your address is confirmed").wait_for()
    looks.judge(telephone, "address-confirmed", again=False)
    tab.reload()
    looks.judge(tab, "address-done")
    tab.get_by_role("button", name="Go on").click()
    tab.wait_for_url(lambda url: "/confirm-email/" not in url)


@pytest.mark.parametrize("name", ["login_code", "password_reset_code", "new_device"])
def test_letters_are_as_legible_as_pages(window: Open, name: str) -> None:
    here = environment.current().issuer
    about = {
        "at": dt.datetime.now(dt.UTC).isoformat(),
        "ip": "192.0.2.7",
        "user_agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Firefox/140.0",
        "code": "BCDF-GHJK",
        "minutes": 15,
        "link": f"{here}/account/x/{'s' * 43}",
        "email": "ada@example.com",
    }
    tab = window().tab()
    axe = importlib.import_module("axe_playwright_python.sync_playwright")
    for language, scheme in (("en", "light"), ("de", "dark"), ("ar", "light"), ("ar", "dark")):
        letter = letters.write(name, User(email="ada@example.com"), language, about)
        tab.set_viewport_size(looks.PHONE if scheme == "dark" else looks.DESK)
        tab.emulate_media(color_scheme=scheme)
        tab.set_content(letter.page)
        chromium.picture(tab, f"letter-{name}-{language}-{scheme}")
        options = {"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa", "wcag22aa"]}
        assert axe.Axe().run(tab, options=options).response["violations"] == []
        width, ours = tab.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert width <= ours
