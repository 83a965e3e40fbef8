"""RFC 6890 — which addresses are everybody's, and what a name stands for right now.

Only global unicast is; what embeds an IPv4 address (mapped, NAT64, 6to4, Teredo) may lead anywhere
and is not. The table is ours, because `ipaddress.is_global` differs between Python versions.
"""

import ipaddress
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

Address = tuple[socket.AddressFamily, Any]
"""A family, and what `socket.connect` takes for it."""
LookUp = Callable[[str, int], list[Address]]

_MOST_AT_ONCE: Final = 16  # look-ups: one that the system does not end holds a thread
_NOT_PUBLIC_4: Final = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # behind a carrier's NAT
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, and where clouds keep their secrets
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
)
_GLOBAL_6: Final = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_6: Final = tuple(
    ipaddress.IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    )
)


class UnresolvedError(Exception):
    """The name stands for no address, or nobody said in time."""


def is_public(host: str) -> bool:
    """Tell whether this literal address is global unicast; False for what is no address."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    if address.scope_id is not None:
        return False
    return address in _GLOBAL_6 and not any(address in network for network in _NOT_PUBLIC_6)


def resolve(host: str, port: int, *, within: float) -> list[Address]:
    """Return every address of a host, in the system's order, within so many seconds.

    Raises:
        UnresolvedError: when there is none, or no answer in time.
    """
    if not _Held.threads.acquire(timeout=within):
        raise UnresolvedError
    found: list[Address] = []
    faults: list[Exception] = []
    thread = threading.Thread(target=_look_up, args=(host, port, found, faults), daemon=True)
    try:
        thread.start()
    except RuntimeError:  # the system has no more threads
        _Held.threads.release()
        raise UnresolvedError from None
    thread.join(within)  # the resolver of the system takes no deadline
    if faults and not isinstance(faults[0], OSError | UnicodeError):
        raise faults[0]
    if thread.is_alive() or not found:
        raise UnresolvedError
    return found


@contextmanager
def replaced(look_up: LookUp) -> Iterator[None]:
    """Ask another resolver inside a `with` block, process-wide; for tests."""
    before = _Held.look_up
    _Held.look_up = staticmethod(look_up)
    try:
        yield
    finally:
        _Held.look_up = before


def _look_up(host: str, port: int, found: list[Address], faults: list[Exception]) -> None:
    try:
        found.extend(_Held.look_up(host, port))
    except Exception as error:  # noqa: BLE001  whoever waits for this thread judges it
        faults.append(error)
    finally:
        _Held.threads.release()


def _system(host: str, port: int) -> list[Address]:
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [(family, address) for family, _, _, _, address in answers]


class _Held:
    """The one mutable place: who is asked, and how many may be asking."""

    look_up: LookUp = staticmethod(_system)
    threads = threading.Semaphore(_MOST_AT_ONCE)
