"""What any member may be made of: texts, choices, switches, numbers, lists; and what is wrong."""

import re
import unicodedata
from collections.abc import Callable
from typing import Any, Final

Reader = Callable[[Any], Any]
_UNSEEN: Final = frozenset({"Cc", "Cf", "Zl", "Zp", "Co", "Cs"})  # control, bidi, zero width, …

_SEEN: Final = "LNPS"  # letters, numbers, punctuation, symbols: the first of a category
_BLANK: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and symbols without ink


class WrongError(Exception):
    """A member is not acceptable; the text says why."""


def text(longest: int, pattern: str = r".*") -> Reader:
    """Return a reader of texts without anything that cannot be seen."""

    def read_text(value: object) -> str:
        if not isinstance(value, str) or len(value) > longest:
            raise WrongError(f"must be a text of at most {longest} characters")
        if not re.fullmatch(pattern, value) or any(
            unicodedata.category(c) in _UNSEEN for c in value
        ):
            raise WrongError("holds a character that is not allowed")
        return value

    return read_text


def name(longest: int) -> Reader:
    """Return a reader of what people are shown: if it says anything, something of it is seen."""
    read_text = text(longest)

    def read_name(value: object) -> str:
        words = str(read_text(value))
        if words and not any(_is_seen(character) for character in words):
            raise WrongError("has nothing in it that can be seen")
        return words

    return read_name


def _is_seen(character: str) -> bool:
    return unicodedata.category(character)[0] in _SEEN and character not in _BLANK


def one_of(*allowed: str) -> Reader:
    """Return a reader of one of these texts."""

    def read_choice(value: object) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise WrongError("must be one of " + ", ".join(allowed))
        return value

    return read_choice


def optional(reader: Reader) -> Reader:
    """Return a reader that lets an empty text pass, which says the same as no member at all."""
    return lambda value: "" if value == "" else reader(value)


def boolean(value: object) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise WrongError("must be true or false")
    return value


def whole(least: int, most: int) -> Reader:
    """Return a reader of whole numbers."""

    def read_number(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise WrongError(f"must be a whole number from {least} to {most}")
        return value

    return read_number


def list_of(reader: Reader, most: int = 1000) -> Reader:
    """Return a reader of lists that name nothing twice."""

    def read_list(value: object) -> list[Any]:
        if not isinstance(value, list):
            raise WrongError("must be a list")
        if len(value) > most:
            raise WrongError(f"must not have more than {most} items")
        items = [reader(item) for item in value]
        if len(set(items)) < len(items):
            raise WrongError("names something twice")
        return items

    return read_list


def never(sentence: str) -> Reader:
    """Return a reader that refuses whatever comes, and says why."""

    def refuse(_value: object) -> None:
        raise WrongError(sentence)

    return refuse
