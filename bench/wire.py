"""RFC 9112 — the load driver: one thread, one poll loop, keep-alive connections over loopback.

A connection plays a script: a generator that yields requests and is sent the answers. Nothing is
parsed but status line and length, so that the driver costs little beside what it measures;
`bench` measures it against an application that does nothing, and says so.
"""

import re
import selectors
import socket
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlencode

HOST = "127.0.0.1"
PATIENCE = 60.0  # seconds for an answer
_LENGTH = re.compile(rb"content-length: *([0-9]+)", re.IGNORECASE)
_CHUNK = 65536


class Answer(NamedTuple):
    """What came back; `head` is the status line and the headers as they came."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str:
        """Return a header, '' when absent."""
        found = re.search(rb"(?im)^" + name.encode() + rb": *([^\r]*)", self.head)
        return found[1].decode() if found else ""


Script = Generator[bytes, Answer, None]


@dataclass(slots=True, kw_only=True)
class Load:
    """What one run gave; times in seconds."""

    seconds: float = 0.0
    driver_cpu: float = 0.0
    latencies: list[float] = field(default_factory=list)
    failures: list[Answer] = field(default_factory=list)

    @property
    def good(self) -> int:
        """How many requests were answered as they should be."""
        return len(self.latencies) - len(self.failures)

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return self.good / self.seconds if self.seconds else 0.0


def request(
    method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> bytes:
    """Return a request as it goes over the wire."""
    whole = {"Host": HOST, **(headers or {})}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in whole.items())]
    if method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def form(path: str, parameters: Mapping[str, str], headers: Mapping[str, str]) -> bytes:
    """Return a POST of a form."""
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return request("POST", path, {**kind, **headers}, urlencode(parameters).encode())


def ask(port: int, wire: bytes) -> Answer:
    """Send one request on a connection of its own."""
    answers: list[Answer] = []

    def once() -> Script:
        answers.append((yield wire))

    run(port, [once()], seconds=PATIENCE)
    return answers[0]


def run(port: int, scripts: Sequence[Script], *, seconds: float, count: int = 10**9) -> Load:
    """Play each script on a connection until the time, the count or the scripts are over.

    What has been sent is always waited for, so a script never loses its place.
    """
    load = Load()
    lines = [_Line(port, script) for script in scripts]
    with selectors.DefaultSelector() as selector:
        cpu, start = time.process_time(), time.perf_counter()
        end = start + seconds
        sent = sum(line.begin(selector) for line in lines)
        while selector.get_map():
            ready = selector.select(PATIENCE)
            if not ready:
                raise TimeoutError(f"no answer within {PATIENCE:.0f} seconds")
            for key, _ in ready:
                line: _Line = key.data
                answer = line.receive()
                if answer is None:
                    continue
                now = time.perf_counter()
                load.latencies.append(now - line.sent_at)
                if answer.status >= 400:
                    load.failures.append(answer)
                is_over = now >= end or sent >= count
                sent += line.go_on(selector, answer, is_over=is_over)
        load.seconds = time.perf_counter() - start
        load.driver_cpu = time.process_time() - cpu
    return load


class _Line:
    """One connection and its script."""

    def __init__(self, port: int, script: Script) -> None:
        self.sent_at = 0.0
        self._script = script
        self._held = b""
        self._socket = socket.create_connection((HOST, port), timeout=PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def begin(self, selector: selectors.BaseSelector) -> int:
        """Send the first request; return how many were sent."""
        wire = next(self._script, None)
        if wire is None:
            self._socket.close()
            return 0
        selector.register(self._socket, selectors.EVENT_READ, self)
        self._send(wire)
        return 1

    def receive(self) -> Answer | None:
        """Take what has arrived; return the answer once it is complete."""
        arrived = self._socket.recv(_CHUNK)
        if not arrived:
            raise ConnectionError("the server hung up in the middle of an answer")
        self._held += arrived
        head, gap, body = self._held.partition(b"\r\n\r\n")
        if not gap:
            return None
        length = _LENGTH.search(head)
        if length is None:
            raise ValueError(f"an answer without a length: {head!r}")
        if len(body) < int(length[1]):
            return None
        self._held = b""
        return Answer(int(head[9:12]), head, body)

    def go_on(self, selector: selectors.BaseSelector, answer: Answer, *, is_over: bool) -> int:
        """Give the script its answer; send what it wants next, unless this run is over."""
        try:
            wire = self._script.send(answer)
        except StopIteration:
            is_over, wire = True, b""
        if is_over:
            selector.unregister(self._socket)
            self._socket.close()
            return 0
        self._send(wire)
        return 1

    def _send(self, wire: bytes) -> None:
        self.sent_at = time.perf_counter()
        self._socket.sendall(wire)
