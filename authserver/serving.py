"""From nothing to an open port: check, migrate, make keys and demo data, then serve with granian.

Everything is ready before the port opens, so nobody ever meets a half-made server.
"""

import errno
import http.client
import io
import logging
import multiprocessing
import resource
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.core.management import call_command
from django.db import DatabaseError, connections
from granian.constants import Interfaces
from granian.log import LogLevels

from accounts import people, setup
from authserver import demo, renewal
from config import environment, invocation
from tokens import keys, ring

_APPLICATION = "config.wsgi:serving"
_SWEEP_EVERY = 3600.0  # seconds
_log = logging.getLogger("authserver.sweep")
_LEAVE_WITHIN = 10  # seconds a worker has for what it is answering when the server stops
_FILES_FOR_OURSELVES = 128
_MOST_CONNECTIONS = 16_384
_PATIENCE = 30.0  # seconds for the workers to come up


class NotReadyError(Exception):
    """The server cannot start; the text says why and the way out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What a start has found or made."""

    setup_link: str
    demo: demo.Demo | None


def check_address() -> None:
    """Find out whether the address is free, before anything is written.

    Raises:
        NotReadyError: with the way out.
    """
    here = environment.current()
    family = socket.AF_INET6 if ":" in here.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((here.host, here.port))
        except OSError as fault:
            raise NotReadyError(_address_fault(fault)) from fault


def _address_fault(fault: OSError) -> str:
    here = environment.current()
    where = f"port {here.port} on {here.host}"
    if fault.errno == errno.EADDRINUSE:
        return (
            f"Another program is using {where}. Stop it, or choose another port, for example:"
            f" AUTHSERVER_ISSUER=http://localhost:{here.port + 1} make run"
        )
    if fault.errno == errno.EACCES:
        return (
            f"This user may not open {where}. Choose a port above 1023 with AUTHSERVER_PORT and let"
            " a front server pass requests on."
        )
    return f"{where.capitalize()} cannot be opened: {fault.strerror}. Set AUTHSERVER_HOST."


def prepare(*, with_demo: bool) -> Prepared:
    """Bring the database up to date and make what is missing.

    Raises:
        NotReadyError: when the database cannot be reached or written.
    """
    try:
        call_command("migrate", verbosity=0, interactive=False)
        keys.ensure()
        ring.forget()
        is_demo = with_demo and not environment.current().is_production
        shown = demo.add() if is_demo else None
        link = "" if people.has_administrator() else setup.link()
    except DatabaseError as fault:
        reason = str(fault).strip().partition("\n")[0]
        closer = invocation.manage("doctor")
        sentence = f"The database cannot be used: {reason}. To look closer: {closer}"
        raise NotReadyError(sentence) from fault
    finally:
        connections.close_all()
    return Prepared(setup_link=link, demo=shown)


def serve(announce: Callable[[], None]) -> None:
    """Serve until stopped; `announce` is called once the port answers.

    Embedded (SQLite) is one process with threads, so that limits and locks hold for all of it.
    """
    here = environment.current()
    # A forked worker would share this process's connections, and its pool would have no threads.
    multiprocessing.set_start_method("spawn")
    server = renewal.Server(
        _APPLICATION,
        address=here.host,
        port=here.port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=here.workers,
        blocking_threads=here.threads,
        backpressure=_connections(),
        websockets=False,
        log_level=LogLevels.error,
        ssl_cert=here.tls_cert_file,
        ssl_key=here.tls_key_file,
        ssl_protocol_min=renewal.OLDEST_TLS,
        respawn_interval=renewal.COMING_UP,
        respawn_failed_workers=True,
        workers_kill_timeout=_LEAVE_WITHIN,
    )
    threading.Thread(target=_when_open, args=(announce,), daemon=True).start()
    threading.Thread(target=_sweep_hourly, daemon=True).start()
    threading.Thread(target=renewal.watch, args=(server,), daemon=True).start()
    server.serve()


def _connections() -> int:
    """Return how many connections a worker may hold, idle ones included.

    Threads bound the work; a low bound here would let a few silent connections shut everybody out.
    """
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return min(max(soft - _FILES_FOR_OURSELVES, 128), _MOST_CONNECTIONS)


def _sweep_hourly() -> None:
    """Remove what has expired while the server runs; what fails is tried an hour later."""
    while True:
        time.sleep(_SWEEP_EVERY)
        try:
            call_command("sweep", stdout=io.StringIO())
        except DatabaseError:
            _log.exception("the sweep failed")
        finally:
            connections.close_all()


def _when_open(announce: Callable[[], None]) -> None:
    here = environment.current()
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(here.host, here.host)  # noqa: S104  compared
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        if _answers(host, here.port):
            announce()
            return
        time.sleep(0.02)


def _answers(host: str, port: int) -> bool:
    """Ask for /livez: the port is open before a worker is there to answer."""
    here = environment.current()
    connection: http.client.HTTPConnection = http.client.HTTPConnection(host, port, timeout=5)
    if here.tls_cert_file:
        ours = ssl.create_default_context()
        ours.check_hostname, ours.verify_mode = False, ssl.CERT_NONE  # ourselves, by loopback
        connection = http.client.HTTPSConnection(host, port, timeout=5, context=ours)
    try:
        connection.request("GET", "/livez")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
