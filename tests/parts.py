"""The parts of the suite, which run side by side, each in a process with back ends of its own.

What waits for other programs (a browser, our own server as a process, nginx, Node) does so beside
what keeps its own process busy. By itself, pytest runs all that belongs to one leg.
"""

from dataclasses import dataclass

from tests.leg import Leg

_WAITING = frozenset({"chromium", "deploy", "examples", "first_run", "relying_parties"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Tests that run in one process: those of a leg that wait for others, or those that don't."""

    name: str
    title: str
    leg: Leg
    waits: bool | None = None

    def has(self, folder: str) -> bool:
        """Tell whether the tests of this folder (of `tests`) are in this part."""
        return self.waits is None or self.waits is (folder in _WAITING)


PARTS = [
    Part(name="sqlite", title="SQLite and the in-process cache", leg=Leg.SQLITE, waits=False),
    Part(name="programs", title="Browsers and other programs", leg=Leg.SQLITE, waits=True),
    Part(name="servers", title="PostgreSQL and Valkey", leg=Leg.SERVERS),
]


def named(name: str) -> Part | None:
    """Return the part that the runner asks for; None where nobody asks for one."""
    return next((part for part in PARTS if part.name == name), None)
