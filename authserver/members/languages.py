"""OIDC Registration §2.1 — names and links in other languages: `client_name#de`."""

import re
from collections.abc import Mapping
from typing import Any, Final

from authserver.members.shapes import Reader, WrongError

_TAG: Final = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_LONGEST_TAG: Final = 35
_MOST: Final = 100


def tag(text: str) -> str | None:
    """Return a language tag in its usual case, or None for what is none (BCP 47 §2.1.1)."""
    if len(text) > _LONGEST_TAG or not _TAG.fullmatch(text):
        return None
    first, *rest = text.lower().split("-")
    cased = {2: str.upper, 4: str.title}
    return "-".join([first, *(cased.get(len(part), str)(part) for part in rest)])


def reader(readers: Mapping[str, Reader]) -> Reader:
    """Return a reader of `{member: {tag: value}}`, each value as its member is read."""

    def read_localized(value: object) -> dict[str, dict[str, Any]]:
        if not isinstance(value, dict) or not set(value) <= set(readers):
            raise WrongError("must be an object with some of " + ", ".join(readers))
        if not all(isinstance(entries, dict) for entries in value.values()):
            raise WrongError("must hold objects of texts by language tag")
        if sum(len(entries) for entries in value.values()) > _MOST:
            raise WrongError(f"must not have more than {_MOST} entries")
        return {
            name: {_known(text): readers[name](entry) for text, entry in entries.items()}
            for name, entries in value.items()
            if entries
        }

    return read_localized


def gathered(metadata: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what `member#tag` names say, as `{member: {tag: value}}`; odd tags as they are."""
    found: dict[str, dict[str, Any]] = {}
    for name, value in metadata.items():
        member, hash_, text = name.partition("#")
        if hash_:
            found.setdefault(member, {})[tag(text) or text] = value
    return found


def _known(text: object) -> str:
    known = tag(text) if isinstance(text, str) else None
    if known is None:
        raise WrongError("holds something that is no language tag")
    return known
