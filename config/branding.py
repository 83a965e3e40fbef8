"""How a deployment, or one application, calls and shows itself: words, links and a colour.

Structured data and nothing else: no style sheet, no markup, no address of a picture elsewhere. The
accent only says which colour is wanted; `colours` makes of it what everybody can read.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from config import colours, pictures
from config.faults import Fault, did_you_mean

_SEE: Final = "docs/operations.md#branding"
_TAG: Final = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_LONGEST_TAG: Final = 35
_LONGEST_ADDRESS: Final = 500
_MOST_LOCALES: Final = 50
_ADDRESS: Final = re.compile(r"(?:https://|mailto:)[\x21\x23-\x3b\x3d\x3f-\x7e]+")


def _declared(read: Callable[[str], str], form: str, default: str = "") -> Any:
    """Declare a text, how it is read and what may stand there."""
    return field(default=default, metadata={"read": read, "form": form})


def _text(longest: int, default: str = "") -> Any:
    def read(text: str) -> str:
        if default and not text.strip():
            raise ValueError("must not be empty.")
        if len(text) > longest:
            raise ValueError(f"is longer than {longest} characters.")
        if not text.isprintable():  # no control, no bidi override, nothing without width
            raise ValueError("holds a character that cannot be seen.")
        return text.strip()

    return _declared(read, f"a text of up to {longest} characters", default)


def _address(text: str) -> str:
    if text and (len(text) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(text)):
        raise ValueError("must start with https:// or mailto: and hold no blank.")
    if text.startswith("https:") and not _host(text):
        raise ValueError("names no host.")
    return text


def _host(text: str) -> str:
    try:
        return urlsplit(text).hostname or ""
    except ValueError:
        return ""


def _link() -> Any:
    return _declared(_address, "an `https:` or `mailto:` address")


def accent(text: str) -> str:
    """Return a colour as it is kept; raise ValueError for what is none."""
    colour = text.lower()
    if colour and not colours.is_colour(colour):
        raise ValueError("must be a colour such as #0b6355.")
    return colour


def _logo(text: str) -> str:
    if text and pictures.read(Path(text)) is None:
        raise ValueError(f"is not a {pictures.FORM}.")
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is said in one language; an empty text leaves what is said in general."""

    name: str = _text(60)
    tagline: str = _text(140)
    support_url: str = _link()
    imprint_url: str = _link()
    privacy_url: str = _link()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientWords:
    """What is said of one application beside its name and links, in one language."""

    tagline: str = _text(140)
    support_url: str = _link()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientBranding:
    """What an operator says of one application, and in which colour its pages are."""

    accent: str = _declared(accent, "a colour such as `#0b6355`")
    tagline: str = _text(140)
    support_url: str = _link()


@dataclass(frozen=True, slots=True, kw_only=True)
class Branding:
    """WCAG 2.2 §1.4.3: what pages and mails call this deployment, and in which colour.

    `accent` is #rrggbb; its hue stays and its lightness gives way until text in it and on it has a
    contrast of 4.5 to 1, in both themes. `logo` is the path of a PNG, JPEG, GIF or WebP file. The
    words and links may be said in other languages, in tables such as `[branding.locales.de]`.
    """

    name: str = _text(60, "authserver")
    tagline: str = _text(140)
    support_url: str = _link()
    imprint_url: str = _link()
    privacy_url: str = _link()
    accent: str = _declared(accent, "a colour such as `#0b6355`")
    logo: str = _declared(_logo, f"the path of a {pictures.FORM}")
    locales: tuple[tuple[str, Words], ...] = field(
        default=(), metadata={"form": "tables by language tag"}
    )


def words(table: Mapping[str, Any], kind: Any = Words) -> tuple[dict[str, str], list[Fault]]:
    """Return the texts of a table, and everything that is wrong with it."""
    known = {each.name: each for each in fields(kind) if "read" in each.metadata}
    found: dict[str, str] = {}
    faults: list[Fault] = []
    for name, raw in table.items():
        if name not in known:
            problem = f"is not a setting of a brand.{did_you_mean(name, known)}"
            faults.append(Fault(key=name, problem=problem, see=_SEE))
            continue
        declared = known[name].metadata
        try:
            found[name] = _read(raw, declared["read"])
        except ValueError as error:
            allowed = declared["form"]
            fault = Fault(key=name, value=str(raw), problem=str(error), allowed=allowed, see=_SEE)
            faults.append(fault)
    return found, faults


def _read(raw: object, reader: Callable[[str], str]) -> str:
    if not isinstance(raw, str):
        raise ValueError("must be a text, in quotes.")  # noqa: TRY004  no fault of the code
    return reader(raw)


def locales(tables: object, kind: Any = Words) -> tuple[dict[str, dict[str, str]], list[Fault]]:
    """Return texts by language tag, and everything that is wrong with them."""
    if not isinstance(tables, dict) or not all(isinstance(each, dict) for each in tables.values()):
        return {}, [Fault(key="locales", problem="must hold tables by language tag.", see=_SEE)]
    if len(tables) > _MOST_LOCALES:
        return {}, [Fault(key="locales", problem=f"has more than {_MOST_LOCALES}.", see=_SEE)]
    found: dict[str, dict[str, str]] = {}
    faults: list[Fault] = []
    for tag, table in tables.items():
        if len(tag) > _LONGEST_TAG or not _TAG.fullmatch(tag):
            faults.append(Fault(key=f"locales.{tag}", problem="is not a language tag.", see=_SEE))
            continue
        found[tag.lower()], wrong = words(table, kind)
        faults += [_under(f"locales.{tag}", fault) for fault in wrong]
    return found, faults


def read(name: str, table: Mapping[str, Any]) -> tuple[Branding, list[Fault]]:
    """Return the policy's part of this name, and everything that is wrong with its table."""
    plain = {key: value for key, value in table.items() if key != "locales"}
    values, faults = words(plain, Branding)
    tagged, wrong = locales(table.get("locales", {}))
    spoken = tuple((tag, Words(**texts)) for tag, texts in tagged.items())
    faults = [_under(name, fault) for fault in (*faults, *wrong)]
    return Branding(**values, locales=spoken), faults


def _under(prefix: str, fault: Fault) -> Fault:
    return Fault(
        key=f"{prefix}.{fault.key}",
        problem=fault.problem,
        value=fault.value,
        allowed=fault.allowed,
        see=fault.see,
    )
