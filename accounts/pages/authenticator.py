"""RFC 6238 §3 — setting an authenticator app up, by picture or by text, and taking it away.

The secret waits in the session until the app has shown its first code: nothing counts before.
"""

import time
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import code_forms, factors, second_steps, totp
from accounts.pages import addresses, codes, fresh

_WAITING: Final = "authenticator"
_GOOD_FOR: Final = 1800.0


@never_cache
@fresh.required
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def authenticator(request: HttpRequest) -> HttpResponse:
    """Show the app that is there, set one up, or take it away."""
    subject = str(request.user.pk)
    app = totp.find(subject)
    if request.POST.get("decision") == "remove":
        return _remove(request, subject)
    if app is not None and "replace" not in request.GET and "code" not in request.POST:
        return render(request, "accounts/authenticator.html", {"app": app})
    form = code_forms.AppCodeForm(request.POST if "code" in request.POST else None)
    if form.is_bound and form.is_valid():
        response = _add(request, subject, form)
        if response is not None:
            return response
    return render(request, "accounts/authenticator_add.html", _context(request, form, app=app))


def _add(request: HttpRequest, subject: str, form: code_forms.AppCodeForm) -> HttpResponse | None:
    secret = _waiting(request)
    if not second_steps.add_app(request, subject, secret, form.cleaned_data["code"]):
        form.say_wrong()
        return None
    del request.session[_WAITING]
    if "others" in request.POST:
        second_steps.end_others(request)
    if not factors.of(subject).recovery_codes_left:
        return codes.shown(request, is_first=True)
    messages.success(request, _("Your authenticator app is set up."))
    return addresses.see_other(reverse("security"))


def _remove(request: HttpRequest, subject: str) -> HttpResponse:
    if second_steps.remove_app(request, subject):
        if "others" in request.POST:
            second_steps.end_others(request)
        messages.success(request, _("The authenticator app is removed."))
    return addresses.see_other(reverse("security"))


def _context(request: HttpRequest, form: code_forms.AppCodeForm, *, app: Any) -> dict[str, Any]:
    secret = _waiting(request)
    address = totp.address(secret, request.user.email)  # type: ignore[union-attr]
    picture = totp.picture(address, _("QR code for your authenticator app"))
    return {
        "form": form,
        "is_replaced": app is not None,
        "address": address,
        "secret": totp.in_groups(secret),
        "picture": mark_safe(picture),  # noqa: S308  drawn here, and its title is ours
    }


def _waiting(request: HttpRequest) -> str:
    """Return the secret that waits for its first code; in all tabs it is the same one."""
    held = request.session.get(_WAITING)
    if not held or time.time() - held["at"] > _GOOD_FOR:
        held = {"secret": totp.new_secret(), "at": time.time()}
        request.session[_WAITING] = held
    secret: str = held["secret"]
    return secret
