"""ASVS 5.0 §14.2 — the page from which people take a copy of their data."""

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts import export as exports
from accounts import history, people
from accounts.pages import fresh, own


@own.page
@require_http_methods(["GET", "POST"])
def export(request: HttpRequest) -> HttpResponse:
    """Say what is in the copy; on a button, make it."""
    if request.method == "POST":
        return _made(request)
    return render(request, "accounts/export.html", {})


@fresh.required
def _made(request: HttpRequest) -> HttpResponse:
    user = people.find(str(request.user.pk))
    if user is None:
        return render(request, "accounts/export.html", {})
    history.note(str(user.pk), "exported", request)
    text = json.dumps(exports.made(user), ensure_ascii=False, indent=2)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    name = f"account-{timezone.now():%Y-%m-%d}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
