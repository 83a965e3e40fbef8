"""ASVS 5.0 §7.4.3 — what people change about their second factors, and all that follows from it.

Every change is in the history, is told by mail, and ends the trust in browsers where something was
taken away.
"""

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts import (
    authentication,
    factors,
    familiar,
    guesses,
    history,
    notices,
    passkeys,
    people,
    recovery_codes,
    sessions,
    totp,
    trusted_browsers,
)
from accounts.models import TwoSteps
from tokens import epochs


def add_app(request: HttpRequest, subject: str, secret: str, code: str) -> bool:
    """Give a person an authenticator app that shows this code; False for a wrong one."""
    with transaction.atomic():
        if not totp.add(subject, secret, code):
            return False
        trusted_browsers.end_all(subject, request)
        history.note(subject, "totp_added", request)
        notices.happened(request, subject, "totp_added")
        return True


def remove_app(request: HttpRequest, subject: str) -> bool:
    """Take the authenticator app away; tell whether there was one."""
    with transaction.atomic():
        if not totp.remove(subject):
            return False
        history.note(subject, "totp_removed", request)
        notices.happened(request, subject, "totp_removed")
        tidy(subject, request)
        return True


def make_codes(request: HttpRequest, subject: str) -> list[str]:
    """Make new recovery codes and void the old."""
    with transaction.atomic():
        codes = recovery_codes.make(subject)
        history.note(subject, "recovery_codes_made", request)
        notices.happened(request, subject, "recovery_codes_made")
        return codes


def use_code(request: HttpRequest, subject: str, typed: str) -> bool:
    """Use a recovery code up; False where it is none."""
    with transaction.atomic():
        if not recovery_codes.use(subject, typed):
            return False
        left = recovery_codes.left(subject)
        history.note(subject, "recovery_code_used", request, left=left)
        notices.happened(request, subject, "recovery_code_used", left=left)
        return True


def switch_on(request: HttpRequest, subject: str) -> None:
    """Ask for a passkey after the password from now on."""
    with transaction.atomic():
        TwoSteps.objects.get_or_create(user_id=subject, defaults={"created_at": timezone.now()})
        history.note(subject, "two_steps_on", request)
        notices.happened(request, subject, "two_steps_on")


def switch_off(request: HttpRequest, subject: str) -> None:
    """Ask for nothing after the password, unless the person has an app."""
    with transaction.atomic():
        if TwoSteps.objects.filter(user_id=subject).delete()[0]:
            history.note(subject, "two_steps_off", request)
            notices.happened(request, subject, "two_steps_off")
        tidy(subject, request)


def tidy(subject: str, request: HttpRequest | None = None) -> None:
    """End what makes no sense without a factor that was just taken away: trust, codes, the wish."""
    trusted_browsers.end_all(subject, request)
    has = factors.of(subject)
    if not has.has_second:
        TwoSteps.objects.filter(user_id=subject).delete()
    if not has.is_two_step and recovery_codes.remove(subject):
        history.note(subject, "recovery_codes_removed", request)


def end_others(request: HttpRequest) -> int:
    """Sign the person out everywhere but here; return how many sessions ended."""
    person = authentication.signed_in(request)
    if person is None:
        return 0
    familiar.forget(person.subject, but=request)
    ended = sessions.end_all(person.subject, except_sid=person.sid)
    if ended:
        history.note(person.subject, "sessions_ended", request, sessions=ended)
    return ended


def reset(subject: str) -> bool:
    """Take all second factors from somebody who lost them, and end all access of theirs.

    For the support desk, who has made sure who asks; False where there was nothing to take.
    """
    with transaction.atomic():
        has = factors.of(subject)
        if not has.has_second and not has.recovery_codes_left:
            return False
        totp.remove(subject)
        for one in passkeys.of(subject):
            passkeys.remove(subject, one.id)
        recovery_codes.remove(subject)
        TwoSteps.objects.filter(user_id=subject).delete()
        trusted_browsers.end_all(subject)
        epochs.bump(epochs.PERSON, subject)
        people.sign_out(subject)
        history.note(subject, "factors_reset")
        notices.put(subject, "factors_reset", {})
    guesses.forget(subject)
    return True
