"""RFC 8707 §2 — a client says which API its token is for, and gets one for that API alone."""

import time
from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine

from tests.parties import MACHINE, AddApi, Enrol
from tests.person import Person
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 8707 §2")


def test_without_a_resource_the_default_one_is_meant(rp: RelyingParty) -> None:
    assert _audience(rp.tokens()) == f"{rp.issuer}/api"


def test_the_resource_of_the_request_is_the_audience(rp: RelyingParty, add_api: AddApi) -> None:
    api = add_api()
    assert _audience(rp.tokens(resource=api)) == api


def test_two_resources_are_two_audiences(rp: RelyingParty, add_api: AddApi) -> None:
    apis = [add_api(), add_api()]
    assert _audience(rp.tokens(resource=apis)) == apis


@pytest.mark.spec("RFC 8707 §2.2")
def test_a_token_request_picks_one_of_what_was_granted(rp: RelyingParty, add_api: AddApi) -> None:
    apis = [add_api(), add_api()]
    tokens = rp.redeem(rp.authorize(resource=apis), resource=apis[1]).json()
    assert _audience(tokens) == apis[1]
    assert _audience(rp.refresh(tokens["refresh_token"], resource=apis[0]).json()) == apis[0]


@pytest.mark.spec("RFC 8707 §2.2")
def test_a_resource_that_was_not_granted_is_refused(rp: RelyingParty, add_api: AddApi) -> None:
    granted, other = add_api(), add_api()
    arrival = rp.authorize(resource=granted)
    answer = rp.redeem(arrival, resource=other)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_target")
    tokens = rp.redeem(arrival).json()  # it did not cost the code
    answer = rp.refresh(tokens["refresh_token"], resource=other)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_target")
    assert rp.refresh(tokens["refresh_token"]).status_code == 200  # it turned nothing


@pytest.mark.spec("RFC 8707 §2.2")
def test_a_code_without_a_resource_is_for_the_default_one_alone(
    rp: RelyingParty, add_api: AddApi
) -> None:
    arrival = rp.authorize()
    assert rp.redeem(arrival, resource=add_api()).json()["error"] == "invalid_target"
    tokens = rp.redeem(arrival, resource=f"{rp.issuer}/api").json()
    assert rp.refresh(tokens["refresh_token"], resource=add_api()).status_code == 400


def test_a_resource_is_agreed_to_by_name(
    rp: RelyingParty, someone: Person, add_api: AddApi
) -> None:
    api = add_api()
    rp.authorize(someone)
    assert rp.ask(someone, prompt="none").outcome == "code"
    assert rp.ask(someone, prompt="none", resource=api).outcome == "consent_required"
    page = someone.browser.open(rp.url(rp.asking(resource=api)))
    assert api in page.text
    someone.decide(page, "allow")
    assert rp.ask(someone, prompt="none", resource=api).outcome == "code"


def test_the_resources_of_another_clients_code_are_not_told(enrol: Enrol, add_api: AddApi) -> None:
    api = add_api()
    rp, thief = enrol(), enrol(resources=[add_api()])
    arrival = rp.authorize(resource=api)
    answer = thief.redeem(arrival)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert rp.redeem(arrival).json()["error"] == "invalid_grant"  # and the code is spent


@pytest.mark.parametrize(
    "resource",
    [
        pytest.param("https://nowhere.example", id="unknown"),
        pytest.param("nowhere", id="not absolute"),
        pytest.param("{api}#fragment", id="with a fragment"),
        pytest.param("{api}/", id="with a slash"),
        pytest.param("{API}", id="in capitals"),
        pytest.param(["{api}", "https://nowhere.example"], id="one good, one unknown"),
    ],
)
def test_a_resource_nobody_registered_is_refused(
    rp: RelyingParty, add_api: AddApi, resource: str | list[str]
) -> None:
    api = add_api()
    listed = [resource] if isinstance(resource, str) else resource
    asked = [each.replace("{api}", api).replace("{API}", api.upper()) for each in listed]
    assert rp.ask(resource=asked).outcome == "invalid_target"
    answer = rp.redeem(rp.authorize(), resource=asked)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_target")


def test_a_client_asks_only_for_what_it_is_registered_for(enrol: Enrol, add_api: AddApi) -> None:
    own, other = add_api(), add_api()
    rp = enrol(resources=[own])
    assert rp.ask(resource=other).outcome == "invalid_target"
    assert _audience(rp.tokens()) == own


@pytest.mark.parametrize(
    ("columns", "alg"), [({}, "ES256"), ({"algorithm": "RS256"}, "RS256")], ids=["usual", "RS256"]
)
def test_a_resource_says_how_its_tokens_are_signed(
    enrol: Enrol, add_api: AddApi, columns: dict[str, Any], alg: str
) -> None:
    api = add_api(**columns)
    client = enrol(**MACHINE, resources=[api])
    token = client.client_credentials().json()["access_token"]
    assert jwt.get_unverified_header(token)["alg"] == alg
    assert client.claims(token, audience=api)["aud"] == api


def test_a_resource_may_want_opaque_tokens(
    rp: RelyingParty, add_api: AddApi, resource_server: RelyingParty
) -> None:
    api = add_api(token_format="opaque")
    token = rp.tokens(resource=api)["access_token"]
    assert token.startswith("as_at_")
    assert resource_server.introspect(token).json()["aud"] == api
    assert rp.userinfo(token).status_code == 200


def test_a_resource_says_how_long_its_tokens_live(enrol: Enrol, add_api: AddApi) -> None:
    """Also for a client that cannot refresh, whose grant ends with its only token."""
    api = add_api(lifetime=timedelta(hours=1))
    for grants in (["authorization_code"], ["authorization_code", "refresh_token"]):
        rp = enrol(grant_types=grants)
        tokens = rp.tokens(resource=api)
        assert tokens["expires_in"] == 3600
        with time_machine.travel(time.time() + 3590):
            assert not rp.is_dead(tokens["access_token"])
        with time_machine.travel(time.time() + 3601):
            assert rp.is_dead(tokens["access_token"])


def test_resources_with_different_formats_are_not_mixed(rp: RelyingParty, add_api: AddApi) -> None:
    apis = [add_api(), add_api(token_format="opaque")]
    assert rp.ask(resource=apis).outcome == "invalid_target"


def _audience(tokens: dict[str, Any]) -> Any:
    claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    return claims["aud"]
