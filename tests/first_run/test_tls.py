"""RFC 5280 §4.1 — a server that speaks TLS itself: how, with which cookies, and after a renewal."""

import base64
import secrets
import signal
import socket
import ssl
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509

from tests import certificates
from tests.first_run import running
from tests.first_run.running import Running

pytestmark = pytest.mark.spec("RFC 5280 §4.1")
PATIENCE = 40.0
ASK = "GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Secured:
    """A server behind its own certificate."""

    server: Running
    folder: Path

    def shake(self, *, only: ssl.TLSVersion | None = None, ciphers: str = "") -> tuple[str, int]:
        """Return the protocol and the serial number of the certificate that a handshake shows."""
        with self.connected(only=only, ciphers=ciphers) as connection:
            shown = x509.load_der_x509_certificate(connection.getpeercert(binary_form=True) or b"")
            return connection.version() or "", shown.serial_number

    @contextmanager
    def connected(
        self, *, only: ssl.TLSVersion | None = None, ciphers: str = ""
    ) -> Iterator[ssl.SSLSocket]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if only:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # that is the point
                context.minimum_version = context.maximum_version = only
        if ciphers:
            context.set_ciphers(ciphers)
        with self.plain() as plain, context.wrap_socket(plain) as secured:
            yield secured

    def plain(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    @property
    def port(self) -> int:
        return urlsplit(self.server.issuer).port or 443

    def get(self, path: str) -> list[str]:
        """Return the head of an answer, line by line."""
        with self.connected() as connection:
            connection.sendall(ASK.format(path, f"localhost:{self.port}").encode())
            return _everything(connection).partition("\r\n\r\n")[0].split("\r\n")

    def renew(self) -> int:
        """Lay down a new certificate with a new key; return its serial number."""
        key = certificates.ec_key()
        made = certificates.certificate(key)
        certificates.lay(self.folder, certificates.pem(made), certificates.key_pem(key))
        return made.serial_number


def _everything(connection: ssl.SSLSocket) -> str:
    found = b""
    while piece := connection.recv(65536):
        found += piece
    return found.decode()


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    folder = tmp_path_factory.mktemp("tls")
    key = certificates.rsa_key()
    files = certificates.lay(
        folder, certificates.pem(certificates.certificate(key)), certificates.key_pem(key)
    )
    port = running.free_port()
    own = {
        "AUTHSERVER_MODE": "production",
        "AUTHSERVER_ISSUER": f"https://localhost:{port}",
        "AUTHSERVER_ROOT_KEYS": base64.b64encode(secrets.token_bytes(32)).decode(),
        "AUTHSERVER_TLS_CERT_FILE": str(files[0]),
        "AUTHSERVER_TLS_KEY_FILE": str(files[1]),
    }
    with running.database() as more:
        env = running.variables(folder / "var", port, **own, **more)
        with running.started(env) as server:
            yield Secured(server=server, folder=folder)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_what_is_spoken(secured: Secured, version: ssl.TLSVersion) -> None:
    assert secured.shake(only=version)[0] == version.name.replace("_", ".")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_what_is_not_spoken(secured: Secured, version: ssl.TLSVersion) -> None:
    with pytest.raises(OSError, match=r"(?i)ssl|reset|eof"):
        secured.shake(only=version, ciphers="DEFAULT:@SECLEVEL=0")


@pytest.mark.parametrize("ciphers", ["AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA256", "AES256-SHA"])
def test_no_suite_without_forward_secrecy_and_authentication(
    secured: Secured, ciphers: str
) -> None:
    with pytest.raises(OSError, match=r"(?i)ssl|reset|eof"):
        secured.shake(only=ssl.TLSVersion.TLSv1_2, ciphers=f"{ciphers}:@SECLEVEL=0")


@pytest.mark.parametrize("path", ["/account/login/", "/oauth2/token"])
def test_nothing_is_said_in_the_clear(secured: Secured, path: str) -> None:
    with secured.plain() as connection:
        connection.sendall(ASK.format(path, f"localhost:{secured.port}").encode())
        try:
            told = connection.recv(65536)
        except ConnectionError:
            told = b""
    assert b"HTTP" not in told


@pytest.mark.spec("RFC 6797 §6.1")
def test_every_cookie_belongs_to_this_host_alone(secured: Secured) -> None:
    head = secured.get("/account/login/")
    assert head[0] == "HTTP/1.1 200 OK"
    cookies = [
        line.partition(":")[2].strip() for line in head if line.lower().startswith("set-cookie:")
    ]
    assert cookies
    for cookie in cookies:
        words = [word.strip().lower() for word in cookie.split(";")]
        assert cookie.startswith("__Host-"), cookie
        assert {"secure", "path=/"} <= set(words), cookie
        assert not any(word.startswith("domain") for word in words), cookie
    assert "strict-transport-security: max-age=31536000" in [line.lower() for line in head]


@pytest.mark.parametrize("path", ["/", "/livez", "/oauth2/jwks", "/nowhere", "/static/x"])
def test_the_software_does_not_tell_its_version(secured: Secured, path: str) -> None:
    told = {line.partition(":")[0].lower(): line for line in secured.get(path)[1:]}
    assert "x-powered-by" not in told
    assert "via" not in told
    assert not any(each.isdigit() for each in told.get("server", ""))


@pytest.mark.spec("RFC 5280 §4.1.2.5")
def test_a_renewed_certificate_is_served_and_nobody_is_cut_off(secured: Secured) -> None:
    before = secured.shake()[1]
    cert, key = (secured.folder / f"server.{end}" for end in ("crt", "key"))
    whole = key.read_bytes()
    key.write_bytes(whole[:100])
    secured.server.process.send_signal(signal.SIGHUP)
    time.sleep(1)
    assert secured.server.process.poll() is None, "half a renewal stops nothing"
    assert secured.shake()[1] == before
    body = "token=x&client_id=nobody"
    head = (
        f"POST /oauth2/revoke HTTP/1.1\r\nHost: localhost:{secured.port}\r\nConnection: close\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body[:5]}"
    )
    with secured.connected() as slow:
        slow.sendall(head.encode())
        after = secured.renew()
        secured.server.process.send_signal(signal.SIGHUP)
        _wait_until_only(secured, after)
        slow.sendall(body[5:].encode())
        answer = _everything(slow)
    assert answer.startswith("HTTP/1.1 401"), answer[:80]
    assert before != after
    assert cert.exists()
    assert secured.get("/livez")[0] == "HTTP/1.1 200 OK"


def _wait_until_only(secured: Secured, serial: int) -> None:
    """Wait until a row of handshakes shows this certificate; none may fail meanwhile."""
    end = time.monotonic() + PATIENCE
    row = 0
    while row < 20:
        assert time.monotonic() < end, "the new certificate does not appear"
        row = row + 1 if secured.shake()[1] == serial else 0
        time.sleep(0.02)
