"""A person's own pages: for who is signed in, in their time zone."""

import zoneinfo
from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

View = Callable[[HttpRequest], HttpResponse]


def page(view: View) -> View:
    """Show a page to who is signed in; times in it are those of the zone they chose."""

    @login_required
    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        with timezone.override(_zone(request)):
            return view(request)

    return wrapped


def _zone(request: HttpRequest) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(getattr(request.user, "zoneinfo", "") or "UTC")
    except (KeyError, ValueError, OSError):  # what an import or a program wrote
        return zoneinfo.ZoneInfo("UTC")
