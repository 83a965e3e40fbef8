"""Recovery codes: made, shown once, and taken along as a text."""

import re
from typing import Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import factors, recovery_codes, second_steps
from accounts.pages import addresses, fresh
from config import environment, policy

_CODE: Final = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}")
_MOST: Final = 20


@never_cache
@fresh.required
@require_http_methods(["GET", "POST"])
def recovery(request: HttpRequest) -> HttpResponse:
    """Show how many codes are left, or make new ones and show them this once."""
    has = factors.of(str(request.user.pk))
    if request.method == "POST" and has.is_two_step:
        return shown(request)
    left = has.recovery_codes_left
    context = {
        "has": has,
        "left": left,
        "are_few": recovery_codes.is_few(left),
        "number": policy.current().factors.recovery_codes,
    }
    return render(request, "accounts/recovery_codes.html", context)


@never_cache
@login_required
@sensitive_post_parameters("codes")
@require_http_methods(["GET", "POST"])
def download(request: HttpRequest) -> HttpResponse:
    """Send the codes that the page shows back as a file; they rest nowhere."""
    lines = request.POST.get("codes", "").split()[:_MOST]
    if not lines or not all(_CODE.fullmatch(one) for one in lines):
        return addresses.see_other(reverse("recovery_codes"))
    name = policy.current().branding.name
    text = "\n".join(
        [
            _("Recovery codes: %(name)s") % {"name": name},
            f"{environment.current().issuer}",
            f"{request.user.email}",  # type: ignore[union-attr]
            formats.date_format(timezone.localtime(), "DATE_FORMAT"),
            "",
            *lines,
            "",
            _("Each code works once. Keep them where only you can read them."),
            "",
        ]
    )
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="recovery-codes.txt"'
    return response


def shown(request: HttpRequest, *, is_first: bool = False) -> HttpResponse:
    """Make new codes and return the page that shows them, which nothing can do again."""
    made = second_steps.make_codes(request, str(request.user.pk))
    context = {"codes": made, "text": " ".join(made), "is_first": is_first}
    return render(request, "accounts/recovery_codes_shown.html", context)
