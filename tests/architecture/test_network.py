"""The suite stays on this machine."""

import socket

import pytest

from tests import network

pytestmark = pytest.mark.leg("sqlite")


@pytest.mark.parametrize(
    ("family", "address"),
    [
        pytest.param(socket.AF_INET, ("192.0.2.1", 80), id="IPv4"),
        pytest.param(socket.AF_INET6, ("2001:db8::1", 80), id="IPv6"),
    ],
)
def test_no_connection_leaves_loopback(
    family: socket.AddressFamily, address: tuple[str, int]
) -> None:
    with socket.socket(family) as sock, pytest.raises(network.NetworkIsOff):
        sock.connect(address)


def test_no_name_is_looked_up() -> None:
    with pytest.raises(network.NetworkIsOff):
        socket.getaddrinfo("id.example", 443)


def test_loopback_is_reachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
