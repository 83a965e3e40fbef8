"""config.csp: what a page may load, and where its forms may end."""

import pytest
from django.test import RequestFactory

from config import csp

pytestmark = pytest.mark.spec("CSP3 §6.4.1")


@pytest.mark.parametrize(
    ("uri", "source"),
    [
        ("https://app.example/cb?x=1", "https://app.example"),
        ("https://App.Example:8443/cb", "https://app.example:8443"),
        ("http://127.0.0.1:49152/cb", "http://127.0.0.1:49152"),
        ("http://[::1]:49152/cb", "http://*:49152"),
        ("com.example.app:/cb", "com.example.app:"),
        ("com.example.app://anything", "com.example.app:"),
    ],
)
def test_the_source_of_a_redirect_uri(uri: str, source: str) -> None:
    assert csp.source_of(uri) == source


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "/cb",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://a;script-src *",
        "https://a b/",
        "https://a'b/",
        "https:///cb",
        "a b:/cb",
    ],
)
def test_nothing_else_gets_into_a_header(uri: str) -> None:
    with pytest.raises(ValueError, match="not a redirect URI"):
        csp.source_of(uri)


def test_only_this_response_admits_the_target() -> None:
    request, other = RequestFactory().get("/"), RequestFactory().get("/")
    csp.allow_form_target(request, "https://app.example/cb")
    csp.allow_form_target(request, "https://app.example/other")
    allowed = "form-action 'self' https://app.example;"
    assert allowed in csp.header(request)
    assert "app.example" not in csp.header(other)


def test_only_this_response_frames_those_origins() -> None:
    request, other = RequestFactory().get("/"), RequestFactory().get("/")
    for uri in ("https://app.example/bye?x=1", "https://app.example/", "https://b.example:8443/"):
        csp.allow_frame(request, uri)
    framing = "; frame-src https://app.example https://b.example:8443"
    assert framing in csp.header(request)
    assert framing in csp.header(request, csp.ADMIN)
    assert "frame-src" not in csp.header(other)
    with pytest.raises(ValueError, match="not a redirect URI"):
        csp.allow_frame(request, "javascript:alert(1)")


def test_a_policy_stays_short_enough_for_a_proxy_however_many_are_framed() -> None:
    request = RequestFactory().get("/")
    for number in range(200):
        csp.allow_frame(request, f"https://app{number}.example/bye")
    policy = csp.header(request)
    assert policy.endswith("; frame-src https:")
    assert len(policy) < 1024


def test_pages_run_no_script_and_nothing_is_inline() -> None:
    page = csp.header(RequestFactory().get("/"))
    admin = csp.header(RequestFactory().get("/admin/"), csp.ADMIN)
    assert page.startswith("default-src 'none'")
    assert "script-src" not in page
    assert "script-src 'self'" in admin
    for policy in (page, admin):
        assert "unsafe" not in policy
        assert "data:" not in policy
        assert "frame-ancestors 'none'" in policy
        assert "base-uri 'none'" in policy
