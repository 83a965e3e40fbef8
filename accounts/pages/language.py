"""OIDC Core §3.1.2.1 — `ui_locales`: the language of every page on the way to an application.

It is read anew from the interaction that the page belongs to, never from a cookie, so that it ends
with it; then the browser's own preference counts.
"""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from accounts import authentication, languages
from config import environment
from tokens import interactions

_PREFERRED = "_authserver_languages"
Handler = Callable[[HttpRequest], HttpResponse]


def spoken(following: Handler) -> Handler:
    """Answer in the language that the person, or the application for them, prefers."""

    def middleware(request: HttpRequest) -> HttpResponse:
        language = languages.best(preferred(request), languages.COMPLETE)
        with translation.override(language or settings.LANGUAGE_CODE):
            response = following(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "")
        patch_vary_headers(response, ("Accept-Language",))
        return response

    return middleware


def preferred(request: HttpRequest) -> list[str]:
    """Return the languages a person prefers, best first."""
    known: list[str] | None = getattr(request, _PREFERRED, None)
    if known is None:
        header = request.headers.get("Accept-Language", "")
        known = [*languages.named(_ui_locales(request)), *languages.accepted(header)]
        setattr(request, _PREFERRED, known)
    return known


def _ui_locales(request: HttpRequest) -> str:
    """Return what the request itself says, or the interaction it belongs to."""
    for form in (request.POST, request.GET):
        if said := form.get("ui_locales"):
            return str(said)
    interaction = interactions.find(_interaction(request))
    return interaction.parameters.get("ui_locales", "") if interaction else ""


def _interaction(request: HttpRequest) -> str:
    for form in (request.POST, request.GET):
        if text := form.get("interaction"):
            return str(text)
        if following := form.get("next"):
            return in_address(str(following))
    if request.path_info.startswith(f"{environment.current().issuer_path}/account/"):
        return in_address(authentication.pending_next(request))
    return ""


def in_address(url: str) -> str:
    """Return the interaction that an address of ours carries, or ''."""
    try:
        query = urlsplit(url).query
    except ValueError:
        return ""
    return parse_qs(query).get("interaction", [""])[0]
