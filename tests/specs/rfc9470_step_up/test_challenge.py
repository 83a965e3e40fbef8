"""Who does what cannot be taken back has to have signed in a moment ago."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine

from accounts.api import challenges, permissions
from accounts.api.authentication import Caller
from tests import api, person
from tests.api import Program
from tests.doors import Response
from tests.parties import Enrol

pytestmark = pytest.mark.spec("RFC 9470 §3")
LATER = dt.timedelta(minutes=6)
Act = Callable[[Program, str], Response]


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda admin, where: admin.delete(where), id="disable"),
        pytest.param(lambda admin, where: admin.patch(where, {"isActive": False}), id="switch off"),
        pytest.param(
            lambda admin, where: admin.patch(where, {"email": person.address()}), id="an address"
        ),
        pytest.param(
            lambda admin, where: admin.patch(where, {"isAdministrator": True}), id="appoint"
        ),
        pytest.param(
            lambda admin, _where: admin.post(api.new_user(isAdministrator=True)), id="a new one"
        ),
    ],
)
def test_an_old_sign_in_is_not_enough(act: Act, admin: Program, own: Program) -> None:
    assert own.person is not None
    where, before = f"/{own.person.subject}", api.row(own.person.subject)
    with time_machine.travel(dt.datetime.now(tz=dt.UTC) + LATER, tick=True):
        answer = act(admin, where)
    assert answer.status_code == 401
    assert answer.json()["error"] == "insufficient_user_authentication"
    challenge = answer.headers["WWW-Authenticate"] or ""
    assert 'error="insufficient_user_authentication"' in challenge
    assert 'max_age="300"' in challenge
    assert "resource_metadata=" in challenge
    after = api.row(own.person.subject)
    assert (after.email, after.is_active, after.is_staff) == (
        *(before.email, before.is_active, before.is_staff),
    )
    assert act(admin, where).status_code in {200, 201, 204}


def test_ones_own_address_too(own: Program) -> None:
    with time_machine.travel(dt.datetime.now(tz=dt.UTC) + LATER, tick=True):
        assert own.patch("/me", {"name": "Plain Change"}).status_code == 200
        assert own.patch("/me", {"email": person.address()}).status_code == 401


def test_what_it_asks_for_is_what_helps(enrol: Enrol, way_in: Any) -> None:
    rp, somebody = enrol(scope=api.SCOPE), api.administrator(way_in)
    rp.tokens(somebody, scope=api.SCOPE)
    with time_machine.travel(dt.datetime.now(tz=dt.UTC) + LATER, tick=True):
        old = api.with_token(way_in, rp.tokens(somebody, scope=api.SCOPE)["access_token"])
        assert old.post(api.new_user(isAdministrator=True)).status_code == 401
        token = rp.tokens(somebody, scope=api.SCOPE, max_age="300")["access_token"]
        fresh = api.with_token(way_in, token)
        assert fresh.post(api.new_user(isAdministrator=True)).status_code == 201


def test_a_stronger_authentication_can_be_asked_for() -> None:
    caller = Caller(subject="x", scopes=frozenset(), acr="1", auth_time=2**40)
    permissions.check_fresh(caller, acr="1")
    with pytest.raises(challenges.StepUp) as raised:
        permissions.check_fresh(caller, 60, acr="2")
    assert 'acr_values="2", max_age="60"' in raised.value.headers["WWW-Authenticate"]
