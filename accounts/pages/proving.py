"""RFC 9470 §5 — the page that asks for a proof: at a sign-in's second step, again, or for more.

All three offer what the person has, one at a time, and lead to the others. Every code is counted
before it is looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import (
    authentication,
    code_forms,
    factors,
    guesses,
    history,
    levels,
    proving,
    recovery_codes,
    second_steps,
    totp,
    trusted_browsers,
)
from accounts.forms import ReauthenticateForm
from accounts.models import User
from accounts.pages import addresses
from config import policy

_APP, _RECOVERY, _PASSKEY, _PASSWORD = "app", "recovery", "passkey", "password"
_METHOD_OF = {_APP: levels.TOTP, _RECOVERY: levels.RECOVERY_CODE, _PASSWORD: levels.PASSWORD}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What is asked of whom: the ways they may use, and the one that is shown."""

    purpose: str
    user: User
    ways: Sequence[str]
    way: str
    next_url: str = ""


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Ask for a second factor, between a first proof and the session."""
    user = proving.pending_person(request)
    if user is None:
        if request.user.is_authenticated:  # another tab was faster
            return addresses.see_other(addresses.next_or_account(request))
        return addresses.see_other(reverse(settings.LOGIN_URL))
    on = proving.go_on(request)  # the factor was taken away meanwhile
    if on is not None:
        return on
    return _ask(request, "second_factor", user, _second_ways(user))


@never_cache
@login_required
@sensitive_post_parameters("code", "password")
@require_http_methods(["GET", "POST"])
def again(request: HttpRequest) -> HttpResponse:
    """Ask who is signed in to prove it once more, by whatever they have."""
    user: Any = request.user
    ways = _first_ways(user) + _second_ways(user)
    if not ways:
        return addresses.see_other(_sign_in_again(request))
    return _ask(request, "again", user, list(dict.fromkeys(ways)))


@never_cache
@login_required
@sensitive_post_parameters("code", "password")
@require_http_methods(["GET", "POST"])
def step_up(request: HttpRequest) -> HttpResponse:
    """Ask who is signed in for what is missing to the level that an application wants."""
    user: Any = request.user
    wanted = request.POST.get("acr") or request.GET.get("acr") or levels.TWO_FACTORS
    missing = authentication.missing(request, wanted)
    if missing is None:
        return addresses.see_other(addresses.next_or_account(request))
    if missing == authentication.PASSKEY:
        ways = [one for one in _second_ways(user) if one == _PASSKEY]
    else:
        ways = _first_ways(user) if missing == authentication.FIRST else _second_ways(user)
    if not ways:
        return addresses.see_other(_sign_in_again(request))
    return _ask(request, "step_up", user, ways)


def _first_ways(user: User) -> list[str]:
    ways = [_PASSWORD] if user.has_usable_password() else []
    return ways + ([_PASSKEY] if factors.of(str(user.pk)).passkeys else [])


def _second_ways(user: User) -> list[str]:
    has = factors.of(str(user.pk))
    ways = [_APP] if has.has_totp else []
    ways += [_PASSKEY] if has.passkeys else []
    return ways + ([_RECOVERY] if has.recovery_codes_left and has.is_two_step else [])


def _ask(request: HttpRequest, purpose: str, user: User, ways: Sequence[str]) -> HttpResponse:
    chosen = request.POST.get("with") or request.GET.get("with") or ""
    asked = _Asked(purpose=purpose, user=user, ways=ways, way=chosen if chosen in ways else ways[0])
    form = _form(request, asked)
    if form is not None and form.is_bound and form.is_valid():
        response = _judge(request, asked, form)
        if response is not None:
            return response
    return render(request, "accounts/prove.html", _context(request, asked, form))


def _form(request: HttpRequest, asked: _Asked) -> forms.Form | None:
    is_meant = request.method == "POST" and request.POST.get("with", asked.way) == asked.way
    data = request.POST if is_meant else None
    days = policy.current().factors.trust_browser_for.days
    trust = days if asked.purpose == "second_factor" else 0
    match asked.way:
        case "app":
            return code_forms.AppCodeForm(data, trust_days=trust)
        case "recovery":
            return code_forms.RecoveryCodeForm(data, trust_days=trust)
        case "password":
            return ReauthenticateForm(data, user=asked.user)  # judges, and counts, by itself
        case _:
            return None


def _judge(request: HttpRequest, asked: _Asked, form: forms.Form) -> HttpResponse | None:
    """Go on when the code is right; None when it is wrong, which the form says from now on."""
    subject = str(asked.user.pk)
    if isinstance(form, code_forms.CodeForm):
        guess = guesses.reserve(request, subject)
        try:
            is_right = _is_right(request, asked, form.cleaned_data["code"])
        except Exception:
            guess.give_back()  # an outage is nobody's wrong code
            raise
        if not is_right:
            history.note(subject, "second_factor_failed", request)
            form.say_wrong()
            return None
        guess.was_right()
    next_url = addresses.next_or_account(request) if asked.purpose != "second_factor" else ""
    response = proving.prove(request, asked.user, _METHOD_OF[asked.way], next_url=next_url)
    _after(request, asked, is_trusted=bool(form.cleaned_data.get("trust")))
    return response


def _is_right(request: HttpRequest, asked: _Asked, code: str) -> bool:
    subject = str(asked.user.pk)
    if asked.way == _APP:
        return totp.verify(subject, code)
    return second_steps.use_code(request, subject, code)


def _after(request: HttpRequest, asked: _Asked, *, is_trusted: bool) -> None:
    """Trust the browser where that was wished, and warn of what runs out."""
    person, subject = authentication.signed_in(request), str(asked.user.pk)
    if person is None or person.subject != subject:
        return
    if is_trusted and asked.purpose == "second_factor" and trusted_browsers.is_offered():
        trusted_browsers.trust(request, subject, person.epoch)
    left = recovery_codes.left(subject) if asked.way == _RECOVERY else None
    if left is not None and recovery_codes.is_few(left):
        text = ngettext(
            "You have %(n)s recovery code left. Make new ones on your security page.",
            "You have %(n)s recovery codes left. Make new ones on your security page.",
            left,
        )
        messages.warning(request, text % {"n": left})


def _context(request: HttpRequest, asked: _Asked, form: forms.Form | None) -> dict[str, Any]:
    following = request.POST.get("next") or request.GET.get("next") or ""
    next_url = following if following and addresses.is_here(following) else ""
    kept = {"next": next_url, "acr": request.POST.get("acr") or request.GET.get("acr") or ""}
    kept = {name: value for name, value in kept.items() if value}
    words = {
        _APP: _("Use your authenticator app"),
        _PASSKEY: _("Use a passkey"),
        _RECOVERY: _("Use a recovery code"),
        _PASSWORD: _("Use your password"),
    }
    others = [
        (words[way], f"?{urlencode({**kept, 'with': way})}")
        for way in asked.ways
        if way not in {asked.way, _PASSKEY}
    ]
    return {
        "form": form,
        "purpose": asked.purpose,
        "way": asked.way,
        "kept": kept,
        "others": others,
        "has_passkey": _PASSKEY in asked.ways,
        "person": asked.user,
        "redirect_field_value": next_url,
        "login_url": authentication.login_url(authentication.pending_next(request)),
    }


def _sign_in_again(request: HttpRequest) -> str:
    following = addresses.next_or_account(request)
    return f"{reverse('switch')}?{urlencode({'next': following, 'again': '1'})}"
