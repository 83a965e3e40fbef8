"""RFC 7239 §7.4 — where guesses come from: what a peer says of itself is believed from nobody."""

from dataclasses import replace
from ipaddress import ip_network

import pytest

from config import environment
from tests import peers
from tests import person as people
from tests.person import Person
from tests.specs.sign_in_protection.signing import WRONG, sign_in, via
from tests.throttling import permitting

pytestmark = pytest.mark.spec("RFC 7239 §7.4")
ODD = {
    "nothing": "",
    "garbage": "garbage",
    "many": ", ".join(["unknown"] * 200),
    "commas": ",,,",
    "quotes": '"1.2.3.4',
    "a port alone": ":8080",
}


def wrong(person: Person, peer: str, forwarded: str) -> int:
    victim = replace(person, email=people.address())
    return sign_in(via(victim, peer, "X-Forwarded-For", forwarded), WRONG).status_code


def test_who_makes_addresses_up_is_counted_as_one(someone: Person) -> None:
    peer = peers.somewhere()
    with permitting(login_address="3/h"):
        found = [wrong(someone, peer, f"198.51.100.{number}") for number in range(5)]
    assert found == [200, 200, 200, 429, 429]


@pytest.mark.parametrize("forwarded", ODD.values(), ids=list(ODD))
def test_what_a_proxy_garbles_is_counted_as_the_proxy(someone: Person, forwarded: str) -> None:
    peer = peers.somewhere()
    networks = (ip_network(f"{peer}/32"),)
    with environment.replaced(trusted_proxies=networks), permitting(login_address="2/h"):
        assert [wrong(someone, peer, forwarded) for _ in range(3)] == [200, 200, 429]
        assert wrong(someone, peer, peers.somewhere()) == 200, "somebody else behind the same proxy"


@pytest.mark.parametrize("forwarded", ODD.values(), ids=list(ODD))
def test_no_header_stands_for_a_password(someone: Person, forwarded: str) -> None:
    peer = peers.somewhere()
    with environment.replaced(trusted_proxies=(ip_network(f"{peer}/32"),)):
        for password in (WRONG, ""):
            stranger = via(someone, peer, "X-Forwarded-For", forwarded)
            assert sign_in(stranger, password).status_code == 200
            assert stranger.browser.open(f"{stranger.browser.site}/account/").url != (
                f"{stranger.browser.site}/account/"
            )


def test_fifty_addresses_behind_a_proxy_share_the_account_s_tries(someone: Person) -> None:
    peer = peers.somewhere()
    found = []
    with environment.replaced(trusted_proxies=(ip_network(f"{peer}/32"),)):
        for number in range(50):
            stranger = via(someone, peer, "X-Forwarded-For", f"203.0.113.{number}")
            found.append(sign_in(stranger, WRONG).status_code)
        last = via(someone, peer, "X-Forwarded-For", "203.0.113.99")
        assert sign_in(last).status_code == 429
    assert found == [200] * 10 + [429] * 40
