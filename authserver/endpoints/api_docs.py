"""OpenAPI 3.1 §4.8.27 — Swagger UI, from our own origin: the API to read and, in development, try.

Signing in there is the authorization code flow with PKCE, by the demo's public client. What comes
of it stays in the page: no token is kept in the browser.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.api import scopes
from authserver import demo
from config import api_docs, csp

_METHODS = "get post put patch delete"


@require_safe
def documentation(page: HttpRequest) -> HttpResponse:
    """Show the description of the API."""
    _must_be_offered()
    csp.allow_documentation(page)
    shown = demo.find() if api_docs.is_for_trying() else None
    context = {
        "schema": api_docs.address(api_docs.SCHEMA_PATH),
        "redirect": api_docs.address(api_docs.REDIRECT_PATH),
        "client_id": shown.docs.client_id if shown else "",
        "scopes": " ".join(("openid", *scopes.FOR_PROGRAMS)),
        "methods": _METHODS if api_docs.is_for_trying() else "",
    }
    return render(page, "authserver/api_docs.html", context)


@require_safe
def redirected(page: HttpRequest) -> HttpResponse:
    """Hand what the authorization endpoint answered to the page that asked."""
    _must_be_offered()
    csp.allow_own_script(page)
    return render(page, "authserver/api_docs_redirect.html")


def _must_be_offered() -> None:
    if not api_docs.is_offered():
        raise Http404
