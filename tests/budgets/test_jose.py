"""What pairwise subjects, encryption and other algorithms cost: time, and no statement."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from config import policy
from tests import jose
from tests.budgets.statements import counted
from tests.parties import Enrol
from tests.rp import RelyingParty


@pytest.fixture(autouse=True)
def _kept_warm() -> Iterator[None]:
    with policy.replaced(clients=policy.Clients(cache_for=timedelta(minutes=1))):
        yield


@pytest.fixture
def secretive(enrol: Enrol) -> RelyingParty:
    """Return a client with everything that is computed beside the usual."""
    key = jose.private_key("ECDH-ES")
    return enrol(
        subject_type="pairwise",
        jwks=jose.jwks_of({"reading": key}, use="enc"),
        id_token_signed_response_alg="ES512",
        id_token_encrypted_response_alg="ECDH-ES",
        userinfo_signed_response_alg="PS256",
        userinfo_encrypted_response_alg="ECDH-ES",
    )


def test_code_refresh_and_introspection_cost_one_statement_each(secretive: RelyingParty) -> None:
    tokens = secretive.tokens()
    arrival = secretive.ask()
    with counted() as found:
        assert secretive.redeem(arrival).status_code == 200
    assert len(found.all) == 1
    with counted() as found:
        tokens = secretive.refresh(tokens["refresh_token"]).json()
    assert len(found.all) == 1
    with counted() as found:
        assert secretive.introspect(tokens["access_token"]).json()["active"]
    assert len(found.all) == 1
    with counted() as found:
        assert secretive.introspect(tokens["refresh_token"]).json()["active"]
    assert len(found.all) == 1


def test_userinfo_costs_what_it_costs_in_plain(secretive: RelyingParty, rp: RelyingParty) -> None:
    costs = []
    for client in (secretive, rp):
        token = client.tokens()["access_token"]
        with counted() as found:
            assert client.userinfo(token).status_code == 200
        costs.append(len(found.all))
    assert costs[0] == costs[1]
