"""Certificates and keys as an operator lays them down: two files in PEM, self-signed."""

import datetime as dt
import os
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import PrivateFormat

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | dsa.DSAPrivateKey
DAY = dt.timedelta(days=1)
NAMES = ("localhost",)


def ec_key() -> ec.EllipticCurvePrivateKey:
    """Make the kind of key that most authorities certify."""
    return ec.generate_private_key(ec.SECP256R1())


def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    """Make an RSA key."""
    return rsa.generate_private_key(65537, bits)


def certificate(
    key: Key, *names: str, days: float = 90, began: dt.timedelta = -DAY
) -> x509.Certificate:
    """Make a self-signed certificate; it began a day ago and is good for so many days from now."""
    now = dt.datetime.now(dt.UTC)
    subject = x509.Name([])
    named = x509.SubjectAlternativeName([x509.DNSName(each) for each in names or NAMES])
    draft = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + began)
        .not_valid_after(now + days * DAY)
        .add_extension(named, critical=True)
    )
    is_plain = isinstance(key, ed25519.Ed25519PrivateKey)
    return draft.sign(key, None if is_plain else hashes.SHA256())


def pem(*found: x509.Certificate) -> bytes:
    """Return a chain."""
    return b"".join(each.public_bytes(serialization.Encoding.PEM) for each in found)


def key_pem(key: Key, form: Literal["pkcs8", "old"] = "pkcs8", password: bytes = b"") -> bytes:
    """Return a key."""
    kind = PrivateFormat.PKCS8 if form == "pkcs8" else PrivateFormat.TraditionalOpenSSL
    locked = serialization.BestAvailableEncryption(password) if password else None
    return key.private_bytes(
        serialization.Encoding.PEM, kind, locked or serialization.NoEncryption()
    )


def lay(folder: Path, cert: bytes, key: bytes) -> tuple[Path, Path]:
    """Write both files at once, each whole or not at all, and return their paths."""
    paths = folder / "server.crt", folder / "server.key"
    for path, text in zip(paths, (cert, key), strict=True):
        fresh = path.with_suffix(".new")
        fresh.write_bytes(text)
        fresh.chmod(0o600)
        os.replace(fresh, path)  # noqa: PTH105  as renewals do it
    return paths
