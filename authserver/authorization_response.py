"""RFC 9207, OAuth 2.0 Form Post Response Mode — the single exit of the authorization endpoint.

Success or error, query, fragment or form: `iss` and `state` are always there, nothing is stored, no
referrer goes out, and the registered redirect URI is appended to, never rebuilt. 303, never 307: a
POST is not repeated.
"""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from authserver import errors, failures, redirects
from authserver.authorization import Target
from config import csp, environment


def send(page: HttpRequest, target: Target, parameters: Mapping[str, str]) -> HttpResponse:
    """Return the answer that carries `parameters` to the client."""
    whole = {**parameters, "iss": environment.current().issuer}
    if target.state is not None:
        whole["state"] = target.state
    if target.response_mode == "form_post":
        response = _form(page, target.redirect_uri, whole)
    else:
        response = HttpResponse(status=303)
        is_fragment = target.response_mode == "fragment"
        response["Location"] = redirects.append(target.redirect_uri, whole, fragment=is_fragment)
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def send_error(page: HttpRequest, target: Target, error: errors.ProtocolError) -> HttpResponse:
    """Return the answer that carries an error to the client (RFC 6749 §4.1.2.1)."""
    return send(page, target, error.parameters() | failures.uri(page, error))


def _form(page: HttpRequest, uri: str, parameters: Mapping[str, str]) -> HttpResponse:
    """Return a page whose form goes out by itself, or by its button without JavaScript."""
    csp.allow_form_target(page, uri)
    csp.allow_own_script(page)
    return render(page, "authserver/form_post.html", {"action": uri, "parameters": parameters})
