"""oauth4webapi, a certified relying party library: each request and each check on its own."""

from typing import Any

import pytest

from tests.relying_parties import program, world
from tests.relying_parties.program import RefusedError
from tests.relying_parties.world import World

pytestmark = [pytest.mark.npm, pytest.mark.leg("sqlite")]
SCRIPT = "oauth4webapi.mjs"


def act(here: World, name: str, *, decision: str = "allow", **more: Any) -> dict[str, Any]:
    """Let the library sign somebody in as one of the registered clients."""
    return program.run(SCRIPT, world.scenario(here, name, **more), here.person(), decision)


@pytest.mark.parametrize("method", ["none", "client_secret_basic", "private_key_jwt"])
def test_the_whole_journey(here: World, method: str) -> None:
    told = act(here, method)
    assert told["claims"]["iss"] == here.issuer
    assert told["userinfo"]["name"] == world.NAME
    assert told["refreshed"]["sub"] == told["claims"]["sub"]
    if method != "none":
        assert told["introspection"]["active"] is True
        assert told["revoked"] == {"active": False}


def test_the_answer_may_come_as_a_form(here: World) -> None:
    told = act(here, "client_secret_post", parameters={"response_mode": "form_post"})
    assert told["userinfo"]["sub"] == told["claims"]["sub"]


def test_a_person_who_refuses(here: World) -> None:
    with pytest.raises(RefusedError) as refusal:
        act(here, "client_secret_basic", decision="deny", parameters={"prompt": "consent"})
    assert refusal.value.told["error"] == "access_denied"


def test_a_verifier_of_somebody_else(here: World) -> None:
    challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    with pytest.raises(RefusedError) as refusal:
        act(here, "none", parameters={"code_challenge": challenge})
    assert (refusal.value.told["status"], refusal.value.told["error"]) == (400, "invalid_grant")
