"""The page behind a set-up link. It shows a form and consumes nothing until that form is right."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import forms, levels, proving
from accounts import setup as links
from accounts.pages import message


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest, secret: str) -> HttpResponse:
    """Create the first administrator, or let a named one back in, and sign them in."""
    response = _setup(request, secret)
    # Only the origin may leave this page, never its path; `no-referrer` would make CSRF refuse it.
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


def _setup(request: HttpRequest, secret: str) -> HttpResponse:
    invitation = links.find(secret)
    if invitation is None:
        return _gone(request)
    form = forms.SetupForm(request.POST or None, person=invitation.person)
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/setup.html", {"form": form, "person": invitation.person})
    person = links.accept(
        secret,
        password=form.cleaned_data["password"],
        email=form.cleaned_data.get("email", ""),
        name=form.cleaned_data.get("name", ""),
    )
    if person is None:
        return _gone(request)
    return proving.prove(request, person, levels.PASSWORD, next_url=reverse("admin:index"))


def _gone(request: HttpRequest) -> HttpResponse:
    return message.error_page(
        request,
        404,
        _("This link is no longer good"),
        _(
            "Set-up links work once and for half an hour, and a new one voids the old. Whoever runs"
            " this server can make another with: manage.py admin-link"
        ),
        back_url=reverse("home"),
    )
