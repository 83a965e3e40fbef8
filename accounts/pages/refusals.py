"""Refusals: what a person is told whose passkey was not taken."""

from django.utils.translation import gettext as _

from accounts.webauthn import RefusedError, Why
from config import environment


def in_words(refusal: RefusedError) -> str:
    """Return what happened and what to do."""
    match refusal.why:
        case Why.STALE:
            return _("This page was open for too long, or was used already. Please try again.")
        case Why.UNKNOWN:
            return _(
                "This passkey does not belong to an account here; it may have been removed."
                " Please sign in another way."
            )
        case Why.UNVERIFIED:
            return _(
                "Your device did not check that it is you. Please set up its screen lock, or use"
                " another device."
            )
        case Why.ELSEWHERE:
            text = _("This passkey was used at another address. Please try again at %(address)s")
            return text % {"address": environment.current().issuer}
        case Why.UNSUPPORTED:
            return _("Your device makes passkeys of a kind that cannot be checked here.")
        case Why.TAKEN:
            return _("This passkey has been added already.")
        case Why.TOO_MANY:
            return _("You have as many passkeys as there is room for. Please remove one first.")
        case _other:
            return _("What your device answered could not be checked. Please try again.")
