"""A person's own pages: the account, and the applications they use."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import consent, factors, whereabouts
from accounts.consent import Agreed
from accounts.pages import addresses, clients, language
from accounts.pages.clients import Application
from accounts.upstream import identities
from config import policy


@login_required
@require_http_methods(["GET"])
def account(request: HttpRequest) -> HttpResponse:
    """Show the account: what there is, and the pages that change it."""
    subject = str(request.user.pk)
    context = {
        "factors": factors.of(subject),
        "sessions": len(whereabouts.of(subject)),
        "connected": len(consent.of(subject)),
        "has_connections": bool(policy.current().upstream.enabled or identities.of(subject)),
    }
    return render(request, "accounts/account.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def applications(request: HttpRequest) -> HttpResponse:
    """List the connected applications, and disconnect one."""
    subject = str(request.user.pk)
    if request.method == "POST":
        agreed = {one.client_id: one.client_name for one in consent.of(subject)}
        client_id = request.POST.get("client_id", "")
        if consent.withdraw(subject, client_id, request):
            text = _("%(name)s is disconnected and can no longer act for you.")
            messages.success(request, text % {"name": agreed.get(client_id, client_id)})
        return addresses.see_other(reverse("applications"))
    agreements = consent.of(subject)
    return render(
        request, "accounts/applications.html", {"applications": _listed(request, agreements)}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One application of the list: what is known of it, what was agreed with it, or both."""

    name: str
    application: Application | None = None
    agreed: Agreed | None = None

    @property
    def may(self) -> list[str]:
        """What the person allowed, in plain words."""
        given = self.agreed
        return clients.permissions(given.scope, given.resources) if given else []


def _listed(request: HttpRequest, agreements: list[Agreed]) -> list[_Line]:
    """Return what the person agreed to, and the operator's own that can be opened, by name."""
    preferred = language.preferred(request)
    lines = []
    for one in agreements:
        known = clients.find(one.client_id, preferred)
        name = known.name if known else one.client_name
        lines.append(_Line(name=name, application=known, agreed=one))
    there = {one.client_id for one in agreements}
    lines += [
        _Line(name=own.name, application=own)
        for own in clients.first_party(preferred)
        if own.client_id not in there
    ]
    return sorted(lines, key=lambda line: line.name.casefold())
