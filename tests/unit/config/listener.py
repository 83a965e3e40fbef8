"""Somebody else's server on loopback, as well or as badly behaved as a test wants it."""

import contextlib
import datetime as dt
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
Talk = Callable[[socket.socket], None]


@dataclass(slots=True)
class Listener:
    """What a test sees of it: its port, and every request that came."""

    port: int
    asked: list[bytes] = field(default_factory=list)
    connections: int = 0


def answer(data: bytes) -> Talk:
    """Send this and hang up."""
    return lambda peer: peer.sendall(data)


def dribble(head: bytes, piece: bytes, pause: float) -> Talk:
    """Send a piece again and again, for ever."""

    def talk(peer: socket.socket) -> None:
        peer.sendall(head)
        while True:
            peer.sendall(piece)
            time.sleep(pause)

    return talk


def silent(peer: socket.socket) -> None:
    """Say nothing until the other side hangs up."""
    peer.recv(1)


@contextmanager
def listening(talk: Talk, *, context: ssl.SSLContext | None = None) -> Iterator[Listener]:
    """Listen until the block ends; a thread for every connection."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        here = Listener(port=door.getsockname()[1])

        def serve(peer: socket.socket) -> None:
            # Whoever is asked badly, or hung up on, is no fault of the test.
            with contextlib.suppress(OSError), peer:
                through = context.wrap_socket(peer, server_side=True) if context else peer
                with through:
                    here.asked.append(_request(through))
                    talk(through)

        def run() -> None:
            with contextlib.suppress(OSError):
                while True:
                    peer, _ = door.accept()
                    here.connections += 1
                    threading.Thread(target=serve, args=(peer,), daemon=True).start()

        threading.Thread(target=run, daemon=True).start()
        try:
            yield here
        finally:
            door.shutdown(socket.SHUT_RDWR)


def _request(peer: socket.socket) -> bytes:
    """Read one request whole."""
    data = b""
    while more := peer.recv(65536):
        data += more
        head, end, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if end and len(body) >= int(length[1] if length else 0):
            break
    return data


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """A server's TLS, and the file of the authority that vouches for it."""

    context: ssl.SSLContext
    authority: Path


def certified(folder: Path, *names: str) -> Certified:
    """Make an authority, and a certificate of its for these names or addresses."""
    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority")])
    ca = (
        _draft(ca_name, ca_name, ca_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A server")])
    leaf = (
        _draft(subject, ca_name, key.public_key())
        .add_extension(x509.SubjectAlternativeName([_name(each) for each in names]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False
        )
        .sign(ca_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    authority, chain = folder / "authority.pem", folder / "server.pem"
    authority.write_bytes(ca.public_bytes(pem))
    chain.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + leaf.public_bytes(pem)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return Certified(context=context, authority=authority)


def _draft(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)
