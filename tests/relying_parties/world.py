"""One server as an operator starts it, with one client for every way a library can use it."""

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests import leg, peers
from tests.browser import Browser
from tests.examples import world
from tests.examples.world import Wire
from tests.person import Person
from tests.relying_parties import listener, registrations
from tests.relying_parties.listener import Listener
from tests.relying_parties.registrations import Registered

POLICY = f"""{leg.POLICY}
[registration]
mode = "open"
"""
EMAIL = "ada@example.com"
PASSWORD = "Correct-Horse7battery"
NAME = "Ada Lovelace"
GRACE = "grace@example.com"
LOOPBACK = "127.0.0.1"
SITES = {"authlib": LOOPBACK, "mozilla": LOOPBACK, "documents": LOOPBACK, "spa": "localhost"}
"""Where they listen. A browser takes two ports of one host for the same site, so frames work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Where the server is and who is registered there."""

    issuer: str
    settings: Mapping[str, str]
    clients: Mapping[str, Registered]
    sites: Mapping[str, str]
    """Where the programs that have pages of their own listen, once they run."""
    documents: Listener
    folder: Path

    def manage(self, *command: str, given: str = "") -> str:
        """Run a command of the server's; return what it prints."""
        return world.manage(self.settings, *command, given=given)

    def person(self, email: str = EMAIL) -> Person:
        """Return somebody with an account, in a browser of their own."""
        parts = urlsplit(self.issuer)
        browser = Browser(Wire(peer=_peer()), f"{parts.scheme}://{parts.netloc}")
        return Person(browser=browser, email=email, password=PASSWORD, name=NAME)

    @contextmanager
    def site(self, name: str) -> Iterator[str]:
        """Run a site that signs people in here; yield its address."""
        address, registered = self.sites[name], self.clients[name].metadata
        variables = {
            "ISSUER": self.issuer,
            "CLIENT_ID": registered["client_id"],
            "CLIENT_SECRET": registered["client_secret"],
        }
        script = f"tests/relying_parties/sites/{name}_site.py"
        with world.process(address, self.folder / f"{name}.log", script, **variables):
            yield address


def _peer() -> str:
    """Return an address for one person: too many sign-ins from one are not taken."""
    peer = peers.somewhere()
    try:
        with socket.socket() as probe:
            probe.bind((peer, 0))
    except OSError:  # a system with one loopback address only
        return LOOPBACK
    return peer


@contextmanager
def running(folder: Path) -> Iterator[World]:
    """Run the server until the block ends."""
    origin = world.free_address("localhost")
    issuer = f"{origin}/id"  # with a path, as behind a proxy that others share
    policy = folder / "policy.toml"
    policy.write_text(POLICY, encoding="utf-8")
    sites = {name: world.free_address(host) for name, host in SITES.items()}
    settings = {
        "AUTHSERVER_DATA_DIR": str(folder / "var"),
        "AUTHSERVER_ISSUER": issuer,
        "AUTHSERVER_POLICY_FILE": str(policy),
        "AUTHSERVER_ALLOWED_PRIVATE_HOSTS": sites["documents"].removeprefix("http://"),
    }
    clients = registrations.made(sites)
    about = {"email_verified": True, "name": NAME, "password": PASSWORD}
    people = [{"email": email, **about} for email in (EMAIL, GRACE)]
    with ExitStack() as stack:
        documents = stack.enter_context(listener.listening(sites["documents"]))
        log = folder / "server.log"
        stack.enter_context(world.process(issuer, log, "manage.py", "start", **settings))
        world.manage(settings, "users", "import", "-", given=json.dumps(people))
        listed = [each.metadata for each in clients.values()]
        world.manage(settings, "clients", "import", "-", given=json.dumps(listed))
        yield World(
            issuer=issuer,
            settings=settings,
            clients=clients,
            sites=sites,
            documents=documents,
            folder=folder,
        )


def scenario(here: World, name: str, **more: Any) -> dict[str, Any]:
    """Return what a program has to know to act as a client."""
    return {"issuer": here.issuer, **here.clients[name].task, **more}
