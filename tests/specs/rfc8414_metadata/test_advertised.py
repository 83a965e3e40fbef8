"""RFC 8414 §2 — exactly what is advertised is spoken: each value works, each other is refused."""

from typing import Any

import pytest

from config import policy
from config.policy import NativeSso, Registration, RegistrationMode, Responses, Sessions
from tests.parties import Enrol
from tests.person import Person
from tests.rp import RelyingParty
from tests.specs.rfc8414_metadata.proofs import LOGOUT, PROOFS, World
from tests.specs.rfc8414_metadata.test_metadata import ADDRESSES

pytestmark = pytest.mark.spec("RFC 8414 §2", "OIDC Discovery §3")

TRUE = {
    "authorization_response_iss_parameter_supported",
    "claims_parameter_supported",
    "request_parameter_supported",
    "request_uri_parameter_supported",
    "require_request_uri_registration",
    "backchannel_logout_supported",
    "backchannel_logout_session_supported",
    "frontchannel_logout_supported",
    "frontchannel_logout_session_supported",
}
ELSEWHERE = {"issuer", "scopes_supported", "claims_supported"}  # test_metadata.py


@pytest.fixture
def world(enrol: Enrol, rp: RelyingParty, someone: Person) -> World:
    return World(enrol=enrol, rp=rp, someone=someone)


def test_every_member_is_proven_somewhere(rp: RelyingParty) -> None:
    assert set(rp.metadata) == {*PROOFS, *ADDRESSES, *TRUE, *ELSEWHERE}


@pytest.mark.parametrize("member", PROOFS)
def test_each_value_works(world: World, member: str) -> None:
    proof, _ = PROOFS[member]
    advertised = world.rp.metadata[member]
    assert advertised
    assert [value for value in advertised if not proof(world, value)] == []


@pytest.mark.parametrize("member", PROOFS)
def test_each_other_value_is_refused(world: World, member: str) -> None:
    proof, others = PROOFS[member]
    assert not set(others) & set(world.rp.metadata[member])
    assert [value for value in others if proof(world, value)] == []


def test_what_is_said_to_be_there_is(world: World) -> None:
    assert {name for name, value in world.rp.metadata.items() if value is True} == TRUE
    assert world.rp.authorize().parameters["iss"] == world.rp.issuer
    asked = world.rp.ask(request="a.b.c"), world.rp.ask(request_uri="https://app.example/other")
    assert [arrival.error for arrival in asked] == ["invalid_request_object", "invalid_request_uri"]
    assert world.rp.ask(claims='{"userinfo": {"name": null}}').error is None
    assert world.rp.ask(claims="[]").error == "invalid_request"
    assert world.registered(**LOGOUT) is not None


@pytest.mark.parametrize(
    ("changes", "member", "value"),
    [
        ({"sessions": Sessions(check_session_iframe=False)}, "check_session_iframe", None),
        (
            {"registration": Registration(mode=RegistrationMode.OPEN)},
            "registration_endpoint",
            "/oauth2/register",
        ),
        ({"native_sso": NativeSso(draft=7)}, "native_sso_supported", True),
        (
            {"responses": Responses(danger_access_token_in_url=True)},
            "response_types_supported",
            ["code", "id_token", "code id_token", "id_token token"],
        ),
    ],
    ids=["no iframe", "registration", "native sso", "token in a URL"],
)
def test_the_policy_decides(
    rp: RelyingParty, changes: dict[str, Any], member: str, value: object
) -> None:
    usual = rp.metadata.get(member)
    with policy.replaced(**changes):
        there = rp.door.get(f"{rp.issuer}/.well-known/openid-configuration").json()
    found = there.get(member)
    assert found != usual
    assert found == (f"{rp.issuer}{value}" if isinstance(value, str) else value)
