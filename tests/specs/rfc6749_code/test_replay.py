"""RFC 6749 §4.1.2 — a code works once; a second use ends what the first was given."""

import pytest

from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 6749 §4.1.2")


def test_a_second_use_is_refused_and_ends_what_the_first_was_given(rp: RelyingParty) -> None:
    arrival = rp.authorize()
    tokens = rp.redeem(arrival).json()
    answer = rp.redeem(arrival)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert rp.is_dead(tokens["access_token"])
    assert rp.is_dead(tokens["refresh_token"])
    assert rp.userinfo(tokens["access_token"]).status_code == 401
    assert rp.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_it_ends_what_was_refreshed_since(rp: RelyingParty) -> None:
    arrival = rp.authorize()
    first = rp.redeem(arrival).json()
    second = rp.refresh(first["refresh_token"]).json()
    assert rp.redeem(arrival).status_code == 400
    assert rp.is_dead(second["access_token"])
    assert rp.refresh(second["refresh_token"]).status_code == 400


def test_another_client_with_the_code_ends_it_too(rp: RelyingParty, other_rp: RelyingParty) -> None:
    arrival = rp.authorize()
    tokens = rp.redeem(arrival).json()
    assert other_rp.redeem(arrival).json()["error"] == "invalid_grant"
    assert rp.is_dead(tokens["access_token"])


def test_it_ends_nothing_else(rp: RelyingParty, other_rp: RelyingParty) -> None:
    bystanders = [rp.tokens(), other_rp.tokens()]
    arrival = rp.authorize()
    rp.redeem(arrival)
    rp.redeem(arrival)
    assert not rp.is_dead(bystanders[0]["access_token"])
    assert other_rp.refresh(bystanders[1]["refresh_token"]).status_code == 200


def test_every_further_use_is_refused(rp: RelyingParty) -> None:
    arrival = rp.authorize()
    assert [rp.redeem(arrival).status_code for _ in range(3)] == [200, 400, 400]
