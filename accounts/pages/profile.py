"""A person's profile: what applications may know of them, for themselves to edit."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods

from accounts import history, languages, people
from accounts.models import User
from accounts.pages import addresses, language, own
from accounts.profile_form import ProfileForm


@own.page
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Show the profile; write what was changed in it and nothing else."""
    user = people.find(str(request.user.pk)) or User()
    form = ProfileForm(request.POST or None, instance=user)
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/profile.html", {"form": form})
    changed = form.written()
    response = addresses.see_other(reverse("profile"))
    if changed:
        _write(request, user, changed)
    locale = changed.get("locale", "")
    if locale in languages.COMPLETE:
        language.remember(response, locale)
    with override(locale if locale in languages.COMPLETE else None):
        messages.success(request, _("Your profile is saved."))
    return response


def _write(request: HttpRequest, user: User, changed: dict[str, object]) -> None:
    for name, value in changed.items():
        setattr(user, name, value)
    with transaction.atomic():
        people.save(user, list(changed))
        history.note(str(user.pk), "profile_changed", request, members=" ".join(sorted(changed)))
