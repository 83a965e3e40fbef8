"""ASVS 5.0 §7.5.1 — pages that change how one signs in ask for a proof that is not old."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

from accounts import authentication

View = Callable[..., HttpResponse]


def required(view: View) -> View:
    """Let a view be reached by who is signed in and proved it a short while ago.

    Anybody else proves it on the page that asks, and comes back: what they had posted is done then.
    """

    @login_required
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        authentication.demand_fresh(request)
        return view(request, *args, **options)

    return wrapped
