"""OIDC Core §3.1.2.1 — `ui_locales`, and whatever else says in which language a page should be.

What a person chose on our own page in this browser comes first; then what the application said for
them, which is read anew from the interaction that the page belongs to and ends with it; then the
language of their account; then the browser's preference.
"""

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from accounts import authentication, languages
from config import environment
from tokens import interactions

_PREFERRED = "_authserver_languages"
_COOKIE: Final = "as_language"
_COOKIE_SECONDS: Final = 365 * 24 * 3600
Handler = Callable[[HttpRequest], HttpResponse]


def cookie_name() -> str:
    """Return the name of the cookie that says what was chosen in this browser."""
    return f"__Host-{_COOKIE}" if settings.SESSION_COOKIE_SECURE else _COOKIE


def spoken(following: Handler) -> Handler:
    """Answer in the language that the person, or the application for them, prefers."""

    def middleware(request: HttpRequest) -> HttpResponse:
        language = languages.best(preferred(request), languages.COMPLETE)
        with translation.override(language or settings.LANGUAGE_CODE):
            response = following(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "")
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response

    return middleware


def presumed(following: Handler) -> Handler:
    """Say what comes before anybody is known, or instead of it, in the language of the browser.

    Refusals at the door and outages are answered outside of `spoken`; nothing is read for this.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        chosen, header = _chosen(request), request.headers.get("Accept-Language", "")
        wanted = [*([chosen] if chosen else []), *languages.accepted(header)]
        language = languages.best(wanted, languages.COMPLETE)
        with translation.override(language or settings.LANGUAGE_CODE):
            return following(request)

    return middleware


def remember(response: HttpResponse, tag: str) -> None:
    """Let the browser remember what was chosen in it."""
    response.set_cookie(
        cookie_name(),
        tag,
        max_age=_COOKIE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def preferred(request: HttpRequest) -> list[str]:
    """Return the languages a person prefers, best first."""
    known: list[str] | None = getattr(request, _PREFERRED, None)
    if known is None:
        chosen, own = _chosen(request), _of_account(request)
        if own and own != chosen:  # somebody else chose, or they themselves did elsewhere, later
            chosen = None
        header = request.headers.get("Accept-Language", "")
        said = languages.named(_ui_locales(request))
        both = [[chosen] if chosen else [], said, [own] if own else [], languages.accepted(header)]
        known = [tag for tags in both for tag in tags]
        setattr(request, _PREFERRED, known)
    return known


def _chosen(request: HttpRequest) -> str | None:
    tag = request.COOKIES.get(cookie_name(), "")
    return tag if tag in languages.COMPLETE else None


def _of_account(request: HttpRequest) -> str | None:
    """Return the language of whoever is signed in; nobody is without a session's cookie."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    user: Any = request.user
    own = languages.named(user.locale) if user.is_authenticated else []
    return languages.best(own, languages.COMPLETE)


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
    """Return the interaction that an address of ours carries, itself or in its `next`, or ''."""
    for _ in range(2):
        try:
            query = parse_qs(urlsplit(url).query)
        except ValueError:
            break
        if found := query.get("interaction"):
            return found[0]
        url = query.get("next", [""])[0]
    return ""
