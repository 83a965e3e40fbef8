"""RFC 6585 §4 — what counting costs a request: one question to Redis, none where there is none."""

from collections.abc import Callable

import pytest

from config import environment
from config.shared_counters import SharedCounters
from tests.budgets.statements import counted
from tests.doors import Response
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 6585 §4")

REQUESTS: dict[str, Callable[[RelyingParty], Response]] = {
    "token": lambda party: party.client_credentials(),
    "introspection": lambda party: party.introspect("nonsense"),
    "revocation": lambda party: party.revoke("nonsense"),
    "documents": lambda party: party.door.get(party.metadata["jwks_uri"]),
}


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note how many scripts every round trip carries."""
    found: list[int] = []
    sent = SharedCounters._together

    def noting(self: SharedCounters, commands: list[tuple[object, ...]]) -> list[object]:
        found.append(len(commands))
        return sent(self, commands)

    monkeypatch.setattr(SharedCounters, "_together", noting)
    return found


@pytest.mark.parametrize("name", REQUESTS)
def test_one_question_at_most_and_no_statement(
    name: str, machine: RelyingParty, trips: list[int]
) -> None:
    REQUESTS[name](machine)  # clients and keys are warm now
    trips.clear()
    with counted() as statements:
        assert REQUESTS[name](machine).status_code == 200
    is_asked = bool(environment.current().redis_url) and name != "documents"
    assert len(trips) == is_asked
    assert statements.all == []


def test_userinfo_asks_once(rp: RelyingParty, trips: list[int]) -> None:
    token = rp.tokens()["access_token"]
    trips.clear()
    rp.userinfo(token)
    assert len(trips) == bool(environment.current().redis_url)
