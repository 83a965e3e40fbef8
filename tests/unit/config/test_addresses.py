"""config.addresses: only global unicast is everybody's, and look-ups end in time."""

import socket
import threading
import time

import pytest

from config import addresses
from config.addresses import UnresolvedError

PUBLIC = ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700:4700::1111", "2a00::1"]
PRIVATE = [
    "0.0.0.0",  # noqa: S104  judged, not listened on
    "0.1.2.3",
    "10.1.2.3",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:53aa:64c::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "2a00::1%eth0",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("host", PUBLIC)
def test_global_unicast_is_everybodys(host: str) -> None:
    assert addresses.is_public(host)


@pytest.mark.parametrize("host", PRIVATE)
def test_nothing_else_is(host: str) -> None:
    assert not addresses.is_public(host)


@pytest.mark.parametrize("host", ["", "localhost", "8.8.8", "0x8.8.8.8", "134744072", "8.8.8.8/32"])
def test_what_is_no_address_is_not_public(host: str) -> None:
    assert not addresses.is_public(host)


def test_a_name_stands_for_its_addresses() -> None:
    found = addresses.resolve("localhost", 80, within=5)
    assert ("127.0.0.1", 80) in [address for _, address in found]


def test_no_address_is_told() -> None:
    def look_up(host: str, port: int) -> list[addresses.Address]:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    with addresses.replaced(look_up), pytest.raises(UnresolvedError):
        addresses.resolve("nowhere.example", 80, within=5)


def test_look_ups_that_never_end_hold_nobody_up() -> None:
    until = threading.Event()

    def look_up(host: str, port: int) -> list[addresses.Address]:
        until.wait()
        return [(socket.AF_INET, ("8.8.8.8", port))]

    before, start = threading.active_count(), time.monotonic()
    with addresses.replaced(look_up):
        for _ in range(40):
            with pytest.raises(UnresolvedError):
                addresses.resolve("slow.example", 80, within=0.01)
        assert threading.active_count() - before <= 16
    assert time.monotonic() - start < 10
    until.set()
    assert addresses.resolve("127.0.0.1", 80, within=5)
