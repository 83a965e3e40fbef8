"""OIDC Front-Channel Logout §3 — hidden frames in which clients end their own sessions.

Only addresses that clients registered are framed, and only of clients that took part in the session
that has just ended. The policy of the page names their origins and no other.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest

from accounts.participation import Participant
from authserver import clients, errors, issuing, models, redirects
from authserver.clients import Client
from config import csp, environment, logs

log = logging.getLogger("authserver.logout")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What is loaded for one client."""

    name: str
    url: str


def listening(those: Iterable[Participant]) -> frozenset[str]:
    """Return which of these clients are told by a frame."""
    rows = models.Client.objects.filter(pk__in=[one.client_id for one in those], is_active=True)
    return frozenset(rows.exclude(frontchannel_logout_uri="").values_list("pk", flat=True))


def frames(those: Iterable[Participant], sid: str) -> list[Frame]:
    """Return a frame for each client that listens; `iss` and `sid` are always said (§3)."""
    there = tuple(those)
    wanted = listening(there) if there else frozenset()
    found = ((one.client_name, _found(one.client_id)) for one in there if one.client_id in wanted)
    return [Frame(name=name, url=_url(client, sid)) for name, client in found if client]


def admit(page: HttpRequest, framed: Iterable[Frame]) -> None:
    """Let this response load these frames, and the script that goes on when they are there."""
    csp.allow_own_script(page)
    for frame in framed:
        csp.allow_frame(page, frame.url)


def _url(client: Client, sid: str) -> str:
    said = {"iss": environment.current().issuer, "sid": issuing.sid_of(client, sid)}
    return redirects.append(client.frontchannel_logout_uri, said)


def _found(client_id: str) -> Client | None:
    """Return the client, or None where it cannot be framed: the person is signed out all the same.

    An address that no policy can name was never registered; rows can be written by other hands.
    """
    try:
        client = clients.find(client_id)
        if client is None or not client.frontchannel_logout_uri:
            return None
        csp.source_of(client.frontchannel_logout_uri)
    except (errors.TemporarilyUnavailable, ValueError):
        log.warning("frontchannel_logout_skipped", extra={logs.FIELDS: {"client_id": client_id}})
        return None
    return client
