"""RFC 5280 §4.1.2.5 — certificates are renewed while the server runs, and so is its policy.

On SIGHUP, and when the TLS files have changed, new workers take over and the old ones finish what
they are answering. What cannot serve is refused with a line in the log: the server goes on as it
was.
"""

import logging
import os
import ssl
import threading
import time
from pathlib import Path
from typing import Any, Final

from granian.constants import SSLProtocols
from granian.server import MPServer

from config import certificates, environment, logs
from config.faults import MisconfiguredError

OLDEST_TLS: Final = SSLProtocols.tls12
LOOK_EVERY: Final = 5.0  # seconds
QUIET_FOR: Final = 1.0  # seconds; certificate and key are two files, written one after the other
COMING_UP: Final = 8.0  # seconds a new worker has before the old one stops listening
FOR_GOOD: Final = 10 * 365 * 24 * 60 * 60  # seconds
_log: Final = logging.getLogger("authserver.serving")


class Server(MPServer):
    """Granian's, which respawns its workers only when what they would find can serve."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.asked = threading.Event()
        self.on_reload(self._load)
        self.on_startup(self.keep_threads)

    def keep_threads(self) -> None:
        """Let no thread of a worker end for being idle; Granian itself takes 600 seconds at most.

        With the thread goes its database connection, and CPython before 3.12.4 may crash over that
        (python/cpython#119585): the whole worker was gone half a minute after the last request.
        """
        self.blocking_threads_idle_timeout = FOR_GOOD

    def signal_handler_reload(self, *_arguments: Any, **_named: Any) -> None:
        """Note that somebody asks; `watch` looks first."""
        self.asked.set()

    def respawn(self) -> None:
        """Replace the workers, one after the other."""
        self.reload_signal = True
        self.main_loop_interrupt.set()

    def _load(self) -> None:
        """Follow links anew: renewals often write other files and move a link."""
        here = environment.current()
        try:
            self.build_ssl_context(
                here.tls_cert_file, here.tls_key_file, None, OLDEST_TLS, None, [], False
            )
        except (OSError, ssl.SSLError):  # changed again since it was looked at
            _log.exception("reload_refused")


def watch(server: Server) -> None:
    """Look after the files and the signal for as long as the process lives."""
    files = _files()
    seen = certificates.stamp(*files)
    while True:
        is_asked = server.asked.wait(LOOK_EVERY)
        server.asked.clear()
        found = certificates.stamp(*files)
        if not is_asked and found == seen:
            continue
        if not is_asked and not _is_quiet(files, found):
            continue
        seen = found
        if wrong := _fault():
            _log.error("reload_refused", extra={logs.FIELDS: {"reason": wrong}})
            continue
        _log.info("reloading", extra={logs.FIELDS: _told()})
        server.respawn()


def _files() -> tuple[Path, ...]:
    here = environment.current()
    return tuple(file for file in (here.tls_cert_file, here.tls_key_file) if file)


def _is_quiet(files: tuple[Path, ...], found: object) -> bool:
    time.sleep(QUIET_FOR)
    return certificates.stamp(*files) == found


def _fault() -> str:
    """Return why workers could not start now, as they would be told."""
    try:
        environment.load(os.environ)
    except MisconfiguredError as fault:
        return "; ".join(f"{each.key} {each.problem}" for each in fault.faults)
    return ""


def _told() -> dict[str, str]:
    files = _files()
    if len(files) != 2:
        return {}
    try:
        return {"certificate_expires": certificates.read(*files).expires.isoformat()}
    except certificates.UnusableError:
        return {}
