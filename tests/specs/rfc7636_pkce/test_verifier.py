"""RFC 7636 §4.6 — a code is redeemed only by the client that asked for it."""

from typing import Any

import pytest

from tests.parties import Enrol
from tests.rp import RelyingParty, challenge_of

pytestmark = pytest.mark.spec("RFC 7636 §4.6")

WITHOUT: dict[str, Any] = {"code_challenge": None, "code_challenge_method": None}


def test_the_verifier_of_the_request_redeems(rp: RelyingParty, public: RelyingParty) -> None:
    assert rp.redeem(rp.authorize()).status_code == 200
    assert public.redeem(public.authorize()).status_code == 200


@pytest.mark.parametrize("length", [43, 128])
def test_the_shortest_and_the_longest_verifier_redeem(rp: RelyingParty, length: int) -> None:
    verifier = ("aZ09-._~" * 16)[:length]
    arrival = rp.authorize(code_challenge=challenge_of(verifier))
    assert rp.redeem(arrival, code_verifier=verifier).status_code == 200


@pytest.mark.parametrize(
    ("verifier", "error"),
    [
        pytest.param(None, "invalid_request", id="missing"),
        pytest.param("", "invalid_request", id="empty"),
        pytest.param("v" * 42, "invalid_request", id="shorter than 43 characters"),
        pytest.param("v" * 129, "invalid_request", id="longer than 128 characters"),
        pytest.param("v" * 43 + "\n", "invalid_request", id="with a newline"),
        pytest.param("v" * 43 + " ", "invalid_request", id="with a space"),
        pytest.param("v" * 42 + "\u00e9", "invalid_request", id="beyond ASCII"),
        pytest.param("v" * 42 + "+", "invalid_request", id="beyond its alphabet"),
        pytest.param("v" * 43, "invalid_grant", id="well formed but not ours"),
    ],
)
def test_any_other_verifier_is_refused(rp: RelyingParty, verifier: str | None, error: str) -> None:
    answer = rp.redeem(rp.authorize(), code_verifier=verifier)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_the_challenge_is_no_verifier(rp: RelyingParty) -> None:
    arrival = rp.authorize()
    answer = rp.redeem(arrival, code_verifier=arrival.asked.value("code_challenge"))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


@pytest.mark.spec("RFC 9700 §4.5")
def test_a_wrong_verifier_spends_the_code(rp: RelyingParty) -> None:
    arrival = rp.authorize()
    assert rp.redeem(arrival, code_verifier="v" * 43).status_code == 400
    answer = rp.redeem(arrival)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_a_malformed_verifier_leaves_the_code_alone(rp: RelyingParty) -> None:
    arrival = rp.authorize()
    assert rp.redeem(arrival, code_verifier="short").json()["error"] == "invalid_request"
    assert rp.redeem(arrival).status_code == 200


@pytest.mark.spec("RFC 9700 §4.8")
def test_a_needless_verifier_is_refused(enrol: Enrol) -> None:
    """Otherwise an attacker could strip the challenge and nobody would notice."""
    rp = enrol(pkce_required=False)
    answer = rp.redeem(rp.authorize(**WITHOUT), code_verifier="v" * 43)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_client_may_be_registered_to_do_without(enrol: Enrol) -> None:
    rp = enrol(pkce_required=False)
    assert rp.redeem(rp.authorize(**WITHOUT)).status_code == 200


def test_a_challenge_that_was_not_required_is_still_held_to(enrol: Enrol) -> None:
    rp = enrol(pkce_required=False)
    assert rp.redeem(rp.authorize(), code_verifier=None).status_code == 400
    assert rp.redeem(rp.authorize(), code_verifier="v" * 43).status_code == 400
    assert rp.redeem(rp.authorize()).status_code == 200
