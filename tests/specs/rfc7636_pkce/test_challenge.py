"""RFC 7636 §4.3 — the challenge of an authorization request: an explicit S256, and nothing less."""

from typing import Any

import pytest

from tests.parties import Enrol
from tests.rp import RelyingParty, challenge_of

pytestmark = pytest.mark.spec("RFC 7636 §4.3")

GOOD = challenge_of("v" * 43)
FAULTY: dict[str, dict[str, Any]] = {
    "missing": {"code_challenge": None, "code_challenge_method": None},
    "only a method": {"code_challenge": None},
    "no method": {"code_challenge_method": None},
    "empty method": {"code_challenge_method": ""},
    "plain": {"code_challenge_method": "plain"},
    "another spelling": {"code_challenge_method": "s256"},
    "unknown method": {"code_challenge_method": "S512"},
    "short": {"code_challenge": GOOD[:-1]},
    "long": {"code_challenge": f"{GOOD}A"},
    "padded": {"code_challenge": f"{GOOD}="},
    "newline": {"code_challenge": f"{GOOD}\n"},
    "newline inside": {"code_challenge": f"{GOOD[:20]}\n{GOOD[21:]}"},
    "other base64": {"code_challenge": f"{GOOD[:-2]}+/"},
    "verifier's alphabet": {"code_challenge": f"{GOOD[:-2]}~."},
}


@pytest.mark.parametrize("client", ["rp", "public"])
@pytest.mark.parametrize("changes", FAULTY.values(), ids=FAULTY)
def test_a_faulty_challenge_is_refused(
    request: pytest.FixtureRequest, door: str, changes: dict[str, Any], client: str
) -> None:
    party: RelyingParty = request.getfixturevalue(client)
    assert party.ask(**changes).outcome == "invalid_request"


@pytest.mark.spec("RFC 7636 §4.4.1")
def test_the_metadata_offers_s256_only(rp: RelyingParty) -> None:
    assert rp.metadata["code_challenge_methods_supported"] == ["S256"]


@pytest.mark.spec("RFC 9700 §2.1.1")
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"code_challenge_method": None}, id="no method"),
        pytest.param({"code_challenge_method": "plain"}, id="plain"),
        pytest.param({"code_challenge": None}, id="only a method"),
    ],
)
def test_a_client_that_may_do_without_may_not_do_it_badly(
    enrol: Enrol, changes: dict[str, Any]
) -> None:
    assert enrol(pkce_required=False).ask(**changes).outcome == "invalid_request"
