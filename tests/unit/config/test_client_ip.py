"""config.client_ip and config.transport: whom to believe about where a request comes from."""

from collections.abc import Iterator
from ipaddress import ip_network

import pytest

from config import client_ip, environment, transport


@pytest.fixture(autouse=True)
def proxies() -> Iterator[None]:
    networks = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
    with environment.replaced(trusted_proxies=networks):
        yield


def seen(peer: str, forwarded: str | None = None, **more: str) -> dict[str, str]:
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return {"REMOTE_ADDR": peer, **headers, **more}


@pytest.mark.spec("RFC 7239 §7.4")
@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.1", None, "192.0.2.1"),
        ("192.0.2.1", "198.51.100.9", "192.0.2.1"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.9", "198.51.100.9"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.9", "198.51.100.9"),
        ("10.0.0.1", "198.51.100.9, 10.0.0.2", "198.51.100.9"),
        ("10.0.0.1", "198.51.100.9, nonsense", "10.0.0.1"),
        ("10.0.0.1", "6.6.6.6, nonsense, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "198.51.100.9:4711", "198.51.100.9"),
        ("10.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
        ("fd00::1", "2001:DB8:0::1", "2001:db8::1"),
        ("10.0.0.1", "::ffff:198.51.100.9%eth0", "198.51.100.9"),
        ("::ffff:10.0.0.1", "198.51.100.9", "198.51.100.9"),
        ("10.0.0.1", ",".join(["10.0.0.2"] * 10_000), "10.0.0.2"),
        ("", "198.51.100.9", client_ip.NOBODY),
        ("unix", "198.51.100.9", client_ip.NOBODY),
    ],
)
def test_the_client_is_the_first_address_nobody_of_ours_vouches_for(
    peer: str, forwarded: str | None, client: str
) -> None:
    assert client_ip.of(seen(peer, forwarded)) == client


@pytest.mark.parametrize(
    ("peer", "scheme", "told", "answer"),
    [
        ("192.0.2.1", "http", None, False),
        ("192.0.2.1", "https", None, True),
        ("192.0.2.1", "http", "https", False),
        ("10.0.0.1", "http", "https", True),
        ("10.0.0.1", "http", "HTTPS", True),
        ("10.0.0.1", "http", "https, http", False),
        ("10.0.0.1", "http", "http, https", True),
        ("10.0.0.1", "http", "", False),
    ],
)
def test_https_is_believed_from_our_proxies_only(
    peer: str, scheme: str, told: str | None, answer: bool
) -> None:
    headers = {} if told is None else {"HTTP_X_FORWARDED_PROTO": told}
    asked = seen(peer, **headers, **{"wsgi.url_scheme": scheme})
    assert transport.is_secure(asked) is answer


@pytest.mark.parametrize(
    ("asked", "host"),
    [
        ({"HTTP_HOST": "ID.Example.com:80"}, "id.example.com"),
        ({"HTTP_HOST": "id.example.com:443"}, "id.example.com:443"),
        ({"HTTP_HOST": "id.example.com:443", "wsgi.url_scheme": "https"}, "id.example.com"),
        ({"HTTP_HOST": "a", "HTTP_X_FORWARDED_HOST": "b"}, "a"),
        ({"REMOTE_ADDR": "10.0.0.1", "HTTP_HOST": "a", "HTTP_X_FORWARDED_HOST": "c, b"}, "b"),
        ({}, ""),
    ],
)
def test_the_name_asked_for_is_the_proxys_word_if_it_is_ours(
    asked: dict[str, str], host: str
) -> None:
    assert transport.host(asked) == host
