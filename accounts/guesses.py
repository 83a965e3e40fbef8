"""Guesses at passwords and codes: counted for good, each before it is looked at.

After some wrong ones in a row the next has to wait, longer each time, whoever tries and from
wherever: but each known browser of an account counts by itself, so nobody keeps its owner out of
theirs, neither a stranger nor who was let into another one. As there are few places for these, the
guesses at one account are as many times as many at most. All second factors of a person share one
count. Unlike `attempts`, nothing here is lost with Redis or a restart.
"""

from dataclasses import dataclass
from typing import Any, Final, Self

from allauth.core.exceptions import ImmediateHttpResponse
from django.core.exceptions import ValidationError
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts import familiar, signals
from accounts.models import User
from config import logs, policy
from config.patience import Patience
from tokens import tries
from tokens.tries import Refused, Taken

SECOND_FACTOR: Final = "second_factor"
CODE: Final = "code"
PASSWORD: Final = "password"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A guess that may be looked at now. It was wrong unless something else is said."""

    taken: Taken
    counted: tuple[str, str]

    def was_right(self) -> None:
        """Begin to count anew."""
        tries.forget([self.counted])

    def give_back(self) -> None:
        """Say that it was none: nothing was typed, or we failed ourselves."""
        tries.give_back(self.taken)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, fault: BaseException | None, _trace: object) -> None:
        """Give it back where we failed ourselves: an outage is nobody's wrong guess."""
        if fault is not None and not isinstance(fault, ValidationError | ImmediateHttpResponse):
            self.give_back()


def reserve(request: HttpRequest, subject: str, kind: str = SECOND_FACTOR) -> Guess:
    """Count a guess that is about to be looked at, outside of any transaction.

    The subject is a person's; of a password, the key of the address that was typed; of a code that
    proves who somebody is, what that code is kept under, so that strangers cannot use its tries up.

    Raises:
        ImmediateHttpResponse: with the page that says to wait.
    """
    found = take(subject, kind, _whence(request, subject, kind))
    if isinstance(found, Refused):
        raise ImmediateHttpResponse(page(request, found.retry_after))
    return found


def take(subject: str, kind: str, whence: str) -> Guess | Refused:
    """Count a guess from wherever `familiar.whence` says; nothing is counted of one that waits."""
    counted = _counted(subject, kind, whence)
    found = tries.take(*counted, _patience(kind))
    if isinstance(found, Refused):
        logs.security_event("guesses_paused", kind=kind, seconds=found.retry_after)
        return found
    return Guess(taken=found, counted=counted)


def wait(request: HttpRequest, subject: str, kind: str = SECOND_FACTOR) -> int:
    """Return in how many seconds there is another guess; 0: now."""
    return tries.wait(*_counted(subject, kind, _whence(request, subject, kind)))


def forget(subject: str) -> None:
    """Begin to count a person anew, in every browser: whoever guessed has to begin anew as well."""
    key = User.objects.filter(pk=subject).values_list("email_key", flat=True).first()
    those = ((SECOND_FACTOR, subject), (PASSWORD, key or ""))
    tries.forget(_counted(who, kind, whence) for kind, who in those for whence in familiar.WHENCE)


def page(request: HttpRequest, seconds: int) -> HttpResponse:
    """Return the page that says to wait."""
    response = render(request, "429.html", {"minutes": -(-seconds // 60)}, status=429)
    response.headers["Retry-After"] = str(seconds)
    return response


def _whence(request: HttpRequest, subject: str, kind: str) -> str:
    if kind == CODE:
        return ""
    who = {"email": subject} if kind == PASSWORD else {"subject": subject}
    return familiar.whence(request, **who)


def _counted(subject: str, kind: str, whence: str) -> tuple[str, str]:
    return kind, f"{whence} {subject}" if whence else subject


def _patience(kind: str) -> Patience:
    rules = policy.current()
    return rules.guesses if kind == PASSWORD else rules.codes


@receiver(signals.password_changed, dispatch_uid="accounts.guesses.of_old_passwords")
def _forget_of_old_password(subject: str, **_news: Any) -> None:
    """Whoever could guess at second factors knew a password that is no more."""
    forget(subject)
