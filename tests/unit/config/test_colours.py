"""config.colours: whatever accent is asked for, everybody can read the page."""

import random
import re

import pytest

from config import colours
from config.colours import Theme
from tests import tree

pytestmark = pytest.mark.spec("WCAG 2.2 §1.4.3")

SHEET = tree.ROOT / "accounts/static/accounts/style.css"
CORNERS = [
    f"#{red}{green}{blue}"
    for red in ("00", "ff")
    for green in ("00", "ff")
    for blue in ("00", "ff")
]
CHANCE = random.Random(5)
ACCENTS = [*CORNERS, *(f"#{CHANCE.randrange(1 << 24):06x}" for _ in range(200))]
THEMES = pytest.mark.parametrize("theme", [colours.LIGHT, colours.DARK], ids=["light", "dark"])


def variables(theme: Theme) -> dict[str, str]:
    """Return the colours of a theme as our style sheet has them."""
    light, _, rest = SHEET.read_text(encoding="utf-8").partition("(prefers-color-scheme: dark)")
    dark = rest.partition("}\n}")[0]
    found = re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,6})\b", dark if theme.is_dark else light)
    return {
        name: value if len(value) > 4 else "#" + "".join(c * 2 for c in value[1:])
        for name, value in found
    }


@THEMES
def test_the_grounds_are_those_of_the_style_sheet(theme: Theme) -> None:
    there = variables(theme)
    grounds = {there[name] for name in ("paper", "card", "field")}
    assert set(theme.grounds) == grounds
    assert theme.base == there["card"]
    assert theme.texts == tuple(there[name] for name in ("ink", "soft", "bad"))


@THEMES
def test_our_own_accent_is_legible_as_well(theme: Theme) -> None:
    there = variables(theme)
    for name in ("paper", "card", "field", "wash", "on-accent"):
        assert colours.contrast(there["accent"], there[name]) >= colours.LEAST, name


@THEMES
def test_any_accent_keeps_the_contrast(theme: Theme) -> None:
    for accent in ACCENTS:
        found = colours.shades(accent, theme)
        pairs = [
            *((found.accent, ground) for ground in (*theme.grounds, found.wash, found.on_accent)),
            *((found.hover, ground) for ground in (*theme.grounds, found.on_accent)),
            *((text, found.wash) for text in theme.texts),
        ]
        assert [pair for pair in pairs if colours.contrast(*pair) < 4.5] == [], accent


def test_what_is_legible_already_stays_as_it_is() -> None:
    assert colours.shades("#7a1fa2", colours.LIGHT).accent == "#7a1fa2"
    assert colours.shades("#ffe100", colours.DARK).accent == "#ffe100"


def test_contrast_is_what_wcag_says() -> None:
    assert colours.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert colours.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(
    "text", ["", "#fff", "#FFFFFF", "red", "#1234567", "#12345g", "}*{color:red"]
)
def test_nothing_else_becomes_a_style_sheet(text: str) -> None:
    with pytest.raises(ValueError, match="colour"):
        colours.stylesheet(text)
