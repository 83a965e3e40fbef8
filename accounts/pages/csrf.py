"""A form whose token is stale: posted from an old tab, after somebody signed in in another.

The page is simply shown again, by GET, where it finds out how things stand now: a person who is
signed in by then goes on. Failing twice in a row means that cookies do not come back, and that is
said.
"""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.pages import addresses, message

_AGAIN = "retry"
START_OVER = "start_over"
"""The field of a form that is posted elsewhere: where its page is shown again."""


def failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Start over, or explain; named in CSRF_FAILURE_VIEW."""
    if _AGAIN in request.GET:
        return message.error_page(
            request,
            403,
            _("Your browser did not send our cookie"),
            _(
                "This page needs a cookie to know that it was really you who sent the form. Please"
                " allow cookies for this site, close other tabs that show it, and try again."
            ),
            detail=reason,
            back_url=request.path,
        )
    again = request.POST.get(START_OVER, "")
    return addresses.see_other(again if addresses.is_here(again) else _same_page(request))


def _same_page(request: HttpRequest) -> str:
    query = request.GET.copy()
    if "next" in request.POST:
        query["next"] = request.POST["next"]
    query[_AGAIN] = "1"
    return f"{request.path}?{query.urlencode()}"
