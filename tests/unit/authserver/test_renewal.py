"""authserver.renewal: when the workers are replaced, and when rather not."""

import signal
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from granian.constants import Interfaces

from authserver import renewal
from config import environment
from tests import certificates


class DoneError(Exception):
    """The script of a test is over."""


class Scripted(threading.Event):
    """Somebody who asks, or does not, as the test has it; then the look-out ends."""

    def __init__(self, steps: list[Callable[[], bool]]) -> None:
        super().__init__()
        self.steps = steps

    def wait(self, timeout: float | None = None) -> bool:
        """Take the next step; it tells whether somebody asked."""
        del timeout
        if not self.steps:
            raise DoneError
        return self.steps.pop(0)()


class Watched(renewal.Server):
    """A server that only counts."""

    respawned = 0

    def respawn(self) -> None:
        self.respawned += 1


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewal, "QUIET_FOR", 0.0)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, Path]]:
    cert, key = renewed(tmp_path)
    monkeypatch.setenv("AUTHSERVER_TLS_CERT_FILE", str(cert))
    monkeypatch.setenv("AUTHSERVER_TLS_KEY_FILE", str(key))
    with environment.replaced(tls_cert_file=cert, tls_key_file=key):
        yield cert, key


def renewed(folder: Path) -> tuple[Path, Path]:
    key = certificates.ec_key()
    cert = certificates.pem(certificates.certificate(key))
    return certificates.lay(folder, cert, certificates.key_pem(key))


def watched(*steps: Callable[[], bool]) -> Watched:
    server = Watched("nowhere:nothing", interface=Interfaces.WSGI)
    server.asked = Scripted(list(steps))
    with pytest.raises(DoneError):
        renewal.watch(server)
    return server


def nothing() -> bool:
    return False


def hup() -> bool:
    return True


@pytest.mark.usefixtures("files")
def test_nothing_happens_while_nothing_changes() -> None:
    assert watched(nothing, nothing).respawned == 0


def test_a_renewal_is_noticed_once(files: tuple[Path, Path]) -> None:
    assert watched(lambda: bool(renewed(files[0].parent)) and False, nothing).respawned == 1


@pytest.mark.usefixtures("files")
def test_who_asks_is_heard() -> None:
    assert watched(hup, nothing, hup).respawned == 2


def test_who_asks_is_heard_without_tls_too() -> None:
    assert watched(hup).respawned == 1


def test_half_a_renewal_waits_for_the_other_half(
    files: tuple[Path, Path], caplog: pytest.LogCaptureFixture
) -> None:
    cert, key = files
    mine, fresh = certificates.ec_key(), certificates.pem
    made = certificates.certificate(mine)

    def one() -> bool:
        cert.write_bytes(fresh(made))
        return False

    def other() -> bool:
        key.write_bytes(certificates.key_pem(mine))
        return False

    assert watched(one, nothing, other, nothing).respawned == 1
    refused = [each for each in caplog.records if each.message == "reload_refused"]
    assert len(refused) == 1, "and it is said once"


def test_what_is_being_written_is_left_alone(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("authserver.renewal.time.sleep", lambda _: files[1].write_bytes(b"half"))

    def begins() -> bool:
        files[0].write_bytes(b"half")
        return False

    assert watched(begins).respawned == 0


@pytest.mark.usefixtures("files")
def test_a_broken_configuration_is_not_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = tmp_path / "policy.toml"
    wrong.write_text("[lifetimes]\ncode = 'for ever'\n")
    monkeypatch.setenv("AUTHSERVER_POLICY_FILE", str(wrong))
    assert watched(hup).respawned == 0
    assert "reload_refused" in caplog.text


def test_links_are_followed_anew(files: tuple[Path, Path], tmp_path: Path) -> None:
    """Certbot writes new files and moves the links in live/."""
    other = tmp_path / "archive"
    other.mkdir()
    server = Watched(
        "nowhere:nothing",
        interface=Interfaces.WSGI,
        ssl_cert=files[0],
        ssl_key=files[1],
        ssl_protocol_min=renewal.OLDEST_TLS,
    )
    for old, new in zip(files, renewed(other), strict=True):
        old.unlink()
        old.symlink_to(new)
    server._load()
    assert [str(path) for path in server.ssl_ctx[1:3]] == [
        str(other / "server.crt"),
        str(other / "server.key"),
    ]
    (other / "server.key").write_bytes(b"gone")
    server._load()  # and what broke in the meantime breaks nothing
    with pytest.raises(ssl.SSLError):
        server.build_ssl_context(*files, None, renewal.OLDEST_TLS, None, [], client_verify=False)


def test_the_signal_only_asks() -> None:
    server = renewal.Server("nowhere:nothing", interface=Interfaces.WSGI)
    server.signal_handler_reload(signal.SIGHUP, None)
    assert (server.asked.is_set(), server.reload_signal) == (True, False)
    server.respawn()
    assert server.reload_signal


def test_no_thread_of_a_worker_ends_for_being_idle() -> None:
    server = renewal.Server("authserver", interface=Interfaces.WSGI)
    for hook in server.hooks_startup:
        hook()
    assert server.blocking_threads_idle_timeout == renewal.FOR_GOOD
