"""The interim console: Django's own administration of our own rows, behind our own login."""

from collections.abc import Iterable
from typing import Any, ClassVar

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.pages import addresses, signing_out


class Console(admin.AdminSite):
    """Shows what this server keeps, and nothing that a library would add (groups, addresses)."""

    site_header = "authserver"
    site_title = "authserver"
    index_title = _("Administration")
    floors: ClassVar = frozenset({"config", "accounts", "tokens", "authserver"})

    def register(
        self, model_or_iterable: type[Model] | Iterable[type[Model]], *more: Any, **options: Any
    ) -> None:
        """Take a model of ours; leave any other out."""
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        ours = [model for model in models if model._meta.app_label in self.floors]  # noqa: SLF001
        super().register(ours, *more, **options)

    def login(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Sign in on our own page."""
        return secure_admin_login(super().login)(request, extra_context)

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Sign out as everywhere else, so that the applications of the session hear of it."""
        if request.method != "POST":
            return addresses.see_other(reverse("account_logout"))
        return signing_out.leave(request, reverse("home"))

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Change passwords in one place only, where the other sessions end too."""
        return _elsewhere(request)


@login_required
def _elsewhere(_request: HttpRequest) -> HttpResponse:
    return addresses.see_other(reverse("account_change_password"))
