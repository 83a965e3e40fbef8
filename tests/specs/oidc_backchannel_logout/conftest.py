"""Relying parties that listen on loopback, which the server is told to let through."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from config import environment
from tests import listening
from tests.listening import Listener
from tests.parties import Enrol
from tests.rp import RelyingParty

Hearing = Callable[..., "Party"]
"""`hearing(**metadata)`: register a client with a server of its own for logout tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A client, and where it listens."""

    rp: RelyingParty
    ear: Listener


@pytest.fixture
def hearing(enrol: Enrol) -> Iterator[Hearing]:
    with ExitStack() as stack:
        hosts = frozenset({"127.0.0.1"})
        stack.enter_context(environment.replaced(allowed_private_hosts=hosts))

        def hearing(**metadata: Any) -> Party:
            ear = stack.enter_context(listening.listening())
            rp = enrol(**{"backchannel_logout_uri": f"{ear.origin}/bye", **metadata})
            return Party(rp=rp, ear=ear)

        yield hearing
