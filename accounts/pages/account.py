"""A person's own pages: the account, the connected applications, which account to go on with."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import authentication, consent
from accounts.pages import addresses


@login_required
@require_http_methods(["GET"])
def account(request: HttpRequest) -> HttpResponse:
    """Show the account."""
    return render(request, "accounts/account.html", {})


@login_required
@require_http_methods(["GET", "POST"])
def applications(request: HttpRequest) -> HttpResponse:
    """List the connected applications, and disconnect one."""
    subject = str(request.user.pk)
    if request.method == "POST":
        agreed = {one.client_id: one.client_name for one in consent.of(subject)}
        client_id = request.POST.get("client_id", "")
        if consent.withdraw(subject, client_id):
            text = _("%(name)s is disconnected and can no longer act for you.")
            messages.success(request, text % {"name": agreed.get(client_id, client_id)})
        return addresses.see_other(reverse("applications"))
    return render(request, "accounts/applications.html", {"applications": consent.of(subject)})


@require_http_methods(["GET", "POST"])
def switch(request: HttpRequest) -> HttpResponse:
    """Ask which account to go on with: this one, or another after signing out."""
    chosen = request.POST.get("next") or request.GET.get("next") or ""
    next_url = chosen if addresses.is_here(chosen) else reverse("account")
    if not request.user.is_authenticated:
        return addresses.see_other(authentication.login_url(next_url))
    is_again = bool(request.GET.get("again"))
    if request.method == "GET":
        return render(request, "accounts/switch.html", {"next": next_url, "is_again": is_again})
    if request.POST.get("decision") == "continue" and not is_again:
        authentication.choose(request)
        return addresses.see_other(next_url)
    hint = request.user.email if is_again else ""
    authentication.sign_out(request)
    return addresses.see_other(authentication.login_url(next_url, hint=hint))
