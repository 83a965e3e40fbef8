"""RFC 4647 §3.4, RFC 9110 §12.5.4 — the language of the pages: the best of those a person names."""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Final

COMPLETE: Final = ("en", "de", "fr", "es", "ja", "ar")
"""Every page is there in these; a page is never half in another one."""
_RANGE = re.compile(r"\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_QUALITY = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)
_MOST: Final = 20
_LONGEST: Final = 2048


def named(ui_locales: str) -> list[str]:
    """Return the tags of a `ui_locales` parameter in their order, without what is none."""
    return [tag for tag in ui_locales[:_LONGEST].split()[:_MOST] if _RANGE.fullmatch(tag)]


def accepted(header: str) -> list[str]:
    """Return the tags of an Accept-Language header, the most wanted first."""
    found = []
    for part in header[:_LONGEST].split(",")[:_MOST]:
        tag, _, weight = (text.strip() for text in part.partition(";"))
        quality = _QUALITY.fullmatch(weight) if weight else None
        if _RANGE.fullmatch(tag) and (quality or not weight):
            found.append((float(quality[1]) if quality else 1.0, tag))
    return [tag for weight, tag in sorted(found, key=lambda each: -each[0]) if weight > 0]


def best(wanted: Sequence[str], there: Collection[str]) -> str | None:
    """Return the one of `there` that suits best, or None: each range in turn, cut from its end."""
    known = {tag.lower(): tag for tag in there}
    shorter = (each for tag in wanted for each in _cut(tag.lower()))
    return next((known[each] for each in shorter if each in known), None)


def _cut(tag: str) -> Iterator[str]:
    parts = tag.split("-")
    while parts:
        yield "-".join(parts)
        parts.pop()
        if parts and len(parts[-1]) == 1:  # what a singleton introduces has just gone
            parts.pop()
