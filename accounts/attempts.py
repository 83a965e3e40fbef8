"""How often people may fail to prove themselves, and have mail sent or accounts made.

Counted is what was typed, whether or not somebody has that address: what is answered is the same.
A failure is reserved before anything is hashed and given back when it was none. Known browsers of
an account count by themselves, so nobody can keep its owner out of theirs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from allauth.core.exceptions import ImmediateHttpResponse
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts import familiar, guesses
from accounts.guesses import Guess
from accounts.models import email_key
from config import throttle
from config.throttle import Decision

Handler = Callable[[HttpRequest], HttpResponse]
Asked = Sequence[tuple[str, str]]
_SIGNED_IN: Final = frozenset({"account_change_password", "account_set_password"})
_MAILING: Final = frozenset(
    {"account_reset_password", "account_email", "account_request_login_code"}
)
_RESENDING: Final = frozenset({"account_email_verification_sent", "account_confirm_login_code"})
_SIGNING_UP: Final = "account_signup"
_ELSEWHERE: Final = frozenset({"upstream_start", "connections"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A password that may be looked at now. It was wrong unless something else is said."""

    decision: Decision
    guess: Guess

    def was_right(self) -> None:
        """Take this one back; the account's count begins anew, that of the address does not."""
        throttle.give_back(self.decision)
        self.guess.was_right()

    def give_back(self) -> None:
        """Say that it was none."""
        throttle.give_back(self.decision)
        self.guess.give_back()


def begin(request: HttpRequest, email: str) -> Attempt:
    """Reserve a failure to prove that one is this person, before anything is hashed.

    Raises:
        ImmediateHttpResponse: with the page that says to wait.
    """
    where, key = throttle.address(request.META), email_key(email)
    whence = familiar.whence(request, email=key)
    asked = [("login", f"{whence} {key}"), ("login_address", where)]
    if whence == familiar.NEW:
        asked.append(("login_global", "everybody"))
    decision = _counted(request, asked)
    try:
        guess = guesses.reserve(request, key, guesses.PASSWORD)
    except Exception:
        throttle.give_back(decision)
        raise
    return Attempt(decision=decision, guess=guess)


def passkey(request: HttpRequest) -> Decision:
    """Reserve a passkey that is not taken; `throttle.give_back` where it was; raises as `begin`.

    There is nothing to guess, so only addresses are counted, and nobody's passkey waits for others.
    """
    return _counted(request, [("passkeys", throttle.address(request.META))])


def mail(request: HttpRequest, email: str) -> None:
    """Count a mail that anybody can have us send to an address; raises as `begin`."""
    _counted(request, [_target(request, email)])


def counted(following: Handler) -> Handler:
    """Count what is posted to the pages that anybody can make work or mail with."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return following(request)

    def process_view(request: HttpRequest, *_: Any) -> HttpResponse | None:
        asked = _asked(request) if request.method == "POST" else ()
        if not asked:
            return None
        try:
            _counted(request, asked)
        except ImmediateHttpResponse as refusal:
            response: HttpResponse = refusal.response
            return response
        return None

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware


def _asked(request: HttpRequest) -> Asked:
    """Return the rules and subjects of a posted page; nothing where none apply."""
    page = request.resolver_match.view_name if request.resolver_match else ""
    where, typed = throttle.address(request.META), request.POST.get("email", "")
    mailed = [("password_reset_address", where)]
    if typed:
        mailed.append(_target(request, typed))
    if page == _SIGNING_UP:
        return [("sign_up", where), *mailed[1:]]
    if page in _ELSEWHERE:
        return [("upstream", where)]
    if page in _MAILING:
        return mailed
    if page in _RESENDING:
        is_typed = "code" in request.POST and request.POST.get("action", "verify") == "verify"
        return () if is_typed else mailed[:1]
    if page in _SIGNED_IN and request.user.is_authenticated:
        return [("reauthentication", f"user:{request.user.pk}")]
    return ()


def _target(request: HttpRequest, email: str) -> tuple[str, str]:
    """Count the mails that known browsers ask for together: whose mailbox it is, is one person."""
    key = email_key(email)
    is_known = familiar.whence(request, email=key) != familiar.NEW
    return "password_reset", f"{'known' if is_known else 'new'} {key}"


def _counted(request: HttpRequest, asked: Asked) -> Decision:
    decision = throttle.decide_all([(throttle.rule(name), subject) for name, subject in asked])
    if decision.is_allowed:
        return decision
    minutes = -(-decision.retry_after // 60)
    page = render(request, "429.html", {"minutes": minutes}, status=429)
    # How much is left of an account's attempts is told to nobody; when to come back, is.
    for name, value in throttle.retry_after(decision):
        page.headers[name] = value
    raise ImmediateHttpResponse(page)
