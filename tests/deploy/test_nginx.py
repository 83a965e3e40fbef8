"""RFC 9325 §3.1.1 — our sample for nginx, under a real nginx and in front of a real server.

Skipped where there is no nginx; what the file says is read in any case (test_files.py).
"""

import base64
import secrets
import shutil
import socket
import ssl
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import certificates
from tests.deploy import reading
from tests.first_run import running
from tests.first_run.running import Running

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
pytestmark = [
    pytest.mark.spec("RFC 9325 §3.1.1"),
    pytest.mark.skipif(NGINX is None, reason="nginx is not installed"),
]
PATIENCE = 20.0
MAIN = """\
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/authserver.conf;
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """An nginx in front of a server."""

    server: Running
    port: int
    clear: int

    def ask(self, head: str, body: str = "", *, clear: bool = False, **more: str) -> str:
        """Send a request and return the whole answer; `more` is for `connected`."""
        lines = [head, f"Host: localhost:{self.port}", "Connection: close"]
        if body:
            lines.append(f"Content-Length: {len(body)}")
            lines.append("Content-Type: application/x-www-form-urlencoded")
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in more.items()]
        wire = "\r\n".join([*lines, "", body]).encode()
        with self.connected(clear=clear) as connection:
            connection.sendall(wire)
            found = b""
            while piece := connection.recv(65536):
                found += piece
        return found.decode()

    @contextmanager
    def connected(
        self,
        *,
        clear: bool = False,
        name: str = "localhost",
        only: ssl.TLSVersion | None = None,
        sender: str = "127.0.0.1",
    ) -> Iterator[socket.socket]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if only:
            context.set_ciphers("DEFAULT:@SECLEVEL=0")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # that is the point
                context.minimum_version = context.maximum_version = only
        where = ("127.0.0.1", self.clear if clear else self.port)
        with socket.create_connection(where, timeout=PATIENCE, source_address=(sender, 0)) as plain:
            if clear:
                yield plain
                return
            with context.wrap_socket(plain, server_hostname=name) as secured:
                yield secured


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("nginx")
    inner, port, clear = (running.free_port() for _ in range(3))
    own = {
        "AUTHSERVER_MODE": "production",
        "AUTHSERVER_ISSUER": f"https://localhost:{port}",
        "AUTHSERVER_PORT": str(inner),
        "AUTHSERVER_THREADS": "2",
        "AUTHSERVER_TRUSTED_PROXIES": "127.0.0.1",
        "AUTHSERVER_ROOT_KEYS": base64.b64encode(secrets.token_bytes(32)).decode(),
    }
    _configure(folder, inner=inner, port=port, clear=clear)
    with ExitStack() as stack:
        more = stack.enter_context(running.database())
        env = running.variables(folder / "var", port, **own, **more)
        server = stack.enter_context(running.started(env))
        stack.enter_context(_running_nginx(folder, port))
        yield Front(server=server, port=port, clear=clear)


def _configure(folder: Path, *, inner: int, port: int, clear: int) -> None:
    key = certificates.ec_key()
    cert = certificates.pem(certificates.certificate(key))
    files = certificates.lay(folder, cert, certificates.key_pem(key))
    text = (reading.FOLDER / "nginx/authserver.conf").read_text(encoding="utf-8")
    changes = {
        "listen [::]": "# listen [::]",
        "listen 443": f"listen 127.0.0.1:{port}",
        "listen 80;": f"listen 127.0.0.1:{clear};",
        "server_name id.example.com": "server_name localhost",
        "127.0.0.1:8000": f"127.0.0.1:{inner}",
        "/etc/ssl/id.example.com/fullchain.pem": str(files[0]),
        "/etc/ssl/id.example.com/privkey.pem": str(files[1]),
    }
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    (folder / "authserver.conf").write_text(text, encoding="utf-8")
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder), encoding="utf-8")


@contextmanager
def _running_nginx(folder: Path, port: int) -> Iterator[None]:
    command = [str(NGINX), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    judged = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert judged.returncode == 0, judged.stderr
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            end = time.monotonic() + PATIENCE
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    assert process.poll() is None, process.communicate()[1]
                    assert time.monotonic() < end
                    time.sleep(0.02)
            yield
        finally:
            process.terminate()


def test_pages_come_whole(front: Front) -> None:
    head = front.ask("GET /account/login/ HTTP/1.1").partition("\r\n\r\n")[0]
    lines = [line.lower() for line in head.split("\r\n")]
    assert lines[0] == "http/1.1 200 ok"
    names = [line.partition(":")[0] for line in lines[1:] if not line.startswith("set-cookie")]
    assert len(set(names)) == len(names), "nothing is said twice"
    assert "strict-transport-security: max-age=31536000" in lines
    cookies = [line.partition(":")[2] for line in lines if line.startswith("set-cookie:")]
    assert cookies
    assert all(cookie.strip().startswith("__host-") for cookie in cookies)
    assert not any(char.isdigit() for line in lines if line.startswith("server:") for char in line)


def test_files_keep_for_as_long_as_the_server_says(front: Front) -> None:
    answer = front.ask("GET /static/accounts/icon.svg HTTP/1.1").lower()
    assert answer.startswith("http/1.1 200")
    assert "cache-control: max-age=3600, public" in answer


def test_in_the_clear_pages_lead_on_and_credentials_are_refused(front: Front) -> None:
    page = front.ask("GET /account/login/?next=%2F HTTP/1.1", clear=True)
    assert page.startswith("HTTP/1.1 302")
    assert f"https://localhost:{front.port}/account/login/?next=%2F\r\n" in page
    token = front.ask("POST /oauth2/token HTTP/1.1", "grant_type=x", clear=True)
    assert token.startswith("HTTP/1.1 400")
    assert "only served over HTTPS" in token
    api = front.ask("GET /api/v1/users HTTP/1.1", clear=True, Authorization="Bearer x")
    assert api.startswith("HTTP/1.1 403")
    for answer in (token, api):
        assert "\r\nlocation:" not in answer.lower()
    lied = front.ask("POST /oauth2/token HTTP/1.1", "x=y", clear=True, X_Forwarded_Proto="https")
    assert lied.startswith("HTTP/1.1 400")
    assert "only served over HTTPS" in lied


def test_long_addresses_go_through_and_long_bodies_do_not(front: Front) -> None:
    long = front.ask(f"GET /oauth2/authorize?client_id=x&request={'x' * 14_000} HTTP/1.1")
    assert long.startswith("HTTP/1.1 400")
    assert "X-Request-Id".lower() in long.lower(), "the server has seen it"
    answer = front.ask("POST /oauth2/token HTTP/1.1", "x" * 70_000)
    assert answer.startswith("HTTP/1.1 413")


@pytest.mark.parametrize("path", ["/setup/a%2Fb", "/setup/%41%42", "/setup//x", "/./setup/../x"])
def test_paths_are_not_touched(front: Front, path: str) -> None:
    with socket.create_connection(("127.0.0.1", _inner(front)), timeout=PATIENCE) as direct:
        direct.sendall(
            f"GET {path} HTTP/1.1\r\nHost: localhost:{front.port}\r\nX-Forwarded-Proto: https\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        wanted = direct.recv(12)
    assert front.ask(f"GET {path} HTTP/1.1")[:12].encode() == wanted


def _inner(front: Front) -> int:
    text = next(line for line in _environ(front) if line.startswith("AUTHSERVER_PORT="))
    return int(text.partition("=")[2])


def _environ(front: Front) -> list[str]:
    path = Path(f"/proc/{front.server.process.pid}/environ")
    return path.read_text(encoding="utf-8").split("\0")


def test_the_address_is_the_clients_own(front: Front) -> None:
    with front.connected(sender="127.0.0.2") as connection:
        connection.sendall(
            (
                f"GET /account/signup/ HTTP/1.1\r\nHost: localhost:{front.port}\r\n"
                "X-Forwarded-For: 192.0.2.1\r\nX-Real-IP: 192.0.2.2\r\n"
                "Connection: close\r\n\r\n"
            ).encode()
        )
        while connection.recv(65536):
            pass
    end = time.monotonic() + PATIENCE
    while not (found := [line for line in front.server.log if "/account/signup/" in line]):
        assert time.monotonic() < end
        time.sleep(0.02)
    assert "127.0.0.2" in found[-1]
    assert "192.0.2" not in found[-1]


def test_only_neighbours_see_what_is_missing(front: Front) -> None:
    assert front.ask("GET /readyz HTTP/1.1").startswith("HTTP/1.1 200")
    assert front.ask("GET /livez HTTP/1.1").startswith("HTTP/1.1 200")
    with front.connected(sender="127.0.0.2") as connection:
        connection.sendall(f"GET /readyz HTTP/1.1\r\nHost: localhost:{front.port}\r\n\r\n".encode())
        assert connection.recv(12) == b"HTTP/1.1 403"


def test_slow_senders_hold_no_thread(front: Front) -> None:
    """The server has two; ten bodies are on their way, and somebody else is served at once."""
    with ExitStack() as stack:
        for _ in range(10):
            slow = stack.enter_context(front.connected())
            slow.sendall(
                (
                    f"POST /oauth2/token HTTP/1.1\r\nHost: localhost:{front.port}\r\n"
                    "Content-Type: application/x-www-form-urlencoded\r\n"
                    "Content-Length: 99\r\n\r\nx"
                ).encode()
            )
        time.sleep(0.5)
        assert front.ask("GET /livez HTTP/1.1").startswith("HTTP/1.1 200")
        assert front.ask("GET /account/login/ HTTP/1.1").startswith("HTTP/1.1 200")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_what_is_spoken(front: Front, version: ssl.TLSVersion) -> None:
    with front.connected(only=version) as connection:
        assert isinstance(connection, ssl.SSLSocket)
        assert connection.version() == version.name.replace("_", ".")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_what_is_not_spoken(front: Front, version: ssl.TLSVersion) -> None:
    with pytest.raises(OSError, match=r"(?i)ssl|reset|eof"), front.connected(only=version):
        pass


def test_another_name_gets_no_handshake(front: Front) -> None:
    with pytest.raises(OSError, match=r"(?i)ssl|reset|eof"), front.connected(name="other.example"):
        pass
