"""RFC 6238 — an authenticator app: a shared secret, and a code of it every half minute.

Six digits of HMAC-SHA-1, which every app can do. A code counts once: the step it was made for must
be newer than the last one used, which one conditional update decides, whoever asks at once.
"""

import base64
import hashlib
import hmac
import secrets
import time
from typing import Final
from urllib.parse import quote, urlencode

import segno
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import AuthenticatorApp
from config import policy
from tokens import vault

DIGITS: Final = 6
_PERIOD: Final = 30
_SECRET_BYTES: Final = 20
_PURPOSE: Final = "totp"


def new_secret() -> str:
    """Return a new secret as apps take it: 160 bits in base32."""
    return base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def in_groups(secret: str) -> str:
    """Return a secret as a person can type it."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def address(secret: str, email: str) -> str:
    """Return the address that apps read from a QR code, or open themselves."""
    name = policy.current().branding.name
    asked = {"secret": secret, "issuer": name, "algorithm": "SHA1", "digits": DIGITS}
    label = f"{quote(name, safe='')}:{quote(email, safe='@')}"
    return f"otpauth://totp/{label}?{urlencode({**asked, 'period': _PERIOD}, quote_via=quote)}"


def picture(address_: str, title: str) -> str:
    """Return an address as a QR code: SVG for our pages, with no style and no script."""
    drawn = segno.make(address_, error="m", micro=False)
    return drawn.svg_inline(
        border=4,
        omitsize=True,
        dark="#000",
        light="#fff",
        svgclass="qr",
        lineclass=None,
        title=title,
    )


def code(secret: str, step: int) -> str:
    """Return the code of one step (RFC 4226 §5.3)."""
    digest = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1)
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def now() -> int:
    """Return the step we are in."""
    return int(time.time()) // _PERIOD


def matching(secret: str, typed: str) -> int | None:
    """Return the step around now that this is the code of, or None."""
    drift, here = policy.current().factors.drift, now()
    steps = [
        step
        for step in range(here - drift, here + drift + 1)
        if hmac.compare_digest(code(secret, step).encode(), typed.encode())
    ]
    return max(steps, default=None)


def add(subject: str, secret: str, typed: str) -> bool:
    """Give a person an app that has just shown its code; False for a wrong code."""
    step = matching(secret, typed)
    if step is None:
        return False
    fresh = {"sealed": _sealed(subject, secret), "last_step": step, "created_at": timezone.now()}
    try:
        with transaction.atomic():
            AuthenticatorApp.objects.filter(user_id=subject).delete()
            AuthenticatorApp.objects.create(user_id=subject, **fresh)
    except IntegrityError:  # the person did the same in another tab, and that one counts
        return False
    return True


def verify(subject: str, typed: str) -> bool:
    """Tell whether this is a code of the person's app that was never used, and use it up."""
    row = AuthenticatorApp.objects.filter(user_id=subject).first()
    plain = vault.open(_PURPOSE, subject, bytes(row.sealed)) if row else None
    if plain is None:
        return False
    step = matching(plain.decode(), typed)
    if step is None:
        return False
    unused = AuthenticatorApp.objects.filter(user_id=subject, last_step__lt=step)
    return unused.update(last_step=step, last_used_at=timezone.now()) == 1


def find(subject: str) -> AuthenticatorApp | None:
    """Return what is known of a person's app."""
    return AuthenticatorApp.objects.filter(user_id=subject).first()


def remove(subject: str) -> bool:
    """Take a person's app away; tell whether they had one."""
    return AuthenticatorApp.objects.filter(user_id=subject).delete()[0] > 0


def reseal() -> int:
    """Seal every secret anew under the first root key; return how many seals that took."""
    count = 0
    for row in AuthenticatorApp.objects.iterator():
        before = bytes(row.sealed)
        plain = vault.open(_PURPOSE, str(row.pk), before)
        if plain is not None and not vault.is_current(before):
            mine = AuthenticatorApp.objects.filter(pk=row.pk, sealed=before)
            count += mine.update(sealed=_sealed(str(row.pk), plain.decode()))
    return count


def _sealed(subject: str, secret: str) -> bytes:
    return vault.seal(_PURPOSE, subject, secret.encode())
