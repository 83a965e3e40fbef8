"""Who is asking: the application for which a page is shown, read from the interaction in `next`.

A page that posts on the way to an application must let its form end there (CSP `form-action`,
which Chromium applies to the whole chain of redirects); so naming the application and admitting its
redirect target are one step.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.http import HttpRequest

from accounts import authentication
from accounts.pages import clients, language
from accounts.pages.clients import Application
from config import csp
from tokens import interactions
from tokens.records import Interaction

_DISPLAYS = frozenset({"popup", "touch"})
_FOUND = "_authserver_interaction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """The application that asks; nameless when its request has expired.

    `redirect_host` is where the person goes on to, and `display` the layout that was asked for.
    """

    name: str
    is_expired: bool = False
    application: Application | None = None
    redirect_host: str = ""
    display: str = ""


def next_of(request: HttpRequest) -> str:
    """Return where the person was going, wherever on the way they are."""
    chosen = request.POST.get("next") or request.GET.get("next")
    return chosen or authentication.pending_next(request)


def asking(request: HttpRequest) -> Asking | None:
    """Return who asks, and admit their redirect target to this page's forms."""
    text = _text(request)
    return admit(request, text) if text else None


def admit(request: HttpRequest, text: str) -> Asking:
    """Return who asks in this interaction, and let this page's forms end at their redirect URI."""
    interaction = interactions.find(text)
    if interaction is None:
        return Asking(name="", is_expired=True)
    setattr(request, _FOUND, text)
    csp.allow_form_target(request, interaction.redirect_uri)
    return _asking(request, interaction)


def is_insisting(text: str) -> bool:
    """Tell whether an interaction's application wants a new proof (OIDC Core §3.1.2.1)."""
    found = interactions.find(text)
    asked = found.parameters if found else {}
    return "login" in asked.get("prompt", "").split() or "max_age" in asked


def _asking(request: HttpRequest, interaction: Interaction) -> Asking:
    client_id = interaction.parameters.get("client_id", "")
    known = clients.find(client_id, language.preferred(request))
    display = interaction.parameters.get("display", "")
    return Asking(
        name=known.name if known else interaction.client_name,
        application=known,
        redirect_host=_host(interaction.redirect_uri),
        display=display if display in _DISPLAYS else "",
    )


def _text(request: HttpRequest) -> str:
    """Return the interaction of this page, or ''."""
    found: str = getattr(request, _FOUND, "")
    return found or language.in_address(next_of(request))


def _host(uri: str) -> str:
    """Return what a person can recognise of a redirect URI: its host, or its scheme."""
    parts = urlsplit(uri)
    return parts.hostname or f"{parts.scheme}:"
