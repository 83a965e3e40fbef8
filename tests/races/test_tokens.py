"""RFC 6749 §4.1.2, RFC 9700 §4.14.2 — one code, one refresh token, many takers, over HTTP."""

import functools
from collections import Counter
from datetime import timedelta

import pytest

from config import environment, policy
from tests import person
from tests.doors import Response
from tests.races import worlds
from tests.races.crowd import ROUNDS, Crowd
from tests.races.worlds import FRONT
from tests.rp import RelyingParty
from tokens import grants, keys, refresh, ring

THREADS = 5
INSTANT = policy.Refresh(grace=timedelta(0))


@pytest.fixture(scope="module")
def parties() -> tuple[RelyingParty, RelyingParty]:
    """Return a client whose user has agreed and stays signed in, and an API."""
    keys.ensure()
    ring.forget()
    rp, api, _ = worlds.parties(environment.current().issuer)
    rp.person = person.registered(FRONT)
    assert rp.tokens()
    return rp, api


def _is_dead(rp: RelyingParty, api: RelyingParty, answer: Response) -> bool:
    """Tell whether nothing that an answer brought counts any more, wherever it is shown."""
    issued = answer.json()
    return (
        rp.userinfo(issued["access_token"]).status_code == 401
        and api.is_dead(issued["access_token"])
        and rp.is_dead(issued["refresh_token"])
        and rp.refresh(issued["refresh_token"]).json()["error"] == "invalid_grant"
    )


def test_one_of_many_redemptions_wins_and_its_tokens_die_with_the_replay(
    parties: tuple[RelyingParty, RelyingParty],
) -> None:
    rp, api = parties
    with Crowd(THREADS) as crowd:
        for _ in range(ROUNDS):
            answers = crowd.run([functools.partial(rp.redeem, rp.ask())] * THREADS)
            won = [answer for answer in answers if answer.status_code == 200]
            lost = [answer.json()["error"] for answer in answers if answer.status_code != 200]
            assert (len(won), lost) == (1, ["invalid_grant"] * (THREADS - 1))
            assert _is_dead(rp, api, won[0])


def test_no_guess_of_a_verifier_among_many_opens_a_code_nor_leaves_it_to_its_owner(
    parties: tuple[RelyingParty, RelyingParty],
) -> None:
    rp, _ = parties
    arrival = rp.ask()
    with Crowd(THREADS) as crowd:
        for round_ in range(100 // THREADS):
            guesses = [f"{round_:03}{number}".ljust(43, "x") for number in range(THREADS)]
            answers = crowd.run(
                [functools.partial(rp.redeem, arrival, code_verifier=each) for each in guesses]
            )
            assert {answer.json()["error"] for answer in answers} == {"invalid_grant"}
    late = rp.redeem(arrival)
    assert (late.status_code, late.json()["error"]) == (400, "invalid_grant")


def test_many_refreshes_turn_once_and_bring_the_same_successor(
    parties: tuple[RelyingParty, RelyingParty],
) -> None:
    rp, _ = parties
    token = rp.tokens(scope="openid offline_access")["refresh_token"]
    first = refresh.open(token)
    assert first
    with Crowd(THREADS) as crowd:
        for number in range(ROUNDS):
            answers = crowd.run([functools.partial(rp.refresh, token)] * THREADS)
            assert Counter(answer.status_code for answer in answers) == {200: THREADS}
            successors = {answer.json()["refresh_token"] for answer in answers}
            assert len(successors) == 1
            assert token not in successors
            (token,) = successors
            grant = grants.find(first.grant_id)
            assert grant
            assert grant.generation == first.generation + number + 1


def test_outside_the_grace_nobody_gets_the_successor_twice_and_the_family_ends(
    parties: tuple[RelyingParty, RelyingParty],
) -> None:
    rp, api = parties
    with Crowd(THREADS) as crowd, policy.replaced(refresh=INSTANT):
        for _ in range(ROUNDS):
            issued = rp.redeem(rp.ask())
            token = issued.json()["refresh_token"]
            answers = crowd.run([functools.partial(rp.refresh, token)] * THREADS)
            won = [answer for answer in answers if answer.status_code == 200]
            assert len(won) == 1
            assert _is_dead(rp, api, won[0])
            assert _is_dead(rp, api, issued)


def test_reuse_ends_the_family_while_the_latest_token_is_in_use(
    parties: tuple[RelyingParty, RelyingParty],
) -> None:
    rp, api = parties
    with Crowd(THREADS) as crowd:
        for _ in range(ROUNDS):
            first = rp.redeem(rp.ask()).json()["refresh_token"]
            second = rp.refresh(first).json()["refresh_token"]
            third = rp.refresh(second).json()["refresh_token"]
            latest = functools.partial(rp.refresh, third)
            answers = crowd.run([functools.partial(rp.refresh, first), *([latest] * (THREADS - 1))])
            assert answers[0].json()["error"] == "invalid_grant"
            for answer in answers[1:]:
                assert answer.status_code == 400 or _is_dead(rp, api, answer)
            assert rp.refresh(third).status_code == 400
