"""The browsers a person trusts: where their second factor is not asked for, until they say so."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import trusted_browsers
from accounts.pages import addresses

_LONGEST = 18


@login_required
@require_http_methods(["GET", "POST"])
def browsers(request: HttpRequest) -> HttpResponse:
    """List them, and end the trust in one or in all."""
    subject = str(request.user.pk)
    if request.method == "POST":
        which = request.POST.get("which", "")
        if which == "all":
            trusted_browsers.end_all(subject, request)
            messages.success(request, _("No browser is trusted any more."))
        elif _is_number(which) and trusted_browsers.end(subject, int(which), request):
            messages.success(request, _("This browser is no longer trusted."))
        return addresses.see_other(reverse("browsers"))
    context = {"browsers": trusted_browsers.of(subject, request)}
    return render(request, "accounts/browsers.html", context)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST
