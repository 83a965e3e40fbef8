"""RFC 9110 §15.6.4 — what a page answers when we failed: 503 for an outage, else 500.

A database or a cache that is away is no fault of the page: people are asked to come back, and front
servers know that it passes. Machine endpoints say the same in `authserver.http`.
"""

import sys
from http import HTTPStatus

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views import defaults
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

from config import answer, headers, logs
from config.answer import Answer, Environ

RETRY_AFTER = "5"  # seconds
_AWAY = (OperationalError, InterfaceError, ConnectionInterrupted, RedisError)


def broken(environ: Environ) -> Answer:
    """Answer for an exception that no machine endpoint caught."""
    return answer.json_answer(
        {
            "error": "server_error",
            "error_description": "Something went wrong here; the log says what.",
        },
        HTTPStatus.INTERNAL_SERVER_ERROR,
        headers.complete((), headers.Route.MACHINE, environ),
    )


def failed(request: HttpRequest) -> HttpResponse:
    """Answer for an exception that no page caught (Django's `handler500`)."""
    fault = sys.exc_info()[1]
    if not isinstance(fault, _AWAY):
        return defaults.server_error(request)
    logs.security_event("outage", kind=type(fault).__name__)
    # Without the request: its session and its person may be what cannot be read.
    page = render_to_string("503.html")
    headers = {"Retry-After": RETRY_AFTER}
    return HttpResponse(page, status=HTTPStatus.SERVICE_UNAVAILABLE, headers=headers)
