"""RFC 9110 §15.4.4 — sending a browser on, and only to ourselves."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from config import environment


def is_here(url: str) -> bool:
    """Tell whether the address is one of ours."""
    here = environment.current()
    return url_has_allowed_host_and_scheme(
        url, allowed_hosts={here.issuer_host}, require_https=here.is_secure
    )


def next_or_account(request: HttpRequest) -> str:
    """Return where the person was going, if that is here, else their account."""
    chosen = request.POST.get("next") or request.GET.get("next") or ""
    return chosen if is_here(chosen) else reverse("account")


def see_other(url: str) -> HttpResponse:
    """Send the browser on by GET."""
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response
