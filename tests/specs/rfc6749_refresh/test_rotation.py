"""RFC 9700 §4.14.2 — refresh tokens turn at every use, and an old one ends the family."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail

from config import outbox, policy
from config.policy import Refresh
from tests.parties import Enrol
from tests.person import Person
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 9700 §4.14.2")

GRACE = 10


@contextmanager
def later(seconds: float) -> Iterator[None]:
    """Let time go on by this much."""
    with time_machine.travel(time.time() + seconds):
        yield


@pytest.mark.parametrize("client", ["rp", "public"])
def test_a_refresh_turns_the_token(request: pytest.FixtureRequest, door: str, client: str) -> None:
    party: RelyingParty = request.getfixturevalue(client)
    first = party.tokens()
    second = party.refresh(first["refresh_token"])
    assert second.status_code == 200
    assert second.headers["Cache-Control"] == "no-store"
    assert second.json()["scope"] == first["scope"]
    assert second.json()["expires_in"] == 900
    assert second.json()["refresh_token"] != first["refresh_token"]
    assert second.json()["access_token"] != first["access_token"]
    assert party.refresh(second.json()["refresh_token"]).status_code == 200


@pytest.mark.parametrize("seconds", [0, GRACE - 1])
def test_a_retry_inside_the_grace_gets_the_same_successor(rp: RelyingParty, seconds: int) -> None:
    """A lost answer or a second tab signs nobody out."""
    token = rp.tokens()["refresh_token"]
    first = rp.refresh(token).json()
    with later(seconds):
        again = rp.refresh(token)
        assert again.status_code == 200
        assert again.json()["refresh_token"] == first["refresh_token"]
        assert again.json()["access_token"] != first["access_token"]
        assert not rp.is_dead(first["access_token"])
        assert rp.refresh(first["refresh_token"]).status_code == 200


def test_a_retry_after_the_grace_ends_the_family(rp: RelyingParty) -> None:
    bystander = rp.tokens()
    first = rp.tokens()
    second = rp.refresh(first["refresh_token"]).json()
    with later(GRACE + 1):
        _ends(rp, first["refresh_token"], [first, second])
        assert rp.refresh(bystander["refresh_token"]).status_code == 200


def test_the_person_hears_of_it_by_mail_and_nobody_waits_for_that(
    rp: RelyingParty, someone: Person
) -> None:
    first = rp.tokens()
    rp.refresh(first["refresh_token"])
    with later(GRACE + 1):
        for _ in range(2):
            assert rp.refresh(first["refresh_token"]).status_code == 400
        assert _notices(someone) == []
        outbox.deliver_due()
    assert len(_notices(someone)) == 1


def test_the_grace_holds_for_one_generation(rp: RelyingParty) -> None:
    first = rp.tokens()
    second = rp.refresh(first["refresh_token"]).json()
    third = rp.refresh(second["refresh_token"]).json()
    _ends(rp, first["refresh_token"], [second, third])


def test_without_a_grace_a_retry_ends_the_family(rp: RelyingParty) -> None:
    with policy.replaced(refresh=Refresh(grace=timedelta(0))):
        first = rp.tokens()
        second = rp.refresh(first["refresh_token"]).json()
        _ends(rp, first["refresh_token"], [first, second])


@pytest.mark.spec("RFC 6749 §10.4")
@pytest.mark.parametrize("seconds", [0, 1, GRACE + 1])
def test_another_client_gets_nothing_and_ends_the_family(
    rp: RelyingParty, other_rp: RelyingParty, seconds: int
) -> None:
    """Inside the grace as well: the successor is told to nobody else."""
    first = rp.tokens()
    second = rp.refresh(first["refresh_token"]).json()
    with later(seconds):
        answer = other_rp.refresh(first["refresh_token"])
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
        assert rp.is_dead(second["access_token"])
        assert rp.refresh(second["refresh_token"]).status_code == 400


def test_another_client_with_the_newest_token_ends_the_family(
    rp: RelyingParty, other_rp: RelyingParty, public: RelyingParty
) -> None:
    for thief in (other_rp, public):
        tokens = rp.tokens()
        assert thief.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
        assert rp.is_dead(tokens["access_token"])


def test_rotation_may_be_off_for_a_client_with_a_secret(enrol: Enrol) -> None:
    rp = enrol(rotation=False)
    tokens = rp.tokens()
    for seconds in (0, GRACE + 1, 3600):
        with later(seconds):
            answer = rp.refresh(tokens["refresh_token"])
            assert answer.status_code == 200
            assert answer.json()["refresh_token"] == tokens["refresh_token"]


def _notices(person: Person) -> list[str]:
    sent = [one for one in mail.outbox if person.email in one.to]
    titles = [str(one.subject) for one in sent]
    return [title for title in titles if title.startswith("We ended an application")]


def _ends(rp: RelyingParty, reused: str, family: list[dict[str, Any]]) -> None:
    answer = rp.refresh(reused)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    for tokens in family:
        assert rp.is_dead(tokens["access_token"])
        assert rp.userinfo(tokens["access_token"]).status_code == 401
        assert rp.is_dead(tokens["refresh_token"])
        assert rp.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
