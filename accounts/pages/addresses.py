"""RFC 9110 §15.4.4 — sending a browser on, and only to ourselves."""

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from config import environment


def is_here(url: str) -> bool:
    """Tell whether the address is one of ours."""
    here = environment.current()
    return url_has_allowed_host_and_scheme(
        url, allowed_hosts={here.issuer_host}, require_https=here.is_secure
    )


def see_other(url: str) -> HttpResponse:
    """Send the browser on by GET."""
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response
