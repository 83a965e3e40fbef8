"""BCP 47 — the page on which a person chooses the language of all pages and mails.

The browser remembers it, and so does the account of whoever is signed in.
"""

from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts import languages, people
from accounts.pages import addresses, language


@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Show the languages there are; take the one that is chosen, and go back to where it was."""
    if request.method == "POST":
        chosen = request.POST.get("language", "")
        if chosen in languages.COMPLETE:
            return _take(request, chosen)
    elif (back := _came_from(request)) and "next" not in request.GET:
        return addresses.see_other(f"{request.path}?{urlencode({'next': back})}")
    names = [(tag, name) for tag, name in settings.LANGUAGES if tag in languages.COMPLETE]
    context = {"languages": names, "next": _next(request)}
    return render(request, "accounts/language.html", context)


def _take(request: HttpRequest, chosen: str) -> HttpResponse:
    user: Any = request.user
    if user.is_authenticated and user.locale != chosen:
        user.locale = chosen
        people.save(user, ["locale"])
    response = addresses.see_other(_next(request))
    language.remember(response, chosen)
    return response


def _next(request: HttpRequest) -> str:
    chosen = request.POST.get("next") or request.GET.get("next") or ""
    return chosen if addresses.is_here(chosen) else reverse("home")


def _came_from(request: HttpRequest) -> str:
    """Return the page of ours that led here, as the browser says: no page has to carry its own."""
    came_from = request.headers.get("Referer", "")
    if not addresses.is_here(came_from):
        return ""
    parts = urlsplit(came_from)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return "" if parts.path == request.path else path
