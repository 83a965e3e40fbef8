"""RFC 7517 §5 — keys rotate and retire under load, and nothing that was signed stops verifying."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from authserver import registrar
from config import environment, policy
from tests import credentials
from tests.parties import MACHINE
from tests.races.crowd import Crowd
from tests.races.worlds import FRONT
from tests.rp import RelyingParty
from tokens import keys, ring

TURNS = 120
ALWAYS_FRESH = policy.Clients(cache_for=timedelta(milliseconds=5))


@pytest.fixture
def machine() -> RelyingParty:
    """Return a client that may introspect what it gets."""
    keys.ensure()
    ring.forget()
    made = registrar.register({**MACHINE, "may_introspect": True})
    basic = credentials.Basic(client_id=made.client_id, secret=made.secret or "")
    return RelyingParty(door=FRONT, issuer=environment.current().issuer, credentials=basic)


def test_no_request_fails_while_keys_turn(machine: RelyingParty) -> None:
    is_over = threading.Event()
    signed: list[str] = []

    def turn() -> None:
        try:
            for number in range(TURNS):
                kid = keys.rotate("ES256", at_once=True)
                if number % 3 == 2:
                    keys.retire(kid)
        finally:
            is_over.set()

    def use() -> None:
        while not is_over.is_set():
            answer = machine.client_credentials()
            assert answer.status_code == 200, answer.text
            token = answer.json()["access_token"]
            signed.append(token)
            assert machine.introspect(token).json()["active"], "by the ring"
            assert machine.claims(token, audience=f"{machine.issuer}/api"), "by the published keys"

    with Crowd(5) as crowd, policy.replaced(clients=ALWAYS_FRESH):
        tasks: list[Callable[[], Any]] = [turn, use, use, use, use]
        crowd.run(tasks)
    assert len({token.partition(".")[0] for token in signed}) > TURNS // 10, "several keys signed"
    for token in signed:
        assert machine.introspect(token).json()["active"]


def test_an_announced_key_is_published_before_it_signs(machine: RelyingParty) -> None:
    kid = keys.rotate("ES256")
    ring.forget()
    published = machine.door.get(machine.metadata["jwks_uri"]).json()["keys"]
    assert kid in {key["kid"] for key in published}
    token = machine.client_credentials().json()["access_token"]
    assert ring.current().signer("ES256").kid != kid
    assert machine.claims(token, audience=f"{machine.issuer}/api")
    keys.retire(kid)  # or it would begin to sign in somebody else's travel through time
