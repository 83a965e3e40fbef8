"""The consent page: who asks, for what, and a yes or no of equal weight."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as _render

from accounts import authentication
from accounts.pages import interaction as interactions
from accounts.pages.clients import Application


def render(
    request: HttpRequest,
    *,
    client: Application,
    scopes: Sequence[tuple[str, str, str]],
    action_url: str,
    interaction: str,
    email: str,
) -> HttpResponse:
    """Ask; the form posts `interaction` and `decision` (allow or deny) to `action_url`.

    `scopes` are (name, title, description). The interaction's redirect target is admitted here.
    """
    asking = interactions.admit(request, interaction)
    start_over = f"{request.path}?{urlencode({'interaction': interaction})}"
    context = {
        "client": client,
        "host": asking.redirect_host,
        "scopes": scopes,
        "action_url": action_url,
        "interaction": interaction,
        "email": email,
        # A stale form starts over here: nobody can visit the address it is posted to.
        "start_over": start_over,
        "switch_url": authentication.switch_url(start_over),
    }
    return _render(request, "accounts/consent.html", context)
