"""Codes that prove a new e-mail address to a program, which no page could remember them for.

A code is made of who asks, for which address, under which epoch, in which quarter of an hour: it
rests nowhere, it is good for one change, and 80 bits need no counting of attempts.
"""

import base64
import hashlib
import hmac
import time
from typing import Final

from accounts.models import email_key
from tokens import derivation, epochs

MINUTES: Final = 15
"""For how long a code is good at least; never for twice as long."""
_PURPOSE: Final = "e-mail proof"


def code(subject: str, email: str) -> str:
    """Return the code that proves this address for this person now."""
    return _codes(subject, email, _span())[0]


def is_right(subject: str, email: str, text: str) -> bool:
    """Tell whether this is that code, or that of a moment ago, however it was typed."""
    typed = "".join(text.split()).upper().encode("utf-8", "surrogatepass")
    span = _span()
    good = [*_codes(subject, email, span), *_codes(subject, email, span - 1)]
    return any(hmac.compare_digest(one.encode(), typed) for one in good)


def _codes(subject: str, email: str, span: int) -> list[str]:
    epoch = epochs.read(epochs.PERSON, subject)
    text = f"{subject}\n{email_key(email)}\n{epoch}\n{span}".encode()
    made = (hmac.digest(key, text, hashlib.sha256)[:10] for _, key in derivation.keys(_PURPOSE))
    return [base64.b32encode(one).decode() for one in made]


def _span() -> int:
    return int(time.time() // (MINUTES * 60))
