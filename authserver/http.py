"""RFC 9110 — machine endpoints: what Django's middleware would have done, in one visible place.

`machine_endpoint` turns `(ProtocolRequest) -> Answer` into `environ -> Answer`: methods, HTTPS,
limits, CORS, no-store, security headers, request id, the log line, the health of the database
connection, one error shape, and the outermost guard. Both doors call it, so they answer alike.
"""

import functools
import logging
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from http import HTTPStatus
from typing import Any, Final

from authlib.oauth2 import OAuth2Error
from django.db import InterfaceError, OperationalError

from authserver import errors, limits, request
from authserver.request import Environ, ProtocolRequest
from config import (
    client_ip,
    connections,
    cross_origin,
    hashing,
    headers,
    logs,
    request_id,
    transport,
)
from config.answer import Answer, Headers, json_answer
from config.headers import Route
from tokens import ring

Endpoint = Callable[[ProtocolRequest], Answer]
Machine = Callable[[Environ], Answer]
Reads = Callable[[Environ], ProtocolRequest]
_log: Final = logging.getLogger("authserver.http")


class Cors(Enum):
    """Which pages of other origins may read an answer."""

    NOBODY = "nobody"
    CLIENTS = "clients"  # the origins that active clients registered
    ANYBODY = "anybody"  # public documents


def machine_endpoint(
    *methods: str,
    open_to: Cors = Cors.NOBODY,
    logged: bool = True,
    route: Route = Route.MACHINE,
    reads: Reads = request.of_machine,
    limit: str = "",
) -> Callable[[Endpoint], Machine]:
    """Make a function from request to answer a machine endpoint for these methods.

    HEAD comes with GET, OPTIONS with everything. `logged=False` is for what is fetched constantly,
    `route` the class of what it answers when all is well; its errors are a machine's. It is sent
    forms unless `reads` says otherwise, and counts callers by `limit`, a rule of the throttle.
    """
    allowed = (*methods, *(["HEAD"] if "GET" in methods else []), "OPTIONS")
    read = _limited(reads, limit)

    def decorate(endpoint: Endpoint) -> Machine:
        @functools.wraps(endpoint)
        def machine(environ: Environ) -> Answer:
            started = time.perf_counter()
            name = request_id.begin()
            note: dict[str, Any] = {}
            try:
                answered = _guarded(endpoint, environ, allowed, note, read)
                origin = _origin_headers(environ, open_to, allowed)
                told: Headers = note.pop("told", ())
                more = (*answered.headers, *origin, *told, (request_id.HEADER, name))
                shown = route if answered.status == HTTPStatus.OK else Route.MACHINE
                complete = replace(answered, headers=headers.complete(more, shown, environ))
                if logged or complete.status >= HTTPStatus.BAD_REQUEST:
                    _write_line(endpoint.__name__, environ, complete, note, started)
            finally:
                request_id.end()
                connections.keep()
            return complete

        return machine

    return decorate


def error_answer(fault: OAuth2Error) -> Answer:
    """Return an error as every machine endpoint shows it (RFC 6749 §5.2, RFC 6750 §3)."""
    ours = errors.translated(fault)
    fields = ours.parameters()
    if not fields:
        return Answer(status=ours.status_code, headers=ours.extra_headers())
    return json_answer(fields, ours.status_code, ours.extra_headers())


def _limited(reads: Reads, limit: str) -> Reads:
    """Return what reads a request and says by which rule its caller is counted."""

    def read(environ: Environ) -> ProtocolRequest:
        asked = reads(environ)
        asked.limit = limit
        return asked

    return read


def _guarded(
    endpoint: Endpoint,
    environ: Environ,
    allowed: tuple[str, ...],
    note: dict[str, Any],
    reads: Reads,
) -> Answer:
    """Answer, whatever happens inside."""
    try:
        if environ["REQUEST_METHOD"] not in allowed:
            return _wrong_method(allowed)
        if environ["REQUEST_METHOD"] == "OPTIONS":
            return Answer(status=HTTPStatus.NO_CONTENT, headers=(("Allow", ", ".join(allowed)),))
        if not transport.is_acceptable(environ):
            sentence = "This endpoint is only served over HTTPS."
            raise errors.InvalidRequest(sentence)  # noqa: TRY301  one exit for every error
        asked = reads(environ)
        try:
            limits.by_address(asked)
            return endpoint(asked)
        finally:
            note["told"] = limits.told(asked)
            note["client"] = asked.client.client_id if asked.client else None
    except OAuth2Error as fault:
        note["error"], note["why"] = fault.error, errors.translated(fault).description
        return error_answer(fault)
    except (OperationalError, InterfaceError) as fault:
        connections.drop_unusable()
        _log.warning("the database cannot be reached", extra=_where(fault))
        return _later(note)
    except hashing.BusyError:
        return _later(note)
    except ring.NoSigningKeyError as fault:
        _log.error("no_signing_key", extra=_where(fault))
        return _later(note)
    except Exception as fault:  # noqa: BLE001  the outermost guard: a client never sees a stack
        note["error"] = errors.ServerError.error
        _log.error("unforeseen", extra=_where(fault))
        return error_answer(errors.ServerError())


def _later(note: dict[str, Any]) -> Answer:
    note["error"] = errors.TemporarilyUnavailable.error
    return error_answer(errors.TemporarilyUnavailable())


def _wrong_method(allowed: tuple[str, ...]) -> Answer:
    fault = errors.InvalidRequest("This method is not served here.", status_code=405)
    refusal = error_answer(fault)
    return replace(refusal, headers=(*refusal.headers, ("Allow", ", ".join(allowed))))


def _where(fault: BaseException) -> dict[str, Any]:
    """Return the kind and the place of a fault, without its message."""
    frames = traceback.extract_tb(fault.__traceback__)[-6:]
    places = [
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames
    ]
    return {logs.FIELDS: {"fault": type(fault).__name__, "where": places}}


def _origin_headers(environ: Environ, open_to: Cors, allowed: tuple[str, ...]) -> Headers:
    """Return what lets a page of another origin read the answer; credentials are never allowed."""
    if open_to is Cors.NOBODY:
        return ()
    vary: Headers = (("Vary", "Origin"),) if open_to is Cors.CLIENTS else ()
    origin = environ.get("HTTP_ORIGIN", "")
    if not origin or not _may_read(origin, open_to):
        return vary
    shown = cross_origin.ANYBODY if open_to is Cors.ANYBODY else origin
    methods = allowed if environ["REQUEST_METHOD"] == "OPTIONS" else ()
    return (*vary, *cross_origin.headers(shown, methods=methods))


def _may_read(origin: str, open_to: Cors) -> bool:
    return open_to is Cors.ANYBODY or cross_origin.is_registered(origin)


def _write_line(
    name: str, environ: Environ, answered: Answer, note: dict[str, Any], started: float
) -> None:
    fields = {
        "status": int(answered.status),
        "method": environ["REQUEST_METHOD"],
        "peer": client_ip.of(environ),
        "ms": round((time.perf_counter() - started) * 1000, 2),
        **{key: value for key, value in note.items() if value},
    }
    _log.info(name, extra={logs.FIELDS: fields})
