"""RFC 6749 §4.1.2 — the authorization code as text: sealed, or, too long for a URL, in a row."""

import dataclasses
import datetime as dt

from tokens import handles, instants, pending
from tokens.records import Code

_LONGEST = 1000
_KIND = "code"
_PREFIX = "ac_"


def put(code: Code) -> str:
    """Return the code's text."""
    text = handles.seal(handles.CODE, code)
    if len(text) <= _LONGEST:
        return text
    rest = dt.timedelta(seconds=code.expires_at - instants.seconds(instants.now()) + 1)
    return _PREFIX + pending.put(_KIND, dataclasses.asdict(code), rest)


def find(text: str) -> Code | None:
    """Return the code, or None when not ours or expired; whether it is spent is not asked."""
    if text.startswith(_PREFIX):
        record = pending.find(_KIND, text.removeprefix(_PREFIX))
        code = None if record is None else _code(record)
    else:
        code = handles.open(handles.CODE, text)
    if code is None or code.expires_at <= instants.seconds(instants.now()):
        return None
    return code


def _code(record: dict[str, object]) -> Code:
    values = {
        key: tuple(value) if isinstance(value, list) else value for key, value in record.items()
    }
    return Code(**values)  # type: ignore[arg-type]
