"""OIDC Core §11 — how long a refresh token lives: with its session, or for good until its end."""

import time
from datetime import timedelta

import pytest
import time_machine

from tests.parties import Enrol
from tests.person import Person
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("OIDC Core §11")

DAY = int(timedelta(days=1).total_seconds())
ONLINE, OFFLINE = "openid", "openid offline_access"


@pytest.mark.parametrize(("scope", "status"), [(ONLINE, 400), (OFFLINE, 200)])
def test_signing_out_ends_what_is_bound_to_the_session(
    rp: RelyingParty, someone: Person, scope: str, status: int
) -> None:
    tokens = rp.tokens(scope=scope)
    someone.sign_out()
    assert rp.refresh(tokens["refresh_token"]).status_code == status
    assert rp.is_dead(tokens["access_token"]) is (status == 400)


def test_the_sign_out_of_another_browser_ends_nothing_here(
    rp: RelyingParty, someone: Person
) -> None:
    tokens, elsewhere = rp.tokens(scope=ONLINE), someone.elsewhere()
    rp.authorize(elsewhere, scope=ONLINE)
    elsewhere.sign_out()
    assert rp.refresh(tokens["refresh_token"]).status_code == 200


@pytest.mark.parametrize("scope", [ONLINE, OFFLINE])
@pytest.mark.parametrize(("seconds", "status"), [(7 * DAY - 60, 200), (7 * DAY + 1, 400)])
def test_an_idle_token_lapses_after_a_week(
    rp: RelyingParty, scope: str, seconds: int, status: int
) -> None:
    token = rp.tokens(scope=scope)["refresh_token"]
    with time_machine.travel(time.time() + seconds):
        assert rp.refresh(token).status_code == status
        assert rp.is_dead(token)


@pytest.mark.parametrize(("scope", "lives"), [(ONLINE, 14), (OFFLINE, 90)])
def test_using_it_keeps_it_alive_only_until_the_absolute_end(
    rp: RelyingParty, scope: str, lives: int
) -> None:
    """The session's end (14 days), or the family's (90 days)."""
    token, born = rp.tokens(scope=scope)["refresh_token"], time.time()
    for day in range(6, lives, 6):
        with time_machine.travel(born + day * DAY):
            answer = rp.refresh(token)
            assert answer.status_code == 200, day
            token = answer.json()["refresh_token"]
    with time_machine.travel(born + lives * DAY + 60):
        answer = rp.refresh(token)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize("rotation", [True, False])
def test_a_client_may_have_lifetimes_of_its_own(enrol: Enrol, *, rotation: bool) -> None:
    lifetimes = {"access_token": 60, "refresh_token": 600, "id_token": 120}
    rp = enrol(rotation=rotation, token_lifetimes=lifetimes)
    tokens = rp.tokens(scope=OFFLINE)
    claims = rp.claims(tokens["id_token"])
    assert (tokens["expires_in"], claims["exp"] - claims["iat"]) == (60, 120)
    with time_machine.travel(time.time() + 599):
        token = rp.refresh(tokens["refresh_token"]).json()["refresh_token"]
    with time_machine.travel(time.time() + 599 + 601):
        assert rp.refresh(token).status_code == 400


def test_the_family_lifetime_of_a_client_is_not_ignored(enrol: Enrol) -> None:
    rp = enrol(token_lifetimes={"family": 3600})
    token = rp.tokens(scope=OFFLINE)["refresh_token"]
    with time_machine.travel(time.time() + 3601):
        assert rp.refresh(token).status_code == 400


def test_an_access_token_counts_until_it_expires(
    rp: RelyingParty, resource_server: RelyingParty
) -> None:
    token = rp.tokens()["access_token"]
    with time_machine.travel(time.time() + 890):  # NumericDates are whole seconds
        assert not resource_server.is_dead(token)
    with time_machine.travel(time.time() + 901):
        assert resource_server.is_dead(token)
        assert rp.userinfo(token).status_code == 401
