"""RFC 2046 §5.1.4 — letters: what a mail says, as plain text and as a page, from one template.

The text is the template's. The page is made of that text: a blank line ends a paragraph, four
spaces begin a code, and a line that is an address of ours becomes a button with the line before it.
Nothing in it is loaded from anywhere, and whatever people called themselves stays text.
"""

import re
import zoneinfo
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import get_language

from accounts import brand, devices, languages
from accounts.models import User
from config import colours, environment, policy

_CODE: Final = "    "
SIGNATURE: Final = "\n-- \n"
_COLONS: Final = ":\uff1a "
_DEFAULT_ACCENT: Final = "#0b6355"
_AS_IS: Final = frozenset({"link", "at"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail as it is sent."""

    subject: str
    text: str
    page: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A part of the page: a paragraph, a code, or a button."""

    kind: str
    lines: tuple[str, ...]
    link: str = ""


def language_of(user: User, page: str) -> str:
    """Return the language a person reads: the one they chose, else that of the page."""
    return languages.best([user.locale, page], languages.COMPLETE) or "en"


def write(name: str, user: User, language: str, about: Mapping[str, Any]) -> Letter:
    """Write a letter of this name to a person."""
    with translation.override(language), timezone.override(_zone(user)):
        said = {**_plain(about), **_circumstances(about)}
        title = render_to_string(f"account/email/{name}_subject.txt", said)
        text = render_to_string(f"account/email/{name}_message.txt", said).strip()
        subject = " ".join(title.split())
        body = text.partition(SIGNATURE)[0]
        page = render_to_string(
            "accounts/mail/letter.html",
            {**said, "subject": subject, "blocks": list(blocks(body)), **_colours()},
        )
    return Letter(subject=subject, text=text, page=page)


def blocks(text: str) -> Iterator[Block]:
    """Yield the parts of a text."""
    for paragraph in re.split(r"\n\s*\n", text.strip("\n")):
        lines = [line.rstrip() for line in paragraph.splitlines() if line.strip()]
        if lines and all(line.startswith(_CODE) for line in lines):
            yield Block(kind="code", lines=tuple(line.strip() for line in lines))
        elif lines:
            yield from _said(lines)


def _said(lines: list[str]) -> Iterator[Block]:
    here = environment.current().issuer
    waiting: list[str] = []
    for line in lines:
        if line.startswith(f"{here}/") and " " not in line:
            label = waiting.pop().rstrip(_COLONS) if waiting else line
            if waiting:
                yield Block(kind="text", lines=tuple(waiting))
            yield Block(kind="link", lines=(label,), link=line)
            waiting = []
        else:
            waiting.append(line)
    if waiting:
        yield Block(kind="text", lines=tuple(waiting))


def _plain(about: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is said, each text on one line: what somebody typed begins no paragraph."""
    here = environment.current().issuer
    said = {
        key: " ".join(value.split()) if isinstance(value, str) and key not in _AS_IS else value
        for key, value in about.items()
    }
    return {**said, "issuer": here, "brand": brand.words([get_language() or ""]).name}


def _circumstances(about: Mapping[str, Any]) -> dict[str, str]:
    """Return when, where and with what it happened, as the person would say it."""
    at = parse_datetime(str(about.get("at", "")))
    if at is None:
        return {}
    here = timezone.localtime(at)
    address = str(about.get("ip", ""))
    place = devices.place(address)
    return {
        "when": f"{date_format(here, 'DATETIME_FORMAT')} ({here.tzname()})",
        "where": f"{place} ({address})" if place else address,
        "device": devices.describe(str(about.get("user_agent", ""))),
    }


def _zone(user: User) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(user.zoneinfo or "UTC")
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return zoneinfo.ZoneInfo("UTC")


def _colours() -> dict[str, Any]:
    accent = policy.current().branding.accent or _DEFAULT_ACCENT
    return {
        "light": colours.shades(accent, colours.LIGHT),
        "dark": colours.shades(accent, colours.DARK),
    }
