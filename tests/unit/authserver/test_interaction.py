"""The one decision, where the black box cannot reach it: levels nobody has yet, and their order."""

import json
import time

import pytest
from django.test import RequestFactory

from accounts.authentication import SignedIn
from authserver import authorization, errors, forms, interaction
from authserver.authorization import AuthorizationRequest
from authserver.interaction import Progress, Step
from authserver.request import ProtocolRequest
from tests.rp import RelyingParty
from tokens import instants

NOW = Progress(started_at=1000.0)


def asked(rp: RelyingParty, **changes: str) -> AuthorizationRequest:
    sent = rp.asking(**changes).parameters
    single = {name: str(value) for name, value in sent.items()}
    return authorization.validate(
        ProtocolRequest(RequestFactory().get("/").META, forms.Form(single, {}))
    )


def person(*, acr: str = "1", auth_time: float = 0.0, chosen_at: float = 0.0) -> SignedIn:
    return SignedIn(
        subject="00000000-0000-0000-0000-000000000001",
        auth_time=auth_time,
        amr=("pwd",),
        acr=acr,
        sid="s",
        epoch=0,
        session_expires_at=instants.moment(instants.now()),
        chosen_at=chosen_at,
        email="ada@example.com",
    )


def essential(*values: str) -> str:
    return json.dumps({"id_token": {"acr": {"essential": True, "values": values}}})


def test_a_level_within_reach_is_asked_for(rp: RelyingParty) -> None:
    request = asked(rp, claims=essential("1"))
    step = interaction.next_step(request, person(acr="0"), NOW, is_agreed=True)
    assert step is Step.STEP_UP
    assert interaction.next_step(request, person(), NOW, is_agreed=True) is Step.ISSUE


def test_nobody_is_asked_for_it_silently(rp: RelyingParty) -> None:
    request = asked(rp, claims=essential("1"), prompt="none")
    with pytest.raises(errors.LoginRequired):
        interaction.next_step(request, person(acr="0"), NOW, is_agreed=True)


def test_a_level_out_of_reach_is_said_before_anybody_signs_in(rp: RelyingParty) -> None:
    request = asked(rp, claims=essential("urn:example:gold"))
    for somebody in (None, person()):
        with pytest.raises(errors.UnmetAuthenticationRequirements):
            interaction.next_step(request, somebody, NOW, is_agreed=True)


@pytest.mark.parametrize("changes", [{"acr_values": "9"}, {"claims": '{"id_token":{"acr":null}}'}])
def test_a_wish_stops_nobody(rp: RelyingParty, changes: dict[str, str]) -> None:
    request = asked(rp, **changes)
    assert interaction.next_step(request, person(acr="0"), NOW, is_agreed=True) is Step.ISSUE


def test_an_account_is_created_before_anything_else(rp: RelyingParty) -> None:
    request = asked(rp, prompt="create login consent")
    steps = [
        (None, Step.CREATE),
        (person(), Step.CREATE),
        (person(chosen_at=1001.0), Step.FRESH_LOGIN),
        (person(chosen_at=1001.0, auth_time=1000.5), Step.CONSENT),
    ]
    for somebody, step in steps:
        assert interaction.next_step(request, somebody, NOW, is_agreed=True) is step


def test_a_sign_in_at_the_very_instant_is_not_fresh(rp: RelyingParty) -> None:
    request = asked(rp, prompt="login")
    for auth_time, step in ((1000.0, Step.FRESH_LOGIN), (1000.000_001, Step.ISSUE)):
        somebody = person(auth_time=auth_time)
        assert interaction.next_step(request, somebody, NOW, is_agreed=True) is step


def test_max_age_of_zero_is_a_fresh_sign_in(rp: RelyingParty) -> None:
    request = asked(rp, max_age="0")
    begun = Progress(started_at=time.time())
    old, new = person(auth_time=begun.started_at), person(auth_time=begun.started_at + 0.001)
    assert interaction.next_step(request, old, begun, is_agreed=True) is Step.FRESH_LOGIN
    assert interaction.next_step(request, new, begun, is_agreed=True) is Step.ISSUE


def test_consent_never_stands_before_who_it_is(rp: RelyingParty) -> None:
    request = asked(rp, prompt="select_account login consent")
    steps = [
        (None, Step.LOGIN),
        (person(), Step.SELECT_ACCOUNT),
        (person(chosen_at=1001.0), Step.FRESH_LOGIN),
        (person(chosen_at=1001.0, auth_time=1001.0), Step.CONSENT),
    ]
    for somebody, step in steps:
        assert interaction.next_step(request, somebody, NOW, is_agreed=True) is step
    decided = Progress(started_at=1000.0, has_decided=True)
    somebody = person(chosen_at=1001.0, auth_time=1001.0)
    assert interaction.next_step(request, somebody, decided, is_agreed=False) is Step.ISSUE
