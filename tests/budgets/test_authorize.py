"""How many SQL statements an answer of the authorization endpoint costs, whatever it holds."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from config import policy
from tests.budgets.statements import counted
from tests.parties import Enrol
from tests.specs.rfc9101_request_objects import signer

FLOWS = {"response_types": ["code", "id_token", "code id_token"]}


@pytest.fixture(autouse=True)
def _kept_warm() -> Iterator[None]:
    """Keep what is cached for a minute, so that a slow machine counts the same."""
    with policy.replaced(clients=policy.Clients(cache_for=timedelta(minutes=1))):
        yield


@pytest.mark.parametrize(
    ("kind", "reads"), [("code", 6), ("code id_token", 7), ("id_token", 8)], ids=str
)
def test_every_read_of_an_answer_is_known(enrol: Enrol, kind: str, reads: int) -> None:
    """Session, its epochs, its person; consent's epoch, consent; that the client takes part.

    For an ID token all epochs once more; where it comes alone, what the scopes tell.
    """
    rp = enrol(**FLOWS, grant_types=["authorization_code", "implicit"])
    rp.authorize(response_type=kind)
    assert rp.ask(response_type=kind).outcome == kind
    with counted() as found:
        assert rp.ask(response_type=kind).outcome == kind
    assert found.writes == []
    assert len(found.all) == reads, found.all


def test_a_signed_request_costs_no_statement(enrol: Enrol) -> None:
    signing = signer.enrolled(enrol)
    signing.rp.tokens()
    asked = signing.rp.asking()
    with counted() as plain:
        assert signing.rp.ask().outcome == "code"
    with counted() as signed:
        assert signing.send(signing.sign(signing.claims(asked)), asked).outcome == "code"
    assert len(signed.all) == len(plain.all)
