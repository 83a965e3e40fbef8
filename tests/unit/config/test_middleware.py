"""config.middleware: one name, one scheme, and the browser's defences on every page."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import path

from config import answer, environment, logs, middleware, policy, request_id
from config.policy import Transport
from config.variables import Mode


def page(_: HttpRequest) -> HttpResponse:
    response = HttpResponse("page")
    response.set_cookie("as_session", "x")
    return response


def ask(
    path_: str = "/x?y=1",
    *,
    host: str = "localhost:8000",
    method: str = "get",
    around: Callable[[middleware.Handler], middleware.Handler] = middleware.canonical,
    **environ: Any,
) -> HttpResponse:
    request = getattr(RequestFactory(), method)(path_, HTTP_HOST=host, **environ)
    return around(page)(request)


@pytest.fixture
def production() -> Iterator[None]:
    with environment.replaced(
        mode=Mode.PRODUCTION,
        issuer="https://id.example.com",
        trusted_proxies=(ip_network("10.0.0.1"),),
    ):
        yield


class TestName:
    def test_the_issuers_own_name_is_served(self) -> None:
        assert ask().content == b"page"

    @pytest.mark.parametrize("host", ["127.0.0.1:8000", "[::1]:8000", "LOCALHOST:8000"])
    @pytest.mark.parametrize("method", ["get", "head"])
    def test_another_loopback_name_leads_to_the_issuer_before_any_cookie(
        self, host: str, method: str
    ) -> None:
        answered = ask(host=host, method=method)
        if host == "LOCALHOST:8000":
            assert answered.content == b"page"
        else:
            assert answered.status_code == 302
            assert answered["Location"] == "http://localhost:8000/x?y=1"
            assert not answered.cookies

    def test_and_back_when_the_issuer_is_the_number(self) -> None:
        with environment.replaced(issuer="http://127.0.0.1:8000"):
            assert ask()["Location"] == "http://127.0.0.1:8000/x?y=1"

    @pytest.mark.parametrize(
        "host", ["localhost:9000", "localhost", "demo.example:8000", "10.0.0.9"]
    )
    def test_any_other_host_gets_a_page_with_the_line_to_copy(self, host: str) -> None:
        answered = ask(host=host)
        text = answered.content.decode().replace("<wbr>", "")
        assert answered.status_code == 421
        assert not answered.cookies
        assert f">AUTHSERVER_ISSUER=http://{host}</code>" in text
        assert 'configured for <strong dir="ltr">http://localhost:8000</strong>' in text
        assert "<script" not in text

    def test_a_form_sent_to_the_wrong_name_is_not_carried_over(self) -> None:
        assert ask(host="127.0.0.1:8000", method="post").status_code == 421

    @pytest.mark.parametrize("host", ['"><svg onload=x>', "a b", "", "ä.example", "a,b"])
    def test_what_is_no_host_is_shown_escaped_and_never_proposed(self, host: str) -> None:
        text = ask(host=host).content.decode()
        assert "<svg" not in text
        assert "AUTHSERVER_ISSUER" not in text

    def test_the_path_cannot_name_another_host(self) -> None:
        located = ask("//evil.example/x", host="127.0.0.1:8000")["Location"]
        assert located.startswith("http://localhost:8000/")

    def test_the_issuers_path_is_part_of_the_proposal(self) -> None:
        with environment.replaced(issuer="http://localhost:8000/idp"):
            text = ask(host="a.example").content.decode()
            assert "AUTHSERVER_ISSUER=<wbr>http://a.example/idp<" in text


@pytest.mark.usefixtures("production")
class TestScheme:
    def test_a_page_over_http_leads_to_https(self) -> None:
        answered = ask(host="id.example.com")
        assert (answered.status_code, answered["Location"]) == (302, "https://id.example.com/x?y=1")

    def test_what_was_sent_over_http_is_refused(self) -> None:
        answered = ask(host="id.example.com", method="post")
        assert answered.status_code == 403
        assert "not encrypted" in answered.content.decode()

    def test_our_own_https_is_served(self) -> None:
        encrypted: Any = {"wsgi.url_scheme": "https"}
        assert ask(host="id.example.com", **encrypted).content == b"page"

    def test_a_trusted_proxys_https_is_served_and_django_knows(self) -> None:
        seen: list[tuple[bool, str]] = []

        def following(request: HttpRequest) -> HttpResponse:
            seen.append((request.is_secure(), request.get_host()))
            return HttpResponse()

        request = RequestFactory().get(
            "/",
            HTTP_HOST="inner:8000",
            REMOTE_ADDR="10.0.0.1",
            HTTP_X_FORWARDED_PROTO="https",
            HTTP_X_FORWARDED_HOST="id.example.com",
        )
        middleware.canonical(following)(request)
        assert seen == [(True, "id.example.com")]

    def test_an_unknown_proxy_is_told_of_instead_of_looping(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        answered = ask(host="id.example.com", HTTP_X_FORWARDED_PROTO="https")
        assert answered.status_code == 403
        assert "AUTHSERVER_TRUSTED_PROXIES" in answered.content.decode()
        assert getattr(caplog.records[-1], logs.FIELDS)["peer"] == "127.0.0.1"


class TestHeaders:
    def test_every_page_carries_them(self) -> None:
        headers = dict(ask(around=middleware.security_headers).items())
        assert headers.pop("Content-Security-Policy").startswith("default-src 'none'; style-src")
        assert headers.pop("Permissions-Policy")
        assert headers == {
            "Content-Type": "text/html; charset=utf-8",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Origin-Agent-Cluster": "?1",
            "Cache-Control": "no-store",
        }

    def test_what_a_page_says_itself_stands(self) -> None:
        def following(_: HttpRequest) -> HttpResponse:
            return HttpResponse(
                headers={"Referrer-Policy": "no-referrer", "Cache-Control": "max-age=9"}
            )

        answered = middleware.security_headers(following)(RequestFactory().get("/"))
        assert answered["Referrer-Policy"] == "no-referrer"
        assert answered["Cache-Control"] == "max-age=9"

    @pytest.mark.parametrize(
        ("rules", "value"),
        [
            (Transport(), "max-age=31536000"),
            (Transport(hsts_max_age=timedelta(0)), "max-age=0"),
            (
                Transport(hsts_include_subdomains=True, hsts_preload=True),
                "max-age=31536000; includeSubDomains; preload",
            ),
        ],
    )
    @pytest.mark.usefixtures("production")
    def test_production_tells_browsers_to_stay_with_https(
        self, rules: Transport, value: str
    ) -> None:
        with policy.replaced(transport=rules):
            answered = ask(around=middleware.security_headers, **{"wsgi.url_scheme": "https"})
            plain = ask(around=middleware.security_headers)
        assert answered["Strict-Transport-Security"] == value
        assert "Strict-Transport-Security" not in plain  # anybody could have written it

    @pytest.mark.parametrize(
        ("asked", "has_scripts"),
        [("/admin/", True), ("/admin/x/", True), ("/administer", False), ("/x/admin/", False)],
    )
    def test_only_the_administration_runs_scripts(self, asked: str, has_scripts: bool) -> None:
        told = ask(asked, around=middleware.security_headers)["Content-Security-Policy"]
        assert ("script-src 'self'" in told) is has_scripts


class TestRequestId:
    def test_it_is_ours_and_in_every_line_meanwhile(self) -> None:
        seen: list[str] = []

        def following(request: HttpRequest) -> HttpResponse:
            seen.append(request_id.current())
            return HttpResponse()

        request = RequestFactory().get("/", HTTP_X_REQUEST_ID="mine\r\nX: y")
        name = middleware.named(following)(request)[request_id.HEADER]
        assert seen == [name]
        assert len(bytes.fromhex(name)) == 8
        assert request_id.current() == ""


class TestMachinePaths:
    @pytest.fixture
    def urls(self, settings: Any) -> None:
        def machine(environ: answer.Environ) -> answer.Answer:
            return answer.text(str(environ["PATH_INFO"]))

        settings.ROOT_URLCONF = (path("machine", answer.as_view(machine)), path("page", page))

    @pytest.mark.usefixtures("urls")
    def test_a_machine_endpoint_answers_alone(self) -> None:
        answered = ask("/machine", host="evil.example", around=middleware.machine_paths)
        assert answered.content == b"/machine"
        assert not answered.cookies

    @pytest.mark.usefixtures("urls")
    @pytest.mark.parametrize("asked", ["/page", "/nowhere", "/machine/", "//machine"])
    def test_everything_else_goes_on(self, asked: str) -> None:
        assert ask(asked, around=middleware.machine_paths).content == b"page"
