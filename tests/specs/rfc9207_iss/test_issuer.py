"""RFC 9207 §2 — every authorization response names its issuer, success and error alike."""

from typing import Any

import pytest

from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 9207 §2")

ERRORS: dict[str, dict[str, Any]] = {
    "invalid_request": {"code_challenge": None},
    "unsupported_response_type": {"response_type": "bogus"},
    "invalid_scope": {"scope": "bogus"},
    "invalid_target": {"resource": "https://nowhere.example"},
    "invalid_request_object": {"request": "x"},
    "login_required": {"prompt": "none"},
}


@pytest.mark.spec("RFC 9207 §3")
def test_the_metadata_promises_it(rp: RelyingParty) -> None:
    assert rp.metadata["authorization_response_iss_parameter_supported"] is True


@pytest.mark.parametrize("mode", ["query", "fragment", "form_post"])
@pytest.mark.parametrize(("error", "changes"), ERRORS.items(), ids=ERRORS)
def test_an_error_names_the_issuer(
    rp: RelyingParty, error: str, changes: dict[str, Any], mode: str
) -> None:
    arrival = rp.ask(response_mode=mode, **changes)
    assert (arrival.outcome, arrival.mode) == (error, mode)
    assert arrival.parameters["iss"] == rp.metadata["issuer"]


@pytest.mark.parametrize("mode", ["query", "fragment", "form_post"])
@pytest.mark.parametrize(("decision", "outcome"), [("allow", "code"), ("deny", "access_denied")])
def test_the_answer_after_the_pages_names_the_issuer(
    rp: RelyingParty, decision: str, outcome: str, mode: str
) -> None:
    arrival = rp.authorize(decision=decision, response_mode=mode)
    assert (arrival.outcome, arrival.mode) == (outcome, mode)
    assert arrival.parameters["iss"] == rp.metadata["issuer"]


def test_consent_required_names_the_issuer(rp: RelyingParty, other_rp: RelyingParty) -> None:
    rp.authorize()  # signed in, but never agreed with the other client
    arrival = other_rp.ask(prompt="none")
    assert (arrival.outcome, arrival.parameters["iss"]) == ("consent_required", rp.issuer)
