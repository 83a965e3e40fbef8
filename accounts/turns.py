"""Turns: who shows a password while many others do gets one, or is asked to come back.

Refused at the door, before a session is opened or a row is read: a flood of passwords costs the
rest of the server next to nothing.
"""

import functools
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils import translation

from config import hashing, logs
from config.hashing import BusyError

Handler = Callable[[HttpRequest], HttpResponse]
_HASHING: Final = frozenset(
    {
        "account_login",
        "account_signup",
        "account_reauthenticate",
        "account_change_password",
        "account_set_password",
        "account_complete_password_reset",
        "account_reset_password_from_key",
        "mailed_reset",
        "setup",
    }
)


def taken(following: Handler) -> Handler:
    """Let as many show a password at once as can have it looked at, or stand in the line."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or not _hashes(request.path_info):
            return following(request)
        try:
            with hashing.admitted():
                return following(request)
        except BusyError:
            return _come_back()

    def process_exception(request: HttpRequest, fault: Exception) -> HttpResponse | None:
        return _come_back() if isinstance(fault, BusyError) else None

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware


def _hashes(path: str) -> bool:
    try:
        return resolve(path).view_name in _HASHING
    except Resolver404:
        return False


def _come_back() -> HttpResponse:
    logs.security_event("hashing_busy")
    page = HttpResponse(
        _page(translation.get_language()),
        status=HTTPStatus.SERVICE_UNAVAILABLE,
    )
    page.headers["Retry-After"] = str(hashing.RETRY_AFTER)
    page.headers["Content-Length"] = str(len(page.content))
    return page


@functools.lru_cache(maxsize=32)
def _page(language: str) -> str:
    with translation.override(language):
        return render_to_string("accounts/busy.html")
