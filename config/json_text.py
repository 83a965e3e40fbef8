"""RFC 8259 §4 — JSON that anybody may send: read once, bounded, and meaning one thing only.

Python's reader is more lenient than the wire can be: it takes the last of two equal members, `NaN`
and `1e9999`, lone surrogates, and any depth until its stack ends.
"""

import json
import math
import re
from collections.abc import Iterable
from typing import Any, NoReturn

_MARKS = re.compile(r'\\.|["{}\[\]]', re.DOTALL)
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def read(text: str, *, longest: int, deepest: int, are_texts_judged: bool = True) -> Any:
    """Return the value; raise ValueError for what is malformed, too long or nested too deep.

    A text in it holds no control character, names and values of ours never do; but where each
    member is judged by a field of its own, that is left to the fields.
    """
    if len(text) > longest:
        raise ValueError("too long")
    if _depth(text) > deepest:
        raise ValueError("nested too deep")
    value = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse, parse_float=_finite)
    if are_texts_judged:
        _check_texts(value)
    return value


def _depth(text: str) -> int:
    """Return how deep brackets nest, before a recursive reader finds out the hard way."""
    depth = most = 0
    is_quoted = False
    for mark in _MARKS.findall(text):
        if mark == '"':
            is_quoted = not is_quoted
        elif not is_quoted and mark in "{[":
            depth += 1
            most = max(most, depth)
        elif not is_quoted and mark in "}]":
            depth -= 1
    return most


def _object(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise ValueError("a member twice")
        members[name] = value
    return members


def _refuse(_constant: str) -> NoReturn:
    raise ValueError("not a number of JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number out of range")
    return number


def _check_texts(value: Any) -> None:
    waiting = [value]
    while waiting:
        match waiting.pop():
            case dict() as members:
                waiting += [*members.keys(), *members.values()]
            case list() as items:
                waiting += items
            case str() as text if _UNFIT.search(text):
                raise ValueError("a control character")
            case _:
                pass
