"""RFC 6749 §4.1.2 — the authorization code as text."""

import datetime as dt

from tokens import handles, in_urls, instants
from tokens.records import Code

_LONGEST = 1000


def put(code: Code) -> str:
    """Return the code's text."""
    rest = dt.timedelta(seconds=code.expires_at - instants.seconds(instants.now()) + 1)
    return in_urls.put(handles.CODE, code, longest=_LONGEST, lifetime=rest)


def find(text: str) -> Code | None:
    """Return the code, or None when not ours or expired; whether it is spent is not asked."""
    code = in_urls.find(handles.CODE, text)
    is_over = code is None or code.expires_at <= instants.seconds(instants.now())
    return None if is_over else code
