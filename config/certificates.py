"""RFC 5280 §4.1 — the certificate and key that the server itself speaks TLS with.

Looked at before they are used, at the start and at every renewal: what is wrong is told in words,
and a server that runs goes on with what it has.
"""

import datetime as dt
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

LEAST_RSA_BITS = 2048
EARLIEST_WARNING = dt.timedelta(days=21)
_ENCRYPTED = (b"BEGIN ENCRYPTED PRIVATE KEY", b"Proc-Type: 4,ENCRYPTED")


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What there is to know about a server's certificate."""

    names: tuple[str, ...]
    begins: dt.datetime
    expires: dt.datetime

    def warning(self, host: str, now: dt.datetime) -> str | None:
        """Return what somebody should do something about, or None."""
        left = self.expires - now
        if left <= dt.timedelta(0):
            return f"The certificate expired on {self.expires:%Y-%m-%d %H:%M} UTC."
        if now < self.begins:
            return f"The certificate is good only from {self.begins:%Y-%m-%d %H:%M} UTC on."
        # Those who renew do it with a third of its life left; who has a quarter left does not.
        if left < min((self.expires - self.begins) / 4, EARLIEST_WARNING):
            return f"The certificate expires on {self.expires:%Y-%m-%d %H:%M} UTC: renew it."
        if not any(_covers(name, host) for name in self.names):
            return f"The certificate is for {', '.join(self.names) or 'no name'}, not for {host}."
        return None


class UnusableError(Exception):
    """The files cannot serve; `field` is the setting that is wrong, the text says what to do."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def read(cert_file: Path, key_file: Path) -> Certificate:
    """Return the certificate, if it and its key can serve.

    Raises:
        UnusableError: with the way out.
    """
    chain = _chain(cert_file)
    mine = _key(key_file).public_key()
    if not _same(mine, chain[0]):
        if any(_same(mine, other) for other in chain[1:]):
            sentence = "begins with another certificate than its own; the authorities follow it."
            raise UnusableError("tls_cert_file", sentence)
        raise UnusableError("tls_key_file", f"does not belong to the certificate in {cert_file}.")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert_file, key_file)
    except (OSError, ValueError) as fault:
        sentence = f"cannot be served: {getattr(fault, 'reason', None) or fault}."
        raise UnusableError("tls_cert_file", sentence) from fault
    return _described(chain[0])


def parse(der: bytes) -> Certificate:
    """Return a certificate as a handshake shows it."""
    return _described(x509.load_der_x509_certificate(der))


def _described(found: x509.Certificate) -> Certificate:
    return Certificate(
        names=_names(found),
        begins=found.not_valid_before_utc,
        expires=found.not_valid_after_utc,
    )


def stamp(*files: Path) -> tuple[tuple[int, int, int] | None, ...]:
    """Return what changes when one of the files is written, replaced or linked elsewhere."""
    return tuple(_stamp(file) for file in files)


def _stamp(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _chain(file: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(file.read_bytes())
    except OSError as fault:
        raise UnusableError("tls_cert_file", f"cannot be read: {fault.strerror}.") from fault
    except ValueError as fault:
        raise UnusableError("tls_cert_file", "holds no certificate in PEM.") from fault


Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def _key(file: Path) -> Key:
    try:
        text = file.read_bytes()
    except OSError as fault:
        raise UnusableError("tls_key_file", f"cannot be read: {fault.strerror}.") from fault
    if any(mark in text for mark in _ENCRYPTED):
        sentence = f"is encrypted. Write it in the clear:\n  openssl pkey -in {file} -out new.key"
        raise UnusableError("tls_key_file", sentence)
    try:
        key = serialization.load_pem_private_key(text, password=None)
    except (ValueError, TypeError) as fault:
        raise UnusableError("tls_key_file", "holds no private key in PEM.") from fault
    if not isinstance(key, Key):
        raise UnusableError("tls_key_file", "is of a kind that TLS does not use.")
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size < LEAST_RSA_BITS:
        sentence = f"is an RSA key of {key.key_size} bits; at least {LEAST_RSA_BITS} are needed."
        raise UnusableError("tls_key_file", sentence)
    return key


def _same(mine: object, certificate: x509.Certificate) -> bool:
    return mine == certificate.public_key()


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    addresses = [str(address) for address in found.get_values_for_type(x509.IPAddress)]
    return (*found.get_values_for_type(x509.DNSName), *addresses)


def _covers(name: str, host: str) -> bool:
    """Tell whether a certificate's name is the host's (RFC 9525 §6.3): a `*` is one label."""
    if name.startswith("*."):
        return name[1:].lower() == f".{host.partition('.')[2]}".lower()
    return name.lower() == host.lower()
