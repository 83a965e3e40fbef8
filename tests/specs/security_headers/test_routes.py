"""ASVS 5.0 §3.4 — every route belongs to a class, and answers as its class does."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from config import environment
from config.headers import Route
from config.variables import Mode
from tests.doors import Door, Response
from tests.specs.security_headers.classes import expected, told

pytestmark = pytest.mark.spec("ASVS 5.0 §3.4")

# The longest beginning that fits decides. A new route needs a line here, and nothing else.
ROUTES: Mapping[str, Route] = {
    "": Route.PAGE,  # the home page alone: see `class_of`
    "account/": Route.PAGE,
    "admin/": Route.ADMIN,
    "api/v1/": Route.API,
    "api/v1/openapi.json": Route.MACHINE,
    "api/v1/docs": Route.DOCS,
    "api/v1/docs/oauth2-redirect": Route.PAGE,
    "brand.css": Route.MACHINE,  # an error without an accent; a style sheet is a FILE
    "client-logo": Route.MACHINE,  # an error without a digest; a logo is a FILE
    "dev/": Route.PAGE,
    "favicon.ico": Route.PAGE,
    "livez": Route.MACHINE,
    "readyz": Route.MACHINE,
    "oauth2/authorize": Route.PAGE,
    "oauth2/consent": Route.PAGE,
    "oauth2/errors/": Route.PAGE,
    "oauth2/logout": Route.PAGE,
    "oauth2/check-session": Route.FRAMED,
    "oauth2/introspect": Route.MACHINE,
    "oauth2/jwks": Route.MACHINE,
    "oauth2/register": Route.MACHINE,
    "oauth2/revoke": Route.MACHINE,
    "oauth2/token": Route.MACHINE,
    "oauth2/userinfo": Route.MACHINE,
    "setup/": Route.PAGE,
    ".well-known/": Route.MACHINE,
}
SAMPLES = {
    "uuid": "5f0c4b0e-8f5a-4f0e-9d39-2f4a3c1b7e10",
    "int": "1",
    "str": "x",
    "path": "x",
    "slug": "x",
}
# What an answer may say for itself instead of its class.
OWN = {
    "Cache-Control": re.compile(
        r"no-store|public, max-age=\d+|max-age=0, no-cache, no-store, must-revalidate, private"
    ),
    "Referrer-Policy": re.compile(r"same-origin|no-referrer|strict-origin"),
}


def routes(
    patterns: list[URLPattern | URLResolver] | None = None, before: str = ""
) -> Iterator[str]:
    """Yield every address of the project, as it is written."""
    for each in patterns if patterns is not None else get_resolver().url_patterns:
        here = before + str(each.pattern).lstrip("^").removesuffix("$").removesuffix(r"\Z")
        if isinstance(each, URLResolver):
            yield from routes(each.url_patterns, here)
        else:
            yield here


def filled(route: str) -> str:
    """Return an address that the route matches."""
    text = re.sub(r"<(\w+):\w+>", lambda found: SAMPLES[found[1]], route)
    text = re.sub(r"<\w+>", "x", text)
    text = re.sub(r"\(\?P<\w+>[^()]*\)", "x", text)
    return "/" + text.replace("\\", "")


def class_of(route: str) -> Route | None:
    """Return the class of a route, None where nobody has decided."""
    fitting = [each for each in ROUTES if each and route.startswith(each)]
    if not fitting:
        return ROUTES[""] if route == "" else None
    return ROUTES[max(fitting, key=len)]


def test_every_route_has_a_class() -> None:
    found = list(routes())
    assert len(found) > 50
    assert [each for each in found if class_of(each) is None] == []
    assert [each for each in ROUTES if not any(one.startswith(each) for one in found)] == []


@contextmanager
def deployed(mode: Mode) -> Iterator[bool]:
    is_production = mode is Mode.PRODUCTION
    issuer = environment.current().issuer
    changed = issuer.replace("http:", "https:") if is_production else issuer
    with environment.replaced(mode=mode, issuer=changed):
        yield is_production


@pytest.mark.parametrize("mode", list(Mode), ids=lambda mode: str(mode.value))
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "PUT"])
@pytest.mark.usefixtures("signing_keys")
def test_it_answers_as_its_class_does(way_in: Door, method: str, mode: Mode) -> None:
    wrong = {}
    with deployed(mode) as is_production:
        for route in routes():
            response = way_in.send(method, filled(route))
            assert response.status_code < 500, route
            found = own(told(response))
            if found != own(expected(shown(route, response), is_production=is_production)):
                wrong[route] = found
    assert wrong == {}


def shown(route: str, response: Response) -> Route:
    """Return the class of an answer: what only a good one is, an error is not."""
    found = class_of(route) or Route.PAGE
    if response.status_code == 200:
        return found
    return {Route.FRAMED: Route.MACHINE, Route.DOCS: Route.PAGE}.get(found, found)


def own(found: Mapping[str, Any]) -> dict[str, Any]:
    """Put a mark where a page or an endpoint differs from its class in a way that is fine."""
    judged = {
        name: "fine" if name in OWN and OWN[name].fullmatch(value) else value
        for name, value in found.items()
    }
    judged.pop("Pragma", None)  # goes with a Cache-Control that was left to the class
    policy = str(judged.get("Content-Security-Policy", ""))
    # A page may have a script of ours (`csp.allow_own_script`); the rest of its policy stays.
    if "connect-src" not in policy and "frame-ancestors 'none'" in policy:
        judged["Content-Security-Policy"] = policy.replace("; script-src 'self'", "")
    return judged
