"""ASVS 5.0 §6.3.5 — a sign-in in a browser that is not known: its owner is told.

They are told by mail, with a link to object. Whoever signed up in this browser a moment ago knows.
"""

from typing import Any, Final

from allauth.account.signals import email_confirmed, user_signed_up
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import (
    consent,
    factors,
    familiar,
    history,
    mailed_proofs,
    notices,
    passkeys,
    people,
)
from accounts.models import User, email_key

_EXPECTED: Final = "sign_in_expected"


def expect(request: HttpRequest, subject: str) -> None:
    """Note that the sign-in which follows is no news: its owner is told in another mail."""
    request.session[_EXPECTED] = subject


def object_to(request: HttpRequest, secret: str) -> User | None:
    """Spend a mailed objection: nobody stays signed in, and the password lets nobody in any more.

    Nor does a passkey that came after the mail was written: it may be the thief's, as may be what
    was agreed with any application. None: the link is spent or too old. Where the address is no
    longer that of the mail, a thief may have changed it, and would be sent what a new password
    takes; where nothing is left to ask for beside that, the mail alone would open what it did not
    before: then the account is switched off.
    """
    with transaction.atomic():
        mailed_proofs.prove(mailed_proofs.NOT_ME, secret)
        proof = mailed_proofs.take(mailed_proofs.NOT_ME, secret)
        user = people.find(proof.subject) if proof else None
        if proof is None or user is None:
            return None
        people.lock_out(proof.subject)
        consent.withdraw_all(proof.subject, request)
        is_weaker = _forget_passkeys(request, proof)
        if is_weaker or email_key(proof.email) != user.email_key:
            people.disable(proof.subject)
        history.note(proof.subject, "not_me", request)
        user.refresh_from_db()
        return user


def _forget_passkeys(request: HttpRequest, proof: mailed_proofs.Proof) -> bool:
    """Remove those that are newer than the mail; tell whether there was a second step until now."""
    was_asked = factors.of(proof.subject).is_two_step
    for name in passkeys.remove_newer(proof.subject, proof.since) if proof.since else ():
        history.note(proof.subject, "passkey_removed", request, label=name)
    return was_asked and not factors.of(proof.subject).is_two_step


@receiver(user_signed_up, dispatch_uid="accounts.new_devices.signed_up")
def _signed_up(request: HttpRequest, user: User, **_extra: Any) -> None:
    expect(request, str(user.pk))


@receiver(user_logged_in, dispatch_uid="accounts.new_devices.signed_in")
def _signed_in(request: HttpRequest, user: User, **_extra: Any) -> None:
    """Tell the owner, unless this browser is known."""
    subject = str(user.pk)
    if request.session.pop(_EXPECTED, "") == subject or familiar.is_known(request, subject):
        return
    history.note(subject, "new_device", request)
    notices.new_device(request, subject)


@receiver(email_confirmed, dispatch_uid="accounts.new_devices.email_confirmed")
def _email_confirmed(request: HttpRequest, email_address: Any, **_extra: Any) -> None:
    history.note(str(email_address.user_id), "email_confirmed", request)
