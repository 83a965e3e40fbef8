"""ASVS 5.0 §3.4 — one snapshot of each class, and the errors of every origin."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from wsgiref.headers import Headers

import pytest
from django.contrib.staticfiles import finders
from django.db import OperationalError
from django.http import HttpRequest

from accounts.pages import home
from config import environment, headers, outage, policy, wsgi
from config.headers import Route
from config.policy import Responses, Transport
from config.variables import Mode
from tests.doors import Door, Response
from tests.specs.security_headers.classes import HSTS, expected, told

pytestmark = pytest.mark.spec("ASVS 5.0 §3.4")
STYLE = "/static/accounts/icon.svg"


@pytest.fixture
def production() -> Iterator[None]:
    issuer = environment.current().issuer.replace("http:", "https:")
    with environment.replaced(mode=Mode.PRODUCTION, issuer=issuer):
        yield


def judge(response: Response, route: Route, status: int, **changes: str) -> None:
    is_production = environment.current().is_production
    assert response.status_code == status
    assert told(response) == expected(route, is_production=is_production, **changes)


@pytest.mark.parametrize("deployment", ["development", "production"])
class TestSnapshots:
    @pytest.fixture(autouse=True)
    def deployed(self, deployment: str, request: pytest.FixtureRequest, signing_keys: None) -> None:
        if deployment == "production":
            request.getfixturevalue("production")

    def test_page(self, way_in: Door) -> None:
        judge(way_in.get("/account/login/"), Route.PAGE, 200, **SIGN_IN)

    def test_home(self, way_in: Door) -> None:
        judge(way_in.get("/"), Route.PAGE, 200)

    def test_administration(self, way_in: Door) -> None:
        assert (
            told(way_in.get("/admin/"))["Content-Security-Policy"]
            == (expected(Route.ADMIN)["Content-Security-Policy"])
        )

    def test_machine_endpoint(self, way_in: Door) -> None:
        judge(way_in.post("/oauth2/token", {"grant_type": "x"}), Route.MACHINE, 400)
        judge(way_in.get("/livez"), Route.MACHINE, 200)

    def test_cacheable_machine_endpoint(self, way_in: Door) -> None:
        found = told(way_in.get("/oauth2/jwks"))
        wanted = expected(Route.MACHINE, is_production="Strict-Transport-Security" in found)
        del wanted["Pragma"]
        assert found == wanted | {"Cache-Control": "public, max-age=300"}

    def test_api(self, way_in: Door) -> None:
        judge(way_in.get("/api/v1/users"), Route.API, 401)
        judge(way_in.get("/api/v1/nowhere"), Route.API, 404)

    def test_framed_page(self, way_in: Door) -> None:
        judge(way_in.get("/oauth2/check-session"), Route.FRAMED, 200)

    @pytest.mark.parametrize(
        "path", [STYLE, "/static/authserver/check_session.js", "/static/admin/css/base.css"]
    )
    def test_file(self, way_in: Door, path: str) -> None:
        assert finders.find(path.removeprefix("/static/"))
        first = way_in.get(path)
        judge(first, Route.FILE, 200)
        since = {"If-Modified-Since": first.headers["Last-Modified"] or ""}
        judge(way_in.get(path, headers=since), Route.FILE, 304)
        judge(way_in.get(path, headers={"Range": "bytes=0-3"}), Route.FILE, 206)
        judge(way_in.send("HEAD", path), Route.FILE, 200)

    @pytest.mark.parametrize("path", ["/nowhere", "/static/nowhere.css", "/static/%2e%2e/x"])
    def test_nothing_there(self, way_in: Door, path: str) -> None:
        judge(way_in.get(path), Route.PAGE, 404)

    @pytest.mark.parametrize(
        ("query", "status"), [("next=%00", 400), ("next=http://[", 400), ("x=%ff", 200)]
    )
    def test_hostile_page(self, way_in: Door, query: str, status: int) -> None:
        changes = SIGN_IN if status == 200 else {}
        judge(way_in.get(f"/account/login/?{query}"), Route.PAGE, status, **changes)

    @pytest.mark.parametrize(
        ("path", "status"), [("/account/login/", 303), ("/oauth2/consent", 403)]
    )
    def test_form_without_its_token(self, way_in: Door, path: str, status: int) -> None:
        answered = way_in.post(path, {"decision": "allow"})
        assert answered.status_code in {status, 303}
        judge(answered, Route.PAGE, answered.status_code)

    def test_too_long_a_form(self, way_in: Door) -> None:
        judge(way_in.post("/account/login/", {"x": "x" * 70_000}), Route.PAGE, 413)

    def test_another_name(self, way_in: Door) -> None:
        scheme = environment.current().issuer.partition(":")[0]
        judge(way_in.get(f"{scheme}://evil.example/"), Route.PAGE, 421)

    @pytest.mark.parametrize(
        ("fault", "status"), [(ValueError("a secret"), 500), (OperationalError("a secret"), 503)]
    )
    def test_page_that_fails(
        self, way_in: Door, monkeypatch: pytest.MonkeyPatch, fault: Exception, status: int
    ) -> None:
        def broken(_: HttpRequest) -> Any:
            raise fault

        monkeypatch.setattr(home, "SECTIONS", [broken])
        answered = way_in.get("/")
        judge(answered, Route.PAGE, status)
        assert "secret" not in answered.text

    def test_machine_that_fails(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(_: dict[str, Any]) -> Any:
            raise ValueError("a secret")

        monkeypatch.setitem(wsgi.MACHINES, "/livez", broken)
        answered = Door(name="front").get("/livez")
        judge(answered, Route.MACHINE, 500)
        assert answered.json()["error"] == "server_error"
        assert "secret" not in answered.text

    def test_api_that_fails(self, way_in: Door, monkeypatch: pytest.MonkeyPatch) -> None:
        """Not even then does Django answer with a page of its own."""

        def broken(*_: Any) -> Any:
            raise ValueError("a secret")

        monkeypatch.setattr("accounts.api.entry._complete", broken)
        logging.disable(logging.CRITICAL)
        try:
            answered = way_in.get("/api/v1/users")
        finally:
            logging.disable(logging.NOTSET)
        judge(answered, Route.MACHINE, 500)
        assert "secret" not in answered.text


PRIVATE = {"Cache-Control": "max-age=0, no-cache, no-store, must-revalidate, private"}
SIGN_IN = {  # passkeys need a script of ours
    **PRIVATE,
    "Content-Security-Policy": expected(Route.PAGE)["Content-Security-Policy"]
    + "; script-src 'self'",
}


@pytest.mark.spec("HTML §7.1.3")
@pytest.mark.parametrize("path", ["/account/login/", "/admin/login/", "/oauth2/authorize"])
def test_who_opened_a_window_keeps_it_only_where_the_policy_says_so(
    way_in: Door, path: str
) -> None:
    name = "Cross-Origin-Opener-Policy"
    assert way_in.get(path).headers[name] == "same-origin"
    with policy.replaced(responses=Responses(danger_popups=True)):
        wanted = "same-origin" if path.startswith("/admin/") else "unsafe-none"
        assert way_in.get(path).headers[name] == wanted


def test_every_class_has_a_snapshot() -> None:
    assert set(headers.FIXED) == set(Route)
    for route in Route:
        found = expected(route)
        assert found["X-Content-Type-Options"] == "nosniff"
        assert "unsafe" not in found["Content-Security-Policy"]
        assert "default-src 'none'" in found["Content-Security-Policy"]
        framed = "frame-ancestors 'none'" in found["Content-Security-Policy"]
        assert framed is (route is not Route.FRAMED)
        assert ("X-Frame-Options" in found) is framed


@pytest.mark.spec("RFC 6797 §6.1")
@pytest.mark.usefixtures("production")
@pytest.mark.parametrize("path", ["/", "/livez", "/api/v1/users", STYLE, "/oauth2/check-session"])
def test_subdomains_and_preloading_are_a_choice(way_in: Door, path: str) -> None:
    name = "Strict-Transport-Security"
    assert way_in.get(path).headers[name] == HSTS[name]
    wide = Transport(hsts_include_subdomains=True, hsts_preload=True)
    with policy.replaced(transport=wide):
        told = way_in.get(path).headers[name]
    assert told == "max-age=31536000; includeSubDomains; preload"
    with policy.replaced(transport=Transport(hsts_max_age=timedelta(0))):
        assert way_in.get(path).headers[name] == "max-age=0", "the way back"


@pytest.mark.spec("RFC 6797 §7.2")
@pytest.mark.usefixtures("production")
@pytest.mark.parametrize("path", ["/", "/livez", "/oauth2/token", "/api/v1/users", STYLE])
def test_nothing_is_promised_in_the_clear(door: str, path: str) -> None:
    answered = Door(name=door, scheme="http").get(path)
    assert answered.headers["Strict-Transport-Security"] is None


def test_the_last_answer_of_all_is_complete() -> None:
    found = outage.broken({"wsgi.url_scheme": "http"})
    response = Response(
        url="", status_code=found.status, headers=Headers(list(found.headers)), body=b""
    )
    judge(response, Route.MACHINE, 500)
