"""WCAG 2.2 §1.4.3 — one accent colour made legible: contrast measured, shades found, a style sheet.

Whatever colour is asked for, text in it and text on it keeps 4.5 to 1 in both themes: its hue stays
and its lightness gives way. The grounds below are those of accounts/static/accounts/style.css.
"""

import colorsys
import functools
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

Rgb = tuple[float, float, float]
LEAST: Final = 4.5
_FORM: Final = re.compile(r"#[0-9a-f]{6}")
_STEP: Final = 0.01
_HOVER: Final = 0.07
_TINTS: Final = (0.12, 0.1, 0.08, 0.06, 0.04, 0.02, 0.0)
"""How much of the accent is in the ground of a notice, the most that keeps its text legible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """What a page stands on, and the text that stands there in other colours than the accent."""

    grounds: tuple[str, ...]
    base: str
    texts: tuple[str, ...]
    on_accent: str
    is_dark: bool


LIGHT: Final = Theme(
    grounds=("#f4f0e7", "#fffdf8", "#ffffff"),
    base="#fffdf8",
    texts=("#1c2321", "#55605c", "#a1260d"),
    on_accent="#ffffff",
    is_dark=False,
)
DARK: Final = Theme(
    grounds=("#121716", "#1b2220"),
    base="#1b2220",
    texts=("#ebe8df", "#a9b3ae", "#ff9d87"),
    on_accent="#0b0f0e",
    is_dark=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shades:
    """The colours that follow from an accent in one theme, each as #rrggbb."""

    accent: str
    hover: str
    on_accent: str
    wash: str


def is_colour(text: str) -> bool:
    """Tell whether this is a colour as it is written here: #rrggbb, in lower case."""
    return _FORM.fullmatch(text) is not None


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""
    light, dark = sorted((_luminance(_rgb(one)), _luminance(_rgb(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@functools.lru_cache(maxsize=1024)
def shades(accent: str, theme: Theme) -> Shades:
    """Return what an accent looks like in a theme: the nearest to it that everybody can read."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_rgb(accent))
    step = _STEP if theme.is_dark else -_STEP
    while True:
        found = _hex(colorsys.hls_to_rgb(hue, lightness, saturation))
        wash = _wash(found, theme)
        if _is_legible(found, (*theme.grounds, wash, theme.on_accent)):
            break
        lightness = min(1.0, max(0.0, lightness + step))  # black or white is legible, so it ends
    away = min(1.0, max(0.0, lightness + (_HOVER if theme.is_dark else -_HOVER)))
    hover = _hex(colorsys.hls_to_rgb(hue, away, saturation))
    return Shades(accent=found, hover=hover, on_accent=theme.on_accent, wash=wash)


@functools.lru_cache(maxsize=1024)
def stylesheet(accent: str) -> str:
    """Return the style sheet that gives our pages this accent in both themes; nothing but values.

    An accent that is not #rrggbb in lower case raises ValueError.
    """
    if not is_colour(accent):
        raise ValueError("This is not a colour.")
    light, dark = (_block(shades(accent, theme)) for theme in (LIGHT, DARK))
    return f"{light}@media (prefers-color-scheme:dark){{{dark}}}\n"


def digest(text: str) -> str:
    """Return the name by which a browser keeps a style sheet."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _block(found: Shades) -> str:
    return (
        f":root{{--accent:{found.accent};--accent-2:{found.hover};"
        f"--on-accent:{found.on_accent};--wash:{found.wash}}}"
    )


def _wash(accent: str, theme: Theme) -> str:
    """Return the ground of a notice: as much of the accent as leaves every text legible on it."""
    tints = (_mixed(accent, theme.base, part) for part in _TINTS)
    return next(tint for tint in tints if _is_legible(tint, theme.texts))


def _is_legible(colour: str, others: Sequence[str]) -> bool:
    return all(contrast(colour, other) >= LEAST for other in others)


def _mixed(colour: str, base: str, part: float) -> str:
    red, green, blue = (
        part * one + (1 - part) * other for one, other in zip(_rgb(colour), _rgb(base), strict=True)
    )
    return _hex((red, green, blue))


def _luminance(colour: Rgb) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rgb(text: str) -> Rgb:
    red, green, blue = (int(text[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _hex(colour: Rgb) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in colour)
