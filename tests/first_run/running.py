"""A server started the way an operator starts one: `manage.py start` in a process of its own."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from tests import leg, tree

_PATIENCE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server that answers, and what it printed as JSON when it did."""

    issuer: str
    said: dict[str, Any]
    process: subprocess.Popen[str]
    log: list[str]

    def stop(self) -> int:
        """Stop it as an operator would, and return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=_PATIENCE)


def free_port() -> int:
    """Return a port of this machine that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def database() -> Iterator[dict[str, str]]:
    """Yield the variables of an empty database of this leg's kind."""
    if leg.current() is leg.Leg.SQLITE:
        yield {}
        return
    whole = os.environ["AUTHSERVER_DATABASE_URL"]
    name = f"start_{secrets.token_hex(6)}"
    with psycopg.connect(whole, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            url = urlunsplit(urlsplit(whole)._replace(path=f"/{name}"))
            yield {
                "AUTHSERVER_DATABASE_URL": url,
                "AUTHSERVER_REDIS_URL": os.environ["AUTHSERVER_REDIS_URL"],
            }
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def variables(folder: Path, port: int, **more: str) -> dict[str, str]:
    """Return the environment of a first start: nothing of this suite's, and a folder of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AUTHSERVER_")}
    own = {
        "AUTHSERVER_DATA_DIR": str(folder),
        "AUTHSERVER_ISSUER": f"http://localhost:{port}",
    }
    return kept | own | more


def command(*arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run one command of `manage.py` to its end."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=tree.ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )


@contextmanager
def started(env: dict[str, str]) -> Iterator[Running]:
    """Start a server, yield it once its port answers, and stop it."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "start", "--json"],
        cwd=tree.ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    log: list[str] = []
    assert process.stdout is not None
    assert process.stderr is not None
    reading = threading.Thread(target=log.extend, args=(process.stderr,), daemon=True)
    reading.start()
    try:
        line = process.stdout.readline()
        assert line, f"the server ended before it was ready: {''.join(log)}"
        said = json.loads(line)
        yield Running(issuer=env["AUTHSERVER_ISSUER"], said=said, process=process, log=log)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=_PATIENCE)
        reading.join(timeout=5)
        process.stdout.close()
        process.stderr.close()
