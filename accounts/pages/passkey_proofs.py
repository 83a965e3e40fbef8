"""WebAuthn §7.2 — signing in with a passkey, as the only step or the second, and proving it again.

The buttons are on the pages that ask; here only their answers arrive. Wrong ones are counted by
address and against nobody: there is nothing to guess.
"""

from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import attempts, authentication, history, levels, passkeys, proving
from accounts.ceremonies import Ceremony, Purpose
from accounts.pages import addresses, ceremony, refusals
from accounts.webauthn import RefusedError
from config import client_ip, logs, throttle


@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in who shows a passkey; whoever comes by GET is shown the page that asks."""
    back = authentication.login_url(_next(request))
    if request.method != "POST":
        return addresses.see_other(back)
    return _proved(request, ceremony.sign_in(request), back)


@never_cache
@require_http_methods(["GET", "POST"])
def prove(request: HttpRequest) -> HttpResponse:
    """Take a passkey as the second step of a sign-in, or as proof that it is still them."""
    mine = ceremony.proof(request)
    if mine is None:
        return addresses.see_other(authentication.login_url(_next(request)))
    back = _page_of(mine, request)
    return _proved(request, mine, back) if request.method == "POST" else addresses.see_other(back)


def _proved(request: HttpRequest, mine: Ceremony, back: str) -> HttpResponse:
    try:
        attempt = attempts.passkey(request)
        user = passkeys.prove(request.POST.get("credential", ""), mine)
    except ImmediateHttpResponse as wait:
        page: HttpResponse = wait.response
        return page
    except RefusedError as refusal:
        _note(request, mine, refusal)
        messages.error(request, refusals.in_words(refusal))
        return addresses.see_other(back)
    throttle.give_back(attempt)
    return proving.prove(request, user, levels.PASSKEY, next_url=_next(request))


def _page_of(mine: Ceremony, request: HttpRequest) -> str:
    if mine.purpose is Purpose.SECOND_FACTOR:
        return reverse("second_factor")
    going = _next(request)
    url = reverse("account_reauthenticate")
    return f"{url}?{urlencode({'next': going})}" if going else url


def _next(request: HttpRequest) -> str:
    going = request.POST.get("next") or request.GET.get("next") or ""
    return going if addresses.is_here(going) else ""


def _note(request: HttpRequest, mine: Ceremony, refusal: RefusedError) -> None:
    """Log what was wrong; whose passkey it was reads of it in their history."""
    why, where = refusal.why.value, client_ip.of(request.META)
    logs.security_event("passkey_refused", why=why, purpose=mine.purpose.value, address=where)
    name = "sign_in_failed" if mine.purpose is Purpose.SIGN_IN else "second_factor_failed"
    if refusal.subject:
        history.note(refusal.subject, name, request)
