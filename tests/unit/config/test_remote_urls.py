"""config.remote_urls: what we would never ask is told when it is registered, without a look-up."""

import pytest

from config import environment, outgoing, remote_urls

ALLOWED = frozenset({"rp.internal", "127.0.0.1:8443", "[::1]", "localhost"})
FIT = [
    "https://rp.example",
    "https://rp.example/",
    "https://rp.example:8443/a/b?c=d&e=%20",
    "https://RP.Example/jwks",
    "https://xn--bcher-kva.example/",
    "https://8.8.8.8/",
    "https://[2606:4700:4700::1111]/",
    "https://[2606:4700:4700::1111]:8443/",
    "https://a.1.example/",
    "https://notlocal.example/",
]
UNFIT = [
    "",
    "rp.example",
    "//rp.example/",
    "http://rp.example/",
    "HTTPS://rp.example/",
    "ftp://rp.example/",
    "file:///etc/passwd",
    "gopher://rp.example/",
    "data:text/plain,x",
    "unix:/run/x",
    "javascript:alert(1)",
    "https:rp.example",
    "https:///rp.example",
    "https://",
    "https://:443/",
    "https://rp.example:/",
    "https://rp.example:0/",
    "https://rp.example:00443/",
    "https://rp.example:65536/",
    "https://rp.example:+443/",
    "https://rp.example:٤٤٣/",
    "https://rp.example./",
    "https://rp..example/",
    "https://-rp.example/",
    "https://rp_x.example/",
    "https://rp.example/#fragment",
    "https://rp.example/#",
    "https://user@rp.example/",
    "https://user:word@rp.example/",
    "https://@rp.example/",
    "https://8.8.8.8@127.0.0.1/",
    "https://rp.example\\@127.0.0.1/",
    "https://rp.example\\.evil.example/",
    "https://rp.example/a b",
    "https://rp.example/\n",
    "https://rp.example/\0",
    " https://rp.example/",
    "https://bücher.example/",
    "https://rp。example/",
    "https://①②⑦.0.0.1/",
    "https://rp.example/" + "a" * 2048,
    "https://" + "a" * 64 + ".example/",
    "https://" + "a." * 127 + "example/",
    "https://localhost/",
    "https://localhost./",
    "https://rp.localhost/",
    "https://LOCALHOST/",
    "https://metadata/",
    "https://metadata.google.internal/",
    "https://printer.local/",
    "https://router.home.arpa/",
    "https://home.arpa/",
    "https://x.onion/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://127.0.1/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://0x7f000001/",
    "https://017700000001/",
    "https://0177.0.0.1/",
    "https://127.0.0.0x1/",
    "https://rp.example.127/",
    "https://0/",
    "https://0.0.0.0/",
    "https://10.0.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://192.168.0.1:8443/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:8.8.8.8]/",
    "https://[fc00::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[v1.rp.example]/",
    "https://[rp.example]/",
    "https://[::1/",
    "https://::1/",
    "https://rp.internal/",
]


@pytest.mark.parametrize("url", FIT)
def test_a_public_https_url_is_fit(url: str) -> None:
    assert outgoing.fault(url) is None


@pytest.mark.parametrize("url", UNFIT)
def test_everything_else_is_told_in_one_sentence_of_ours(url: str) -> None:
    told = outgoing.fault(url)
    assert told
    assert told.isascii()
    assert len(url) < 10 or url not in told


@pytest.mark.parametrize(
    "url",
    [
        "https://rp.internal/x",
        "http://rp.internal:8080/x",
        "http://RP.internal/x",
        "https://127.0.0.1:8443/",
        "http://127.0.0.1:8443/",
        "http://[::1]:9/",
        "http://localhost:5000/",
    ],
)
def test_a_named_host_may_be_private_and_plain(url: str) -> None:
    assert outgoing.fault(url)
    with environment.replaced(allowed_private_hosts=ALLOWED):
        assert outgoing.fault(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://127.0.0.1:8444/",
        "http://a.rp.internal/",
        "http://xrp.internal/",
        "http://127.1:8443/",
        "http://[::ffff:127.0.0.1]:8443/",
        "http://rp.example/",
        "ftp://rp.internal/",
        "http://rp.internal./",
        "http://user@rp.internal/",
    ],
)
def test_a_named_host_opens_no_other(url: str) -> None:
    with environment.replaced(allowed_private_hosts=ALLOWED):
        assert outgoing.fault(url)


def test_the_port_of_the_scheme_counts() -> None:
    with environment.replaced(allowed_private_hosts=frozenset({"rp.internal:443"})):
        assert outgoing.fault("https://rp.internal/") is None
        assert outgoing.fault("http://rp.internal/")
        place = remote_urls.read("https://rp.internal?a=b")
    assert (place.port, place.target, place.is_tls) == (443, "/?a=b", True)
