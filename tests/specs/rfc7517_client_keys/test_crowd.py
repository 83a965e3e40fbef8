"""OIDC Core §10.1.1 — many at once need a client's published keys, and its server is slow."""

import threading
import time

import pytest

from authserver import client_keys, clients
from tests import jose
from tests.published import Site
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("OIDC Core §10.1.1")


def test_many_at_once_share_one_fetch(
    app: RelyingParty, site: Site, keys: dict[str, jose.Key]
) -> None:
    site.seconds = 0.2
    client = clients.find(app.client_id)
    assert client
    text = jose.signed({"n": 1}, keys["first"], "ES256", kid="first")
    found: list[bool] = []

    def prove() -> None:
        found.append(client_keys.verified(client, text, ["ES256"]) is not None)

    crowd = [threading.Thread(target=prove) for _ in range(12)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    assert found == [True] * 12
    assert len(site.asked) == 1


def test_a_slow_server_does_not_hold_every_thread(
    app: RelyingParty, site: Site, keys: dict[str, jose.Key]
) -> None:
    site.seconds = 2
    client = clients.find(app.client_id)
    assert client
    text = jose.signed({"n": 1}, keys["first"], "ES256", kid="first")
    waited: list[float] = []

    def prove() -> None:
        started = time.perf_counter()
        client_keys.verified(client, text, ["ES256"])
        waited.append(time.perf_counter() - started)

    crowd = [threading.Thread(target=prove) for _ in range(8)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    assert sum(seconds > 1 for seconds in waited) == 4, "half of them wait, the others go on"


def test_who_comes_late_to_a_crowd_does_not_wait(
    app: RelyingParty, site: Site, keys: dict[str, jose.Key]
) -> None:
    site.seconds = 2
    client = clients.find(app.client_id)
    assert client
    text = jose.signed({"n": 1}, keys["first"], "ES256", kid="first")

    def prove() -> None:
        client_keys.verified(client, text, ["ES256"])

    crowd = [threading.Thread(target=prove) for _ in range(4)]
    for each in crowd:
        each.start()
    time.sleep(0.8)
    started = time.perf_counter()
    for _ in range(20):
        prove()
    assert time.perf_counter() - started < 0.5
    for each in crowd:
        each.join()
