"""RFC 8252 §7.3 — a native loopback redirect works on any port, and nothing else varies."""

import pytest

from tests.parties import LOOPBACK, Enrol
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 8252 §7.3")

PORTS = ["http://127.0.0.1/cb", "http://127.0.0.1:53111/cb", "http://127.0.0.1:1/cb"]
WIDER = [
    "http://127.0.0.1:53111/other",
    "http://127.0.0.1:53111/cb/",
    "http://127.0.0.1:53111/cb?x=1",
    "http://127.0.0.1:53111/CB",
    "http://127.0.0.1:53111/cb#x",
    "http://127.0.0.1:53111",
    "https://127.0.0.1:53111/cb",
    "HTTP://127.0.0.1:53111/cb",
    "http://localhost:53111/cb",
    "http://[::1]:53111/cb",
    "http://127.0.0.2:53111/cb",
    "http://127.1:53111/cb",
    "http://2130706433:53111/cb",
    "http://127.0.0.1.evil.example:53111/cb",
    "http://127.0.0.1:53111@evil.example/cb",
    "http://user@127.0.0.1:53111/cb",
    "http://127.0.0.1:/cb",
    "http://127.0.0.1:65536/cb",
    "http://127.0.0.1:-1/cb",
    "http://127.0.0.1:8x/cb",
    "http://127.0.0.1:\u0661/cb",
    "http://127.0.0.1:53111/cb\n",
]


@pytest.mark.parametrize("uri", PORTS)
def test_any_port_is_answered(public: RelyingParty, uri: str) -> None:
    arrival = public.authorize(redirect_uri=uri)
    assert (arrival.outcome, arrival.uri) == ("code", uri)
    assert public.redeem(arrival).status_code == 200


@pytest.mark.parametrize("uri", WIDER, ids=ascii)
def test_nothing_but_the_port_varies(public: RelyingParty, uri: str) -> None:
    assert public.ask(redirect_uri=uri).outcome == "shown"


def test_the_code_is_bound_to_the_port_that_was_asked(public: RelyingParty) -> None:
    arrival = public.authorize(redirect_uri="http://127.0.0.1:5001/cb")
    answer = public.redeem(arrival, redirect_uri="http://127.0.0.1:5002/cb")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_ipv6_is_a_loopback_too(enrol: Enrol) -> None:
    native = enrol(redirect_uris=["http://[::1]/cb"], application_type="native")
    assert native.authorize(redirect_uri="http://[::1]:53111/cb").outcome == "code"
    assert native.ask(redirect_uri="http://127.0.0.1:53111/cb").outcome == "shown"


def test_localhost_is_a_name_and_keeps_its_port(enrol: Enrol) -> None:
    uri = "http://localhost:8010/cb"
    native = enrol(redirect_uris=[uri], application_type="native")
    assert native.ask(redirect_uri="http://localhost:8011/cb").outcome == "shown"
    assert native.authorize(redirect_uri=uri).outcome == "code"


def test_a_web_client_keeps_its_port(enrol: Enrol) -> None:
    web = enrol(redirect_uris=[LOOPBACK])
    assert web.ask(redirect_uri="http://127.0.0.1:53111/cb").outcome == "shown"
    assert web.authorize().outcome == "code"
