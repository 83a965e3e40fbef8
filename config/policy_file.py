"""The policy file: TOML onto the policy's dataclasses; an unknown key is an error, not a shrug."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Any, Final, get_type_hints

from config import branding, contradictions, rates, upstream
from config.faults import Fault, did_you_mean
from config.policy import Policy
from config.rates import Rates

SEE = "docs/operations.md#policy-file"
UNITS = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
DURATION = re.compile(r"(?:[0-9]{1,9}(?:ms|s|m|h|d))+")
PART = re.compile(r"([0-9]{1,9})(ms|s|m|h|d)")
DURATION_FORM = 'a duration such as "10s", "15m", "1h30m" or "7d"'


def read(path: Path) -> tuple[Policy, list[Fault]]:
    """Return the policy of the file, and everything that is wrong with it."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        problem = f"cannot be read: {error.strerror}."
    except UnicodeDecodeError:
        problem = "is not UTF-8 text."
    except tomllib.TOMLDecodeError as error:
        problem = f"is not TOML: {error}."
    else:
        return _policy(document)
    return Policy(), [Fault(key="AUTHSERVER_POLICY_FILE", value=str(path), problem=problem)]


def duration(text: str) -> timedelta:
    """Return the duration written as `15m`, `7d` or `1h30m`; raise ValueError for anything else."""
    if not DURATION.fullmatch(text):
        message = f"is not {DURATION_FORM}."
        raise ValueError(message)
    parts = PART.findall(text)
    return sum((int(count) * UNITS[unit] for count, unit in parts), start=timedelta(0))


def written(value: object) -> str:
    """Return a policy value the way the file writes it."""
    match value:
        case timedelta():
            return _duration_text(value)
        case Enum():
            return str(value.value)
        case bool():
            return str(value).lower()
        case "" | ():
            return "none"
        case _:
            return str(value)


def _duration_text(value: timedelta) -> str:
    for unit in ("d", "h", "m", "s"):
        if value and value % UNITS[unit] == timedelta(0):
            return f"{value // UNITS[unit]}{unit}"
    return f"{value // UNITS['ms']}ms" if value else "0s"


def _policy(document: dict[str, Any]) -> tuple[Policy, list[Fault]]:
    faults: list[Fault] = []
    parts: dict[str, Any] = {}
    kinds = get_type_hints(Policy)
    for name, table in document.items():
        if name not in kinds:
            faults.append(_unknown(name, kinds))
        elif not isinstance(table, dict):
            faults.append(Fault(key=name, value=str(table), problem="must be a table.", see=SEE))
        else:
            own = _OWN_TABLES.get(name)
            parts[name], wrong = own(name, table) if own else _part(kinds[name], name, table)
            faults += wrong
    policy = Policy(**parts)
    return policy, faults or contradictions.found(policy)


def _part(kind: Any, name: str, table: dict[str, Any]) -> tuple[Any, list[Fault]]:
    values, wrong = _values(name, table, kind)
    return kind(**values), wrong


_OWN_TABLES: Final[dict[str, Callable[[str, dict[str, Any]], tuple[Any, list[Fault]]]]] = {
    "branding": branding.read,
    "upstream": upstream.read,
}
"""Parts that read their own table, since it holds texts or further tables."""


def _values(part: str, table: dict[str, Any], kind: Any) -> tuple[dict[str, Any], list[Fault]]:
    known = {each.name: each for each in fields(kind)}
    kinds = get_type_hints(kind)
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, raw in table.items():
        key = f"{part}.{name}"
        if name not in known:
            faults.append(_unknown(key, [f"{part}.{each}" for each in known]))
            continue
        try:
            values[name] = _value(raw, kinds[name], known[name])
        except ValueError as error:
            allowed = allowed_values(kinds[name], known[name])
            shown = raw if isinstance(raw, str) else str(raw)
            faults.append(Fault(key=key, value=shown, problem=str(error), allowed=allowed, see=SEE))
    return values, faults


def _value(raw: object, kind: Any, declared: Field[Any]) -> object:
    if kind is timedelta:
        if not isinstance(raw, str):
            message = f"must be {DURATION_FORM}, in quotes."
            raise ValueError(message)
        return _bounded(duration(raw), declared)
    if kind is Rates:
        if not isinstance(raw, str):
            message = f"must be {rates.FORM}, in quotes."
            raise ValueError(message)
        return rates.parse(raw)
    if issubclass(kind, Enum):
        if raw in [member.value for member in kind]:
            return kind(raw)
        message = "is not one of the allowed values."
        raise ValueError(message)
    if type(raw) is not kind:  # True is an int to Python, and must not be one here
        message = "must be true or false." if kind is bool else "must be a whole number."
        raise ValueError(message)
    return _bounded(raw, declared)


def _bounded(value: Any, declared: Field[Any]) -> object:
    if declared.metadata:
        if value < declared.metadata["at_least"]:
            message = "is too small."
            raise ValueError(message)
        if value > declared.metadata["at_most"]:
            message = "is too large."
            raise ValueError(message)
    return value


def allowed_values(kind: Any, declared: Field[Any]) -> str:
    """Say which values a field may have, for messages and for the generated policy table."""
    if "form" in declared.metadata:
        return str(declared.metadata["form"])
    if declared.metadata:
        low, high = declared.metadata["at_least"], declared.metadata["at_most"]
        return f"{written(low)} to {written(high)}"
    if kind is Rates:
        return rates.FORM
    if kind is bool:
        return "true, false"
    return (
        ", ".join(str(member.value) for member in kind) if declared.default is not MISSING else ""
    )


def _unknown(key: str, known: Any) -> Fault:
    return Fault(key=key, problem=f"is not a policy setting.{did_you_mean(key, known)}", see=SEE)
