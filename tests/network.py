"""No test leaves this machine: sockets beyond loopback and Unix paths are refused.

An audit hook sees every socket of this process, whichever library opened it, and nothing has to
be patched. libpq connects in C and passes by; its address is ours anyway.
"""

import ipaddress
import sys
from typing import Any

WATCHED = frozenset({"socket.connect", "socket.sendto", "socket.getaddrinfo"})


class NetworkIsOff(RuntimeError):
    """A test tried to reach something beyond loopback."""


def forbid() -> None:
    """Refuse such sockets from now on, for the life of the process."""
    sys.addaudithook(_watch)


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in WATCHED:
        return
    if event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        address = arguments[1]
        if not isinstance(address, tuple):  # the path of a Unix socket
            return
        host = address[0]
    if not _is_local(host):
        raise NetworkIsOff(f"{event} to {host!r}: a test may talk to loopback only.")


def _is_local(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host is None or host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:
        return False
