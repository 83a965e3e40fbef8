"""NIST SP 800-63B-4 §3.1.1.2 — people may look at the password they type, where scripts run.

An extra: without scripts there is no such button, and the pages are what they were.
"""

from typing import Any

import pytest

from tests.chromium import chromium, looks
from tests.chromium.conftest import Open
from tests.chromium.test_pages import PASSWORD, log_in, somebody
from tests.examples.world import World

pytestmark = [pytest.mark.browser, pytest.mark.leg("sqlite")]
SIGN_IN = "/account/login/"
ANYBODY = {SIGN_IN: 1, "/account/signup/": 1}
SIGNED_IN = {"/account/password/change/": 3, "/account/reauthenticate/": 1}
WORDS = {
    "en": "Show password",
    "de": "Passwort anzeigen",
    "fr": "Afficher le mot de passe",
    "es": "Mostrar la contraseña",
    "ja": "パスワードを表示",
    "ar": "إظهار كلمة المرور",
}
_NOTE_TYPES = """document.addEventListener("submit", (event) => {
  event.preventDefault();
  window.types = [...event.target.querySelectorAll("[data-reveal] input")].map((one) => one.type);
})"""
_GROUND = "one => getComputedStyle(one).backgroundColor"


def toggle(tab: Any, word: str = WORDS["en"]) -> Any:
    return tab.get_by_role("button", name=word, exact=True)


def field(tab: Any) -> Any:
    return tab.locator("[data-reveal] input").first


def state(tab: Any) -> tuple[str | None, str | None]:
    return field(tab).get_attribute("type"), toggle(tab).first.get_attribute("aria-pressed")


def test_it_shows_and_hides_by_mouse_and_by_keyboard(here: World, window: Open) -> None:
    tab = window().tab()
    tab.goto(here.issuer + SIGN_IN)
    field(tab).fill(PASSWORD)
    assert state(tab) == ("password", "false")
    toggle(tab).click()
    assert state(tab) == ("text", "true")
    assert field(tab).input_value() == PASSWORD
    assert field(tab).get_attribute("autocomplete") == "current-password"
    assert field(tab).evaluate("one => [one.spellcheck, one.autocapitalize]") == [False, "none"]
    field(tab).focus()
    tab.keyboard.press("Tab")
    assert toggle(tab).and_(tab.locator(":focus")).count() == 1
    tab.keyboard.press("Space")
    assert state(tab) == ("password", "false")
    tab.keyboard.press("Enter")
    assert state(tab) == ("text", "true"), "and nothing was sent"
    assert toggle(tab).and_(tab.locator(":focus")).count() == 1, "the focus stays"


def test_it_is_hidden_when_it_is_sent_and_when_they_leave(here: World, window: Open) -> None:
    tab = window().tab()
    tab.goto(here.issuer + SIGN_IN)
    tab.evaluate(_NOTE_TYPES)
    toggle(tab).click()
    field(tab).fill(PASSWORD)
    field(tab).press("Enter")
    assert tab.evaluate("window.types") == ["password"]
    assert state(tab) == ("password", "false")
    toggle(tab).click()
    tab.evaluate("window.dispatchEvent(new PageTransitionEvent('pagehide'))")
    assert state(tab) == ("password", "false"), "a page that is kept for Back shows it to nobody"


def test_every_password_has_one(here: World, window: Open) -> None:
    tab = window().tab()
    for path, count in ANYBODY.items():
        tab.goto(here.issuer + path)
        assert toggle(tab).count() == tab.locator("[type=password]").count() == count, path
    log_in(tab, here, somebody(here), PASSWORD)
    for path, count in SIGNED_IN.items():
        tab.goto(here.issuer + path)
        assert toggle(tab).count() == tab.locator("[type=password]").count() == count, path
    tab.goto(f"{here.issuer}/account/password/change/")
    toggle(tab).nth(1).click()
    types = [one.get_attribute("type") for one in tab.locator("[data-reveal] input").all()]
    assert types == ["password", "text", "password"], "each shows its own"
    about = [one.get_attribute("aria-describedby") for one in toggle(tab).all()]
    labels = [tab.locator(f"#{one}").inner_text() for one in about]
    assert labels == ["Current password", "New password", "New password, once more"]


@pytest.mark.parametrize("language", WORDS)
def test_how_it_looks(here: World, window: Open, language: str) -> None:
    tab = window().tab()
    tab.goto(f"{here.issuer}{SIGN_IN}?ui_locales={language}")
    button = toggle(tab, WORDS[language])
    plain = button.evaluate(_GROUND)
    tab.emulate_media(forced_colors="active")
    forced = button.evaluate(_GROUND)
    tab.emulate_media(forced_colors="none")
    field(tab).fill(PASSWORD)
    button.click()
    tab.mouse.move(0, 0)
    looks.judge(tab, f"password-shown-{language}", again=False)
    pressed = button.evaluate(_GROUND)
    assert pressed != plain
    button.hover()
    assert button.evaluate(_GROUND) == pressed, "as it is right after a click"
    tab.emulate_media(forced_colors="active")
    chromium.picture(tab, f"forced-password-shown-{language}")
    assert button.evaluate(_GROUND) != forced


def test_without_scripts_there_is_none(here: World, window: Open) -> None:
    tab = window(java_script_enabled=False).tab()
    for path, count in ANYBODY.items():
        tab.goto(here.issuer + path)
        assert tab.locator("[data-reveal] button").count() == 0, path
        assert tab.locator("[type=password]").count() == count, path
        assert tab.get_by_text(WORDS["en"]).count() == 0, path
