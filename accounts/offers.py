"""WebAuthn §5.1.7 — offering a passkey: once, after a sign-in, where the browser could keep one."""

from typing import Final

from django.http import HttpRequest
from django.utils import timezone

from accounts import passkeys
from accounts.models import User

FIELD: Final = "passkey_ready"
"""The field of a sign-in or sign-up form in which our script says what the browser can do."""


def hear(request: HttpRequest) -> None:
    """Remember through the steps of this sign-in that the browser could keep a passkey."""
    if request.POST.get(FIELD) == "1":
        request.session[FIELD] = True


def is_due(request: HttpRequest, user: User) -> bool:
    """Tell whether to offer one now; it is so once for each person, whatever they choose."""
    if not request.session.pop(FIELD, False) or not passkeys.is_possible():
        return False
    if user.passkey_offered_at is not None or passkeys.count(str(user.pk)):
        return False
    unoffered = User.objects.filter(pk=user.pk, passkey_offered_at__isnull=True)
    return bool(unoffered.update(passkey_offered_at=timezone.now()))
