"""The page behind “this was not me”: looking changes nothing, its button signs everybody out."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import authentication, forms, mailed_proofs, new_devices
from accounts.pages import addresses, message


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def object_to(request: HttpRequest, secret: str) -> HttpResponse:
    """Sign everybody out, and start the choice of a new password."""
    response = _object_to(request, secret)
    response.headers["Referrer-Policy"] = "strict-origin"  # the path is a secret
    return response


def _object_to(request: HttpRequest, secret: str) -> HttpResponse:
    proof = mailed_proofs.find(mailed_proofs.NOT_ME, secret)
    if proof is not None and request.method != "POST":
        return render(request, "accounts/not_me.html", {"email": proof.email})
    user = new_devices.object_to(request, secret)
    if user is None:
        return _gone(request)
    if not user.is_active:
        return _switched_off(request)
    authentication.sign_out(request)
    form: Any = forms.ResetPasswordForm({"email": user.email})
    if form.is_valid():
        form.save(request)
    return addresses.see_other(reverse("account_confirm_password_reset_code"))


def _gone(request: HttpRequest) -> HttpResponse:
    text = _("It works once and for a week. You can always choose a new password.")
    return message.error_page(
        request,
        404,
        _("This link is no longer good"),
        text,
        back_url=reverse("account_reset_password"),
        back_text=_("Choose a new password"),
    )


def _switched_off(request: HttpRequest) -> HttpResponse:
    text = _(
        "Everybody is signed out. This account was changed after we wrote to you, so nobody can"
        " sign in to it until the people who run this server have looked."
    )
    return message.error_page(request, 200, _("Your account is switched off"), text)
