"""The accounts elsewhere that a person signs in with: see them, connect one, disconnect one."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import authentication, factors
from accounts.models import User
from accounts.pages import addresses, fresh, upstream
from accounts.upstream import identities
from accounts.upstream.visits import Purpose
from config import policy


@login_required
@require_http_methods(["GET", "POST"])
def connections(request: HttpRequest) -> HttpResponse:
    """List them; change them only for somebody who has just proved who they are."""
    if request.method == "POST":
        return _changed(request)
    user: Any = request.user
    there = identities.of(str(user.pk))
    context = {
        "identities": there,
        "providers": policy.current().upstream.enabled,
        "is_last": {one.id for one in there if not _has_another_way(user, one.id)},
    }
    return render(request, "accounts/connections.html", context)


@fresh.required
def _changed(request: HttpRequest) -> HttpResponse:
    if provider_id := request.POST.get("connect", ""):
        person = authentication.signed_in(request)
        return upstream.leave(
            request,
            upstream.find(provider_id),
            purpose=Purpose.CONNECT,
            next_url=reverse("connections"),
            sid=person.sid if person else "",
        )
    if identity_id := request.POST.get("disconnect", ""):
        _disconnect(request, identity_id)
    return addresses.see_other(reverse("connections"))


def _disconnect(request: HttpRequest, identity_id: str) -> None:
    with transaction.atomic():
        # One after the other: two tabs could each take what the other counts on.
        user = User.objects.select_for_update().get(pk=request.user.pk)
        if not _has_another_way(user, identity_id):
            text = _("This is your only way to sign in. Set a password or add a passkey first.")
            messages.error(request, text)
            return
        name = identities.disconnect(user, identity_id, request)
    if name:
        text = _("Your account at %(name)s is disconnected. It no longer signs you in here.")
        messages.success(request, text % {"name": name})


def _has_another_way(user: User, identity_id: str) -> bool:
    """Tell whether a person could still sign in without this one."""
    if user.has_usable_password() or factors.of(str(user.pk)).passkeys:
        return True
    return any(one.is_usable and one.id != identity_id for one in identities.of(str(user.pk)))
