"""Asking somebody on loopback through config.outgoing, and what comes of it."""

import socket
from datetime import timedelta
from typing import Any

import pytest

from config import outgoing
from config.addresses import Address
from config.outgoing import OutgoingError
from config.policy import Outgoing

SOON = Outgoing(deadline=timedelta(seconds=1))


def here(host: str, port: int) -> list[Address]:
    """Resolve every name to loopback."""
    return [(socket.AF_INET, ("127.0.0.1", port))]


def at(*hosts: str) -> list[Address]:
    """Resolve to these addresses."""
    return [
        (socket.AF_INET6, (host, 443, 0, 0)) if ":" in host else (socket.AF_INET, (host, 443))
        for host in hosts
    ]


def refusal(url: str, **options: Any) -> str:
    """Return why a document could not be had."""
    with pytest.raises(OutgoingError) as caught:
        outgoing.get(url, accept="application/json", **options)
    return caught.value.reason
