"""ASVS 5.0 §16.3.1 — the history of an account, for its owner to read."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts import history
from accounts.pages import own
from config import policy

_A_PAGE = 30
_MOST_DIGITS = 18


@own.page
@require_http_methods(["GET"])
def events(request: HttpRequest) -> HttpResponse:
    """Show what happened, the newest first; `before` leads on to what is older."""
    said = request.GET.get("before", "")
    is_number = said.isascii() and said.isdecimal() and len(said) <= _MOST_DIGITS
    before = int(said) if is_number else None
    found = history.of(str(request.user.pk), before=before, limit=_A_PAGE + 1)
    context = {
        "events": found[:_A_PAGE],
        "older": found[_A_PAGE - 1].number if len(found) > _A_PAGE else None,
        "is_first": before is None,
        "days": policy.current().history.keep.days,
    }
    return render(request, "accounts/history.html", context)
