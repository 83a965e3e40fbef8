"""Redirect URIs: what matches, what may be registered, how an answer is appended."""

import pytest

from authserver import redirects

CB = "https://app.example/cb"


@pytest.mark.spec("RFC 9700 §2.1")
@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example/cb/",
        "https://app.example/cb/x",
        "https://app.example/cbx",
        "https://app.example/cb?x=1",
        "https://appXexample/cb",
        "https://app.example.evil.test/cb",
        "https://app.example:444/cb",
        "https://app.example:443/cb",
        "HTTPS://app.example/cb",
        "https://APP.example/cb",
        "https://app.example/CB",
        "https://app.example@evil.test/cb",
        "https://app.example/cb\n",
        "",
    ],
)
def test_nothing_but_the_same_string_matches(uri: str) -> None:
    assert redirects.matches([CB], CB, is_native=False)
    assert not redirects.matches([CB], uri, is_native=True)


@pytest.mark.spec("RFC 8252 §7.3")
@pytest.mark.parametrize(
    ("uri", "is_match"),
    [
        ("http://127.0.0.1:53111/cb", True),
        ("http://127.0.0.1:1/cb", True),
        ("http://127.0.0.1:65536/cb", False),
        ("http://127.0.0.1:/cb", False),
        ("http://127.0.0.1:53111/other", False),
        ("http://127.0.0.1:53111/cb?x=1", False),
        ("http://127.0.0.1:53111/cb#x", False),
        ("http://localhost:53111/cb", False),
        ("http://127.0.0.1.evil.test:53111/cb", False),
        ("http://127.0.0.1:1@evil.test/cb", False),
        ("http://[::1]:1/cb", False),
        ("https://127.0.0.1:53111/cb", False),
        ("http://127.0.0.1:\u0661/cb", False),
    ],
)
def test_only_the_port_of_a_native_loopback_may_vary(uri: str, is_match: bool) -> None:
    registered = ["http://127.0.0.1/cb"]
    assert redirects.matches(registered, uri, is_native=True) is is_match
    assert not redirects.matches(registered, uri, is_native=False)


@pytest.mark.parametrize(
    "uri",
    [
        "http://app.example/cb",
        "https://*.app.example/cb",
        "https://app.example/*",
        "https://.app.example/cb",
        "https://app.example/cb#x",
        "https://user@app.example/cb",
        "https://app.example:443@evil.test/cb",
        "http://localhost:80@evil.test/",
        "https://evil.test\\@app.example/cb",
        "https://app.example/cb?state=x&code=y",
        "https://app.example/%0d%0aSet-Cookie",
        "https://app.example/%zz",
        "https://app.example/ cb",
        "https://app.example/ü",
        "https://APP.example/cb",
        "HTTPS://app.example/cb",
        "https://app.example:99999/cb",
        "https://app.example:/cb",
        "https:///cb",
        "https://[::1/cb",
        "javascript:alert(1)",
        "JaVaScRiPt://app.example/alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///x",
        "blob:x",
        " javascript:x",
        "myapp:/cb",
        "com.example.app://host/cb",
        "/cb",
        "*",
        "",
        "x" * 3000,
        5,
        None,
    ],
)
def test_what_is_never_registered(uri: object) -> None:
    assert redirects.fault(uri, is_native=True)
    assert redirects.fault(uri, is_native=False)


@pytest.mark.parametrize(
    ("uri", "is_native", "is_fine"),
    [
        (CB, False, True),
        ("https://app.example:8443/a/b?tenant=1", False, True),
        ("http://127.0.0.1/cb", True, True),
        ("http://[::1]/cb", True, True),
        ("http://localhost:3000/cb", False, True),
        ("com.example.app:/cb", True, True),
        ("com.example.app:/cb", False, False),
    ],
)
def test_what_may_be_registered(uri: str, is_native: bool, is_fine: bool) -> None:
    assert (redirects.fault(uri, is_native=is_native) is None) is is_fine


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        (CB, "https://app.example/cb?code=a+b"),
        (f"{CB}?x=b%20c;d", "https://app.example/cb?x=b%20c;d&code=a+b"),
        (f"{CB}?", "https://app.example/cb?code=a+b"),
        ("com.example.app:/cb", "com.example.app:/cb?code=a+b"),
    ],
)
def test_an_answer_is_appended_to_the_very_text(uri: str, expected: str) -> None:
    assert redirects.append(uri, {"code": "a b"}) == expected
    assert redirects.append(uri, {"code": "a"}, fragment=True) == f"{uri}#code=a"


def test_a_line_break_in_state_cannot_leave_the_location() -> None:
    assert "\r" not in redirects.append(CB, {"state": "\r\nX-Evil: 1"})


@pytest.mark.parametrize(
    "origin", ["https://app.example/", "https://app.example/x", "null", "*", "", 5]
)
def test_an_origin_is_scheme_host_and_port(origin: object) -> None:
    assert redirects.origin_fault(origin)
    assert redirects.origin_fault("https://app.example") is None
    assert redirects.origin_fault("http://localhost:5173") is None
