"""Who is asking: the application for which a page is shown, read from the interaction in `next`.

A page that posts on the way to an application must let its form end there (CSP `form-action`,
which Chromium applies to the whole chain of redirects); so naming the application and admitting its
redirect target are one step.
"""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from django.http import HttpRequest

from accounts import authentication
from config import csp
from tokens import interactions


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """The application that asks; nameless when its request has expired."""

    name: str
    is_expired: bool = False


def next_of(request: HttpRequest) -> str:
    """Return where the person was going, wherever on the way they are."""
    chosen = request.POST.get("next") or request.GET.get("next")
    return chosen or authentication.pending_next(request)


def asking(request: HttpRequest) -> Asking | None:
    """Return who asks, and admit their redirect target to this page's forms."""
    try:
        query = urlsplit(next_of(request)).query
    except ValueError:
        return None
    text = parse_qs(query).get("interaction")
    return admit(request, text[0]) if text else None


def admit(request: HttpRequest, text: str) -> Asking:
    """Return who asks in this interaction, and let this page's forms end at their redirect URI."""
    interaction = interactions.find(text)
    if interaction is None:
        return Asking(name="", is_expired=True)
    csp.allow_form_target(request, interaction.redirect_uri)
    return Asking(name=interaction.client_name)
