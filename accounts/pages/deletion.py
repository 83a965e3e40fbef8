"""Deleting one's account: the page that says what happens, and the one that offers to keep it."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts import authentication, deletion, stages, staying
from accounts.pages import addresses, fresh, own, signing_out
from config import policy


class _Sure(forms.Form):
    """A yes that nobody presses by accident."""

    sure = forms.BooleanField(
        label=gettext_lazy("Yes, delete my account"),
        error_messages={"required": gettext_lazy("Tick this to delete your account.")},
    )


@own.page
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest) -> HttpResponse:
    """Say what happens; on a yes, let it happen."""
    form = _Sure(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _delete(request)
    return _shown(request, form)


@fresh.required
def _delete(request: HttpRequest) -> HttpResponse:
    try:
        deletion.ask(str(request.user.pk), request)
    except deletion.OnlyAdministratorError:
        form = _Sure({"sure": "on"})
        form.add_error(
            None,
            _("You are the only administrator. Make somebody else one first."),
        )
        return _shown(request, form)
    return signing_out.leave(request, reverse("deletion_asked"))


def _shown(request: HttpRequest, form: _Sure) -> HttpResponse:
    return render(request, "accounts/delete.html", {"form": form, "days": _days()})


@require_http_methods(["GET"])
def asked(request: HttpRequest) -> HttpResponse:
    """Say that it is done, to whoever is no longer signed in."""
    return render(request, "accounts/delete_asked.html", {"days": _days()})


@require_http_methods(["GET", "POST"])
def keep(request: HttpRequest) -> HttpResponse:
    """Ask who signs in to an account that is to be deleted whether to keep it."""
    stage = staying.waiting(request)
    if stage is None:
        return addresses.see_other(authentication.login_url(reverse("account")))
    subject = str(stage.login.user.pk)
    if request.method == "GET":
        context = {"due_at": deletion.due_at(subject), "email": stage.login.user.email}
        return render(request, "accounts/keep.html", context)
    if request.POST.get("decision") == "keep":
        deletion.keep(subject, request)
        messages.success(request, _("Your account is kept. Nothing of it will be deleted."))
        response: HttpResponse = stage.exit()
        return response
    stages.give_up(request)
    return addresses.see_other(reverse("deletion_asked"))


def _days() -> int:
    return policy.current().deletion.grace.days
