"""How one signs in: what a person has, what is missing, and whether a second step is asked for."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import factors, passkeys, recovery_codes, second_steps, totp, trusted_browsers
from accounts.pages import addresses, fresh


@login_required
@require_http_methods(["GET"])
def security(request: HttpRequest) -> HttpResponse:
    """Show what the person signs in with."""
    subject = str(request.user.pk)
    has = factors.of(subject)
    context = {
        "has": has,
        "app": totp.find(subject),
        "are_codes_few": has.is_two_step and recovery_codes.is_few(has.recovery_codes_left),
        "browsers": len(trusted_browsers.of(subject)),
        "is_trust_offered": trusted_browsers.is_offered(),
        "are_passkeys_possible": passkeys.is_possible(),
    }
    return render(request, "accounts/security.html", context)


@fresh.required
@require_http_methods(["GET", "POST"])
def two_steps(request: HttpRequest) -> HttpResponse:
    """Switch on or off that a passkey is asked for after a password."""
    subject = str(request.user.pk)
    wanted = request.POST.get("two_steps", "")
    if wanted == "on" and factors.of(subject).passkeys:
        second_steps.switch_on(request, subject)
        if not factors.of(subject).recovery_codes_left:
            messages.success(
                request, _("Two-step sign-in is on. Now make recovery codes, and keep them safe.")
            )
            return addresses.see_other(reverse("recovery_codes"))
        messages.success(request, _("Two-step sign-in is on."))
    elif wanted == "off":
        second_steps.switch_off(request, subject)
        messages.success(request, _("Two-step sign-in is off."))
    return addresses.see_other(reverse("security"))
