"""Every address of the server, read from its own URL configuration, and what a right answer is."""

import json
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

from config import api_docs, environment, wsgi
from tests.doors import Response

MACHINES = tuple(sorted(wsgi.MACHINES))
_TRACES = ("Traceback (most recent", 'File "', "Exception Value", "django.db", "psycopg", "sqlite3")
_REDIRECTS = {"change-password": f"{environment.current().issuer}/account/password/change/"}
_API = f"{environment.current().issuer_path}/api/v1/"
_API_PAGES = {f"/{api_docs.PAGE_PATH}", f"/{api_docs.REDIRECT_PATH}"}
_FILLED = {"object_id": "1", "app_label": "tokens", "content_type_id": "1", "url": "x"}


def pages() -> list[str]:
    """Return the address of every page, those of the administration included."""
    found = {_filled(route) for route in _routes(get_resolver().url_patterns, "/")}
    return sorted((found - set(MACHINES)) | {"/static/accounts/style.css", "/static/", "/nowhere"})


def _routes(patterns: list[Any], before: str) -> Iterator[str]:
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from _routes(each.url_patterns, before + str(each.pattern))
        elif isinstance(each, URLPattern):
            yield before + str(each.pattern if isinstance(each.pattern, RoutePattern) else "x")


def _filled(route: str) -> str:
    """Put something into the places of a route."""
    parts = []
    for part in route.split("/"):
        name = part.removesuffix(">").rpartition(":")[2].lstrip("<")
        parts.append(_FILLED.get(name, "x") if part.startswith("<") else part)
    return "/".join(parts)


def judge(path: str, response: Response) -> None:
    """Assert what holds of every answer, whatever was asked."""
    text = response.body.decode("utf-8", "replace")
    about = f"{path}: {response.status_code} {text[:500]}"
    assert response.status_code < 500, about
    assert not any(trace in text for trace in _TRACES), about
    assert response.headers["X-Content-Type-Options"] == "nosniff", about
    if path in MACHINES:
        _judge_machine(response, about, path.rpartition("/")[2])
    elif path.startswith(_API) and path not in _API_PAGES:
        _judge_api(response, about)
    else:
        _judge_page(response, about)


def _judge_machine(response: Response, about: str, name: str) -> None:
    kind = (response.headers["Content-Type"] or "").partition(";")[0]
    assert not response.headers.get_all("Set-Cookie"), about
    assert response.headers["Location"] in {None, _REDIRECTS.get(name)}, about
    if not response.body:
        assert response.status_code in {200, 204, 302, 400, 401, 404, 405, 413, 414}, about
        return
    if kind == "text/html":
        assert (name, response.status_code) == ("check-session", 200), about
        return
    if kind == "text/plain":
        assert (response.status_code, response.text) == (405, "Use GET.\n"), about  # probes
        return
    assert kind in {"application/json", "application/jwk-set+json"}, about
    document = json.loads(response.body)
    if response.status_code >= 400:
        assert set(document) == {"error", "error_description"}, about
        assert document["error_description"].isascii(), about
        assert response.headers["Cache-Control"] == "no-store", about


def _judge_api(response: Response, about: str) -> None:
    assert not response.headers.get_all("Set-Cookie"), about
    assert response.headers["Location"] is None, about
    assert response.headers["Cache-Control"] == "no-store", about
    if not response.body:
        return  # to HEAD, OPTIONS and DELETE
    kind = "application/json" if response.status_code < 400 else "application/problem+json"
    assert response.headers["Content-Type"] == kind, about
    json.loads(response.body)


def _judge_page(response: Response, about: str) -> None:
    assert response.headers["Content-Security-Policy"], about
    if response.status_code in {301, 302, 303, 304, 405} or not response.body:
        return
    kind = (response.headers["Content-Type"] or "").partition(";")[0]
    if (response.headers["Content-Disposition"] or "").startswith("attachment"):
        assert kind in {"application/json", "text/plain"}, about
        return
    assert kind in {"text/html", "text/css", "text/javascript", "image/svg+xml"}, about
    if kind == "text/html" and response.status_code >= 400:
        assert b"<h1" in response.body, about
