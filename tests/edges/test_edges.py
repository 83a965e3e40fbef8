"""Every sharp edge of Authlib's that applies: right here, wrong on a server built as documented.

Each edge is one function that asks a server and judges its answers. Ours must pass it; the stock
server must not, or the edge proves nothing (and a newer Authlib may have repaired it: then the
second test fails, and what we replaced may be given back).
"""

import logging
from pathlib import Path

import pytest

from tests.edges import authentication, authorization, hybrid, token_endpoint, world
from tests.edges.world import Edge

EDGES = {
    edge.__name__.replace("_", " "): edge
    for module in (authorization, hybrid, token_endpoint, authentication)
    for edge in module.EDGES
}


@pytest.mark.parametrize("edge", EDGES.values(), ids=EDGES)
def test_ours_holds(signing_keys: None, edge: Edge) -> None:
    edge(world.ours())


@pytest.mark.parametrize("edge", EDGES.values(), ids=EDGES)
def test_stock_authlib_does_not(edge: Edge) -> None:
    with pytest.raises(AssertionError) as found:
        edge(world.theirs())
    assert Path(found.traceback[-1].path).parent.name == "edges", "not what the edge is about"


def test_the_stock_server_works() -> None:
    """What is compared with is a server that serves."""
    rp = world.theirs().enrol()
    issued = rp.tokens(scope="openid email")
    assert issued["id_token"]
    assert not rp.is_dead(issued["access_token"])
    assert rp.refresh(issued["refresh_token"]).status_code == 200
    assert rp.client_credentials(scope="profile").status_code == 200


def test_one_of_many_redemptions_wins(signing_keys: None) -> None:
    token_endpoint.a_code_redeemed_by_many(world.ours())


def test_no_token_is_written_to_the_log(
    signing_keys: None, caplog: pytest.LogCaptureFixture
) -> None:
    """Authlib logs tokens at DEBUG."""
    caplog.set_level(logging.DEBUG)
    rp = world.ours().enrol()
    arrival = rp.authorize()
    issued = rp.redeem(arrival).json()
    renewed = rp.refresh(issued["refresh_token"]).json()
    secrets = [arrival.code, *issued.values(), *renewed.values()]
    texts = [secret for secret in secrets if isinstance(secret, str) and len(secret) > 20]
    assert len(texts) >= 6
    written = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert [text for text in texts if text in written and " " not in text] == []


def test_the_stock_server_works_in_the_hybrid_flow_too() -> None:
    arrival = world.theirs().enrol(**hybrid.HYBRID).authorize(response_type=hybrid.KIND)
    assert {"code", "id_token"} <= set(arrival.parameters), arrival.response.text
