"""RFC 7009 — what revoking ends, and what it tells whom."""

import pytest

from tests.credentials import Basic
from tests.doors import Response
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 7009 §2")


def _done(answer: Response) -> None:
    assert answer.status_code == 200, answer.text
    assert answer.json() == {}
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.spec("RFC 7009 §2.1")
def test_a_refresh_token_ends_with_everything_of_its_grant(rp: RelyingParty) -> None:
    first = rp.tokens(scope="openid offline_access")
    second = rp.refresh(first["refresh_token"]).json()
    _done(rp.revoke(second["refresh_token"]))
    assert rp.refresh(second["refresh_token"]).json()["error"] == "invalid_grant"
    for issued in (first, second):
        assert rp.is_dead(issued["access_token"])
        assert rp.userinfo(issued["access_token"]).status_code == 401


def test_an_old_refresh_token_ends_the_grant_too(rp: RelyingParty) -> None:
    first = rp.tokens()["refresh_token"]
    second = rp.refresh(first).json()["refresh_token"]
    _done(rp.revoke(first))
    assert rp.refresh(second).status_code == 400


def test_an_access_token_ends_alone(rp: RelyingParty) -> None:
    first = rp.tokens()
    _done(rp.revoke(first["access_token"]))
    assert rp.is_dead(first["access_token"])
    assert rp.userinfo(first["access_token"]).status_code == 401
    second = rp.refresh(first["refresh_token"])
    assert second.status_code == 200
    assert rp.userinfo(second.json()["access_token"]).status_code == 200


def test_a_client_s_own_token_ends(machine: RelyingParty) -> None:
    first = machine.client_credentials().json()["access_token"]
    second = machine.client_credentials().json()["access_token"]
    _done(machine.revoke(first))
    assert machine.is_dead(first)
    assert not machine.is_dead(second), "each for itself"


def test_a_public_client_may_revoke_its_own(public: RelyingParty, rp: RelyingParty) -> None:
    token = public.tokens()["refresh_token"]
    _done(public.revoke(token))
    assert public.refresh(token).status_code == 400


@pytest.mark.spec("RFC 7009 §2.2")
@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_another_client_s_token_is_answered_alike_and_lives_on(
    rp: RelyingParty, other_rp: RelyingParty, kind: str
) -> None:
    issued = rp.tokens()
    _done(other_rp.revoke(issued[kind]))
    assert not rp.is_dead(issued["access_token"])
    assert rp.refresh(issued["refresh_token"]).status_code == 200


@pytest.mark.spec("RFC 7009 §2.2")
@pytest.mark.parametrize("text", ["nonsense", "as_rt_AAAA", "a.b.c"])
def test_what_is_no_token_is_answered_alike(rp: RelyingParty, text: str) -> None:
    _done(rp.revoke(text))


@pytest.mark.spec("RFC 7009 §2.2")
def test_revoking_twice_is_answered_alike(rp: RelyingParty) -> None:
    token = rp.tokens()["refresh_token"]
    _done(rp.revoke(token))
    _done(rp.revoke(token))


def test_an_id_token_and_a_code_are_not_revoked(rp: RelyingParty) -> None:
    arrival = rp.authorize()
    _done(rp.revoke(arrival.code))
    issued = rp.redeem(arrival).json()
    _done(rp.revoke(issued["id_token"]))
    assert rp.refresh(issued["refresh_token"]).status_code == 200


@pytest.mark.spec("RFC 7009 §2.1")
@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "pat", "id_token"])
def test_the_hint_changes_nothing(rp: RelyingParty, hint: str) -> None:
    token = rp.tokens()["refresh_token"]
    _done(rp.revoke(token, token_type_hint=hint))
    assert rp.is_dead(token)


@pytest.mark.spec("RFC 7009 §2.1")
def test_a_token_is_needed(rp: RelyingParty) -> None:
    answer = rp.post("revocation", {})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.spec("RFC 7009 §2.1")
def test_the_caller_comes_first(rp: RelyingParty) -> None:
    token = rp.tokens()["refresh_token"]
    nobody = Basic(client_id=rp.client_id, secret="as_cs_wrong")
    answer = rp.post("revocation", {"token": token}, nobody)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert not rp.is_dead(token)
