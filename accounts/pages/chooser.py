"""Which account to go on with: what `prompt=select_account` and `prompt=create` show.

The one that is signed in, one that was used in this browser before (which still has to be signed
in to), or another. A form that was shown for somebody else asks again.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts import authentication, remembered
from accounts.familiar import Remembered
from accounts.pages import addresses, signing_out


@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Ask which account to go on with, and go on with it."""
    next_url = addresses.next_or_account(request)
    is_again = bool(request.GET.get("again")) and request.user.is_authenticated
    there = remembered.accounts(request)
    if request.method == "POST":
        return _act(request, next_url, there, is_again=is_again)
    if not (there or request.user.is_authenticated):
        return addresses.see_other(authentication.login_url(next_url))
    others = [one for one in there if one.subject != _subject(request)]
    context = {"next": next_url, "is_again": is_again, "others": others, "is_list": bool(there)}
    return render(request, "accounts/switch.html", context)


def _act(
    request: HttpRequest, next_url: str, there: list[Remembered], *, is_again: bool
) -> HttpResponse:
    decision = request.POST.get("decision", "")
    if decision == "forget":
        remembered.forget(request)
        return addresses.see_other(authentication.switch_url(next_url))
    if decision == "continue" and not is_again:
        if not request.user.is_authenticated or request.POST.get("account") != _subject(request):
            return addresses.see_other(authentication.switch_url(next_url))
        authentication.choose(request)
        return addresses.see_other(next_url)
    hint = next((one.email for one in there if one.subject == decision), "")
    if request.user.is_authenticated:
        hint = request.user.email if is_again else hint
        return signing_out.leave(request, authentication.login_url(next_url, hint=hint))
    return addresses.see_other(authentication.login_url(next_url, hint=hint))


def _subject(request: HttpRequest) -> str:
    return str(request.user.pk) if request.user.is_authenticated else ""


@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Lead to the sign-up page; somebody who is signed in is asked first, and signed out."""
    next_url = addresses.next_or_account(request)
    hint = (request.POST.get("login_hint") or request.GET.get("login_hint") or "")[:254]
    if not request.user.is_authenticated:
        return addresses.see_other(authentication.sign_up_url(next_url, hint=hint))
    if request.method == "GET":
        context = {"next": next_url, "hint": hint, "login": _choose_instead(next_url)}
        return render(request, "accounts/create.html", context)
    if request.POST.get("decision") == "continue":
        if request.POST.get("account") != _subject(request):
            return addresses.see_other(authentication.create_url(next_url, hint=hint))
        authentication.choose(request)
        return addresses.see_other(next_url)
    return signing_out.leave(request, authentication.sign_up_url(next_url, hint=hint))


def _choose_instead(next_url: str) -> str:
    return authentication.switch_url(next_url) if next_url != reverse("account") else ""
