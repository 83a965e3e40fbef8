"""What surrounds a page: request id, security headers, HTTPS, and the one name pages live under.

Machine endpoints see none of it: `machine_paths` comes first and calls them directly, so that they
answer through Django exactly as they do through the front door.
"""

import logging
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.template.loader import render_to_string
from django.urls import Resolver404, ResolverMatch, resolve

from config import (
    answer,
    client_ip,
    environment,
    headers,
    issuer,
    logs,
    outage,
    request_id,
    transport,
)

log = logging.getLogger("authserver.pages")
Handler = Callable[[HttpRequest], HttpResponse]
SAFE_METHODS = frozenset({"GET", "HEAD"})


def machine_paths(following: Handler) -> Handler:
    """Call a machine endpoint directly, past every other middleware."""

    def middleware(request: HttpRequest) -> HttpResponse:
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return following(request)
        if getattr(match.func, "is_machine", False):
            return _answered(match, request)
        return following(request)

    return middleware


def _answered(match: ResolverMatch, request: HttpRequest) -> HttpResponse:
    try:
        answered: HttpResponse = match.func(request, *match.args, **match.kwargs)
    except Exception:  # Django would answer with a page, past everything that surrounds pages
        log.exception("unforeseen")
        answered = answer.as_view(outage.broken)(request)
    return answered


def named(following: Handler) -> Handler:
    """Give the request its id, and log one line when it is over."""

    def middleware(request: HttpRequest) -> HttpResponse:
        name, start = request_id.begin(), time.perf_counter()
        try:
            response = following(request)
            fields = {
                "method": request.method,
                "path": request.path_info,
                "status": response.status_code,
                "ms": round((time.perf_counter() - start) * 1000, 1),
                "ip": client_ip.of(request.META),
            }
            log.info("page", extra={logs.FIELDS: fields})
        finally:
            request_id.end()
        response.headers[request_id.HEADER] = name
        return response

    return middleware


def security_headers(following: Handler) -> Handler:
    """Put the browser's defences onto every page and file (CSP 3, RFC 6797, Fetch)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = following(request)
        headers.surround(response, request)
        return response

    return middleware


def canonical(following: Handler) -> Handler:
    """Serve pages under the issuer's name and scheme only, and say what to change otherwise.

    Comes before anything that sets a cookie. From here on Host and scheme are the issuer's.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        here = environment.current()
        opened = transport.host(request.META)
        if opened != here.issuer_host:
            return _other_name(request, opened)
        if not transport.is_acceptable(request.META):
            return _plain_http(request)
        request.META["HTTP_HOST"] = here.issuer_host
        if here.is_secure:
            request.META["wsgi.url_scheme"] = "https"
        return following(request)

    return middleware


def well_formed(following: Handler) -> Handler:
    """Refuse what no page and no form of ours sends, before a view, a template or a row meets it.

    Django reads parameters lazily, so they would be refused wherever they are first looked at; the
    page that says so looks at them too. What other sites post here (csrf_exempt: /authorize and the
    end of a session) is judged parameter by parameter by those views, which may answer a client.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        status = _fault(request)
        if status is None:
            return following(request)
        return _refused("malformed", status, is_cookie_twice=_is_any_cookie_twice(request))

    return middleware


def _fault(request: HttpRequest) -> int | None:
    """Return the status that says what is wrong, or None."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdecimal()) or _is_any_cookie_twice(request):
        return 400
    try:
        _ = request.body, request.GET, request.POST
    except RequestDataTooBig:
        return 413
    except (SuspiciousOperation, BadRequest, MultiPartParserError, UnreadablePostError):
        return 400
    return None if _is_judged_by_its_view(request) or _is_sane(request) else 400


def _is_any_cookie_twice(request: HttpRequest) -> bool:
    """Tell whether a cookie of ours came twice: which one somebody else set, nobody can say.

    Browsers let no neighbour set one that begins with `__Host-`; in the clear they do.
    """
    pairs = request.META.get("HTTP_COOKIE", "").split(";")
    names = [pair.partition("=")[0].strip() for pair in pairs]
    ours = [name for name in names if name.removeprefix("__Host-").startswith("as_")]
    return len(ours) != len(set(ours))


def _is_judged_by_its_view(request: HttpRequest) -> bool:
    try:
        return bool(getattr(resolve(request.path_info).func, "csrf_exempt", False))
    except Resolver404:
        return False


def _is_sane(request: HttpRequest) -> bool:
    """Tell whether no text holds a NUL, which PostgreSQL refuses, and `next` is an address."""
    forms = (request.GET, request.POST)
    texts = [text for form in forms for name, values in form.lists() for text in (name, *values)]
    try:
        for form in forms:
            urlsplit(form.get("next", ""))
    except ValueError:
        return False
    return not any("\0" in text for text in (request.path_info, *texts))


def _other_name(request: HttpRequest, opened: str) -> HttpResponse:
    if request.method in SAFE_METHODS and _is_other_loopback(opened):
        return _to_issuer(request)
    here = environment.current()
    scheme = "https" if transport.is_secure(request.META) else "http"
    wanted = f"{scheme}://{opened}"
    proposed = wanted + here.issuer_path
    return _refused(
        "address",
        421,
        issuer=here.issuer,
        opened=wanted,
        proposed=proposed if _is_issuer(proposed) else "",
    )


def _is_issuer(wanted: str) -> bool:
    try:
        issuer.parse(wanted)
    except ValueError:
        return False
    return True


def _is_other_loopback(opened: str) -> bool:
    wanted = environment.current().issuer_host
    return _split(opened)[0] in issuer.LOOPBACK_NAMES and (
        _split(wanted)[0] in issuer.LOOPBACK_NAMES and _split(opened)[1] == _split(wanted)[1]
    )


def _split(host: str) -> tuple[str, str]:
    name, colon, port = host.rpartition(":")
    return (name, port) if colon and port.isdecimal() else (host, "")


def _plain_http(request: HttpRequest) -> HttpResponse:
    if transport.is_said_by_a_stranger(request.META):
        return _refused("proxy", 403)
    if request.method in SAFE_METHODS:
        return _to_issuer(request)
    return _refused("clear", 403)


def _to_issuer(request: HttpRequest) -> HttpResponse:
    # The path keeps its leading slash and follows the issuer's origin, so it cannot name a host.
    return HttpResponseRedirect(environment.current().issuer_origin + request.get_full_path())


def _refused(why: str, status: int, **said: object) -> HttpResponse:
    """Show a page that needs nothing of what comes after: no session, no person, no table."""
    return HttpResponse(render_to_string(f"refused/{why}.html", said), status=status)
