"""The server and both examples as real processes on loopback ports of their own.

They run as `make run`, `make example-web` and `make example-api` run them, with the demo's clients;
only the ports differ, so the demo's web client gets one more redirect URI.
"""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit
from wsgiref.headers import Headers

from tests import tree
from tests.browser import Browser
from tests.credentials import Basic
from tests.doors import Door, Response, Value, encoded
from tests.person import Person
from tests.rp import RelyingParty

PATIENCE = 60.0  # seconds until a process that does not answer is given up
WEB = "examples/web-client/app.py"
API = "examples/resource-server/api.py"
OTHER_RESOURCE = "https://other.example/api"
_MORE = f"""
from authserver import models
models.Resource.objects.create(identifier={OTHER_RESOURCE!r}, name="Another API")
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire(Door):
    """The way in over a socket, for whatever listens at an address."""

    name: str = "wire"

    def send(
        self,
        method: str,
        url: str,
        *,
        query: Mapping[str, Value] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Response:
        """Send one request on a connection of its own."""
        if query:
            url += ("&" if "?" in url else "?") + encoded(query)
        parts = urlsplit(url)
        mine = None if self.peer == "127.0.0.1" else (self.peer, 0)
        connection = http.client.HTTPConnection(parts.netloc, timeout=PATIENCE, source_address=mine)
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request(method, target, body=body or None, headers=dict(headers or {}))
            answer = connection.getresponse()
            return Response(
                url=urljoin(url, "/") if not parts.path else url,
                status_code=answer.status,
                headers=Headers(answer.getheaders()),
                body=answer.read(),
            )
        finally:
            connection.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Where everything listens, and the demo as the server made it."""

    issuer: str
    web: str
    api: str
    demo: dict[str, dict[str, str]]
    registered: dict[str, Any]
    """The demo's web client before it got the other port."""
    settings: dict[str, str]
    server: subprocess.Popen[bytes]

    def manage(self, *command: str, given: str = "") -> str:
        """Run a command of the server's; return what it prints."""
        return manage(self.settings, *command, given=given)

    def person(self) -> Person:
        """Return the demo person in a browser of their own, at the server's site."""
        return Person(
            browser=Browser(Wire(), self.issuer),
            email=self.demo["person"]["email"],
            password=self.demo["person"]["password"],
        )

    def client(self, name: str) -> RelyingParty:
        """Return a client of the demo that speaks to the server itself."""
        mine = self.demo[name]
        return RelyingParty(
            door=Wire(),
            issuer=self.issuer,
            credentials=Basic(client_id=mine["client_id"], secret=mine["secret"]),
            redirect_uri=f"{self.web}/callback",
        )


@contextmanager
def running(folder: Path) -> Iterator[World]:
    """Run the server, then both examples, until the block ends."""
    issuer, web, api = (free_address(host) for host in ("localhost", "127.0.0.1", "127.0.0.1"))
    settings = {"AUTHSERVER_DATA_DIR": str(folder / "var"), "AUTHSERVER_ISSUER": issuer}
    with ExitStack() as stack:
        server = stack.enter_context(
            process(issuer, folder / "server.log", "manage.py", "start", **settings)
        )
        demo_file = folder / "var/demo.json"
        demo = json.loads(demo_file.read_text(encoding="utf-8"))
        registered = json.loads(manage(settings, "clients", "show", "demo-web", "--json"))
        manage(settings, "clients", "import", "-", given=_more_clients(demo, registered, web))
        manage(settings, "shell", "--no-imports", "-c", _MORE)
        common = {"ISSUER": issuer, "DEMO": str(demo_file)}
        stack.enter_context(process(api, folder / "api.log", API, **common))
        stack.enter_context(process(web, folder / "web.log", WEB, **common, API=api))
        yield World(
            issuer=issuer,
            web=web,
            api=api,
            demo=demo,
            registered=registered,
            settings=settings,
            server=server,
        )


def _more_clients(demo: dict[str, Any], registered: dict[str, Any], web: str) -> str:
    members = ("client_id", "client_name", "grant_types", "scope")
    there = {
        **{name: registered[name] for name in members},
        "client_secret": demo["web"]["secret"],
        "client_uri": f"{web}/",
        "redirect_uris": [*registered["redirect_uris"], f"{web}/callback"],
        "post_logout_redirect_uris": [*registered["post_logout_redirect_uris"], f"{web}/"],
    }
    machine = {
        "client_id": demo["machine"]["client_id"],
        "client_secret": demo["machine"]["secret"],
        "client_name": "Demo machine",
        "grant_types": ["client_credentials"],
        "scope": "demo:read profile",
    }
    return json.dumps([there, machine])


@contextmanager
def process(
    address: str, log: Path, *command: str, **variables: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run one of our programs until the block ends; wait first until its port is open."""
    port = urlsplit(address).port
    with log.open("wb") as output:
        running = subprocess.Popen(
            [sys.executable, *command],
            cwd=tree.ROOT,
            env=_environment({"PORT": str(port), **variables}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the tests; they stop their programs themselves
        )
    try:
        _wait(running, log, address)
        yield running
    finally:
        running.terminate()
        try:
            running.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def _wait(running: subprocess.Popen[bytes], log: Path, address: str) -> None:
    parts = urlsplit(address)
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection((parts.hostname or "", parts.port or 0), timeout=1).close()
        except OSError as error:
            if running.poll() is not None or time.monotonic() > deadline:
                said = log.read_text(encoding="utf-8", errors="replace")[-2000:]
                raise RuntimeError(f"{log.stem} did not come up: {said}") from error
            time.sleep(0.05)
        else:
            return


def free_address(host: str) -> str:
    """Return an address whose port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://{host}:{probe.getsockname()[1]}"


def manage(settings: Mapping[str, str], *command: str, given: str = "") -> str:
    """Run a command of a server with these settings; return what it prints."""
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=tree.ROOT,
        env=_environment(settings),
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return our environment with the server's settings replaced, but for the cheap hashing."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("AUTHSERVER_") or name == "AUTHSERVER_POLICY_FILE"
    }
    return {**kept, "NO_PROXY": "localhost,127.0.0.1", **variables}
