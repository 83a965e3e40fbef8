"""One HTTP/1.1 exchange with one address: it ends at its deadline and at its size, come what may.

The standard library speaks HTTP and TLS; it is handed a connection whose every read knows how much
time and how many bytes are left, so neither slow headers nor endless bodies hold us up.
"""

import functools
import http.client
import io
import socket
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from config.addresses import Address

_HEAD: Final = 32_768  # bytes that status line, headers and chunk sizes may take


class TooLargeError(Exception):
    """More bytes came than may be read."""


class Deadline:
    """A point in time that a whole piece of work ends at."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left; TimeoutError when there are none."""
        seconds = self._ends - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked, of whom: `host` is the name that TLS must prove."""

    method: str
    host: str
    port: int
    is_tls: bool
    target: str
    headers: Mapping[str, str]
    body: bytes | None = None


class _Wire(io.RawIOBase):
    """A connection as http.client sees it."""

    def __init__(self, connected: socket.socket, deadline: Deadline, at_most: int) -> None:
        super().__init__()
        self._socket, self._deadline, self._left = connected, deadline, at_most

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what is there, as long as there is time and room."""
        self._socket.settimeout(self._deadline.left())
        count = self._socket.recv_into(buffer)
        self._left -= count
        if self._left < 0:
            raise TooLargeError
        return count

    def sendall(self, data: bytes) -> None:
        """Send everything in the time that is left."""
        self._socket.settimeout(self._deadline.left())
        self._socket.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return what http.client reads from."""
        return io.BufferedReader(self)

    def close(self) -> None:
        """Do nothing: whoever opened the socket closes it."""


@contextmanager
def answered(
    asked: Asked,
    places: Sequence[Address],
    *,
    ca_file: Path | None,
    deadline: Deadline,
    max_bytes: int,
) -> Iterator[http.client.HTTPResponse]:
    """Connect to one of exactly these addresses, ask, and lend the answer, its head read.

    Raises:
        OSError, http.client.HTTPException, TooLargeError: no answer that could be read.
    """
    with (
        _connected(places, deadline) as plain,
        _secured(plain, asked, ca_file, deadline) as through,
    ):
        connection: http.client.HTTPConnection
        if asked.is_tls:
            context = _context(ca_file)
            connection = http.client.HTTPSConnection(asked.host, asked.port, context=context)
        else:
            connection = http.client.HTTPConnection(asked.host, asked.port)
        connection.sock = _Wire(through, deadline, max_bytes + _HEAD)
        connection.request(asked.method, asked.target, asked.body, dict(asked.headers))
        yield connection.getresponse()


def _connected(places: Sequence[Address], deadline: Deadline) -> socket.socket:
    """Try one address after the other, each for its share of the time."""
    for index, (family, place) in enumerate(places):
        is_last = index == len(places) - 1
        made = socket.socket(family, socket.SOCK_STREAM)
        try:
            made.settimeout(deadline.left() / (1 if is_last else 2))
            made.connect(place)
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a body follows its head
            return made
        except OSError:
            made.close()
            if is_last:
                raise
        except BaseException:
            made.close()
            raise
    raise ConnectionError


def _secured(
    plain: socket.socket, asked: Asked, ca_file: Path | None, deadline: Deadline
) -> socket.socket:
    if not asked.is_tls:
        return plain
    plain.settimeout(deadline.left())  # of the whole handshake
    return _context(ca_file).wrap_socket(plain, server_hostname=asked.host)


@functools.lru_cache(maxsize=8)
def _context(ca_file: Path | None) -> ssl.SSLContext:
    """Trust what the system trusts, and the operator's own authorities; read once per process."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context
