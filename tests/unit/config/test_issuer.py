"""config.issuer: what may be an issuer."""

import pytest

from config import issuer

pytestmark = pytest.mark.spec("RFC 8414 §2")


@pytest.mark.parametrize(
    "text",
    [
        "http://localhost:8000",
        "https://id.example.com",
        "https://id.example.com:8443/idp",
        "https://example.com/a/b-c_d.e~f",
        "http://[::1]:8000",
        "https://127.0.0.1",
    ],
)
def test_a_good_issuer_is_taken_as_it_is(text: str) -> None:
    assert issuer.parse(text) == text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "absolute"),
        ("id.example.com", "absolute"),
        ("ftp://id.example.com", "absolute"),
        ("https://", "absolute"),
        ("https://id.example.com/", "slash"),
        ("https://id.example.com/idp/", "slash"),
        ("https://id.example.com?", "query"),
        ("https://id.example.com/?a=b", "query"),
        ("https://id.example.com#", "fragment"),
        ("https://me:pw@id.example.com", "user name"),
        ("https://ID.example.com", "lower case"),
        ("HTTPS://id.example.com", "lower case"),
        ("https://id.example.com:443", "port 443"),
        ("http://localhost:80", "port 80"),
        ("https://id.example.com:99999", "not a URL"),
        ("https://id.example.com/a//b", "plain path"),
        ("https://id.example.com/../b", "plain path"),
        ("https://id.example.com/a%20b", "plain path"),
        ("https://id.example.com/a<str:b>", "plain path"),
        ("https://-id.example.com", "host"),
        ("https://id..example.com", "host"),
        ("https://[::1", "not a URL"),
        ("https://[0:0:0:0:0:0:0:1]", "host"),
        ("https://id.example.com\\evil", "host"),
        ("https://bücher.example", "host"),
    ],
)
def test_a_bad_issuer_is_refused_with_its_reason(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        issuer.parse(text)


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(ValueError, match=r"query[\s\S]*user name[\s\S]*slash[\s\S]*lower case"):
        issuer.parse("https://Me@ID.example.com/?a=b")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("http://localhost:8000", True),
        ("http://127.0.0.1", True),
        ("http://127.8.8.8", True),
        ("http://[::1]:1", True),
        ("http://demo.localhost", True),
        ("http://localhost.example.com", False),
        ("http://10.0.0.1", False),
    ],
)
def test_loopback_is_recognised(text: str, answer: bool) -> None:
    assert issuer.is_loopback(text) is answer
