"""RFC 7591 §3.2.1 — what a client is told, once it is registered, is what is registered."""

from datetime import timedelta

import pytest

from authserver import models
from config import environment, policy
from config.policy import Registration
from tests import registrations
from tests.doors import Door
from tests.registrations import Newcomer
from tests.rp import WELL_KNOWN

pytestmark = pytest.mark.spec("RFC 7591 §3.2.1")


def test_a_client_that_says_little_gets_the_usual(newcomer: Newcomer) -> None:
    answer = newcomer.send()
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    told = answer.json()
    assert told["redirect_uris"] == registrations.WEB["redirect_uris"]
    assert told["grant_types"] == ["authorization_code"]
    assert told["response_types"] == ["code"]
    assert told["token_endpoint_auth_method"] == "client_secret_basic"
    assert {"openid", "profile", "email", "address", "phone"} <= set(told["scope"].split())
    assert told["pkce_required"] is True
    assert told["client_secret_expires_at"] == 0
    assert told["registration_client_uri"].endswith(f"?client_id={told['client_id']}")
    assert len(told["registration_access_token"]) > 40


def test_it_works_at_once(newcomer: Newcomer) -> None:
    told = newcomer.register(grant_types=["authorization_code", "refresh_token"])
    rp = newcomer.party(told)
    tokens = rp.tokens()
    assert rp.claims(tokens["id_token"])["aud"] == told["client_id"]
    assert rp.refresh(tokens["refresh_token"]).status_code == 200


def test_consent_is_asked_for_the_first_time(newcomer: Newcomer) -> None:
    rp = newcomer.party(newcomer.register(client_name="Notebook"))
    assert rp.person
    rp.person.visit(rp.url(rp.asking()))
    assert rp.authorize(decision="allow").outcome == "code"
    other = newcomer.party(newcomer.register(client_name="Notebook"))
    assert other.authorize(decision="deny").error == "access_denied"


def test_a_public_client_gets_no_secret_and_its_pages_may_call(newcomer: Newcomer) -> None:
    told = newcomer.register(token_endpoint_auth_method="none")
    assert "client_secret" not in told
    assert "client_secret_expires_at" not in told
    answer = newcomer.door.get(
        newcomer.party(told).address("userinfo"), headers={"Origin": "https://app.example"}
    )
    assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example"


def test_nothing_of_it_rests_readable(newcomer: Newcomer) -> None:
    told = newcomer.register()
    row = models.Client.objects.get(pk=told["client_id"])
    secret = models.ClientSecret.objects.get(client=row)
    resting = f"{row.__dict__} {secret.__dict__}"
    assert told["client_secret"] not in resting
    assert told["registration_access_token"] not in resting
    assert newcomer.door.peer not in resting
    assert row.registered_from


def test_secrets_expire_where_the_policy_says_so(newcomer: Newcomer) -> None:

    with policy.replaced(registration=registrations.permitting(secret_lifetime=timedelta(days=1))):
        told = newcomer.register()
    assert 86_000 < told["client_secret_expires_at"] - told["client_id_issued_at"] < 86_500


def test_closed_is_the_default_and_nothing_is_there(way_in: Door) -> None:
    assert Registration().mode is policy.RegistrationMode.CLOSED
    with policy.replaced(registration=Registration()):
        someone = Newcomer(door=way_in)
        told = {"registration_client_uri": f"{someone.address}?client_id=x"}
        answers = [someone.send(), *(someone.manage(m, told, token="x") for m in ("GET", "DELETE"))]
        assert {answer.status_code for answer in answers} == {404}


@pytest.mark.parametrize("mode", policy.RegistrationMode)
def test_the_metadata_names_the_endpoint_while_it_is_open(
    newcomer: Newcomer, mode: policy.RegistrationMode
) -> None:
    with policy.replaced(registration=Registration(mode=mode)):
        found = newcomer.door.get(f"{environment.current().issuer}{WELL_KNOWN}").json()
    closed = mode is policy.RegistrationMode.CLOSED
    assert found.get("registration_endpoint") == (None if closed else newcomer.address)


@pytest.mark.parametrize("method", ["PATCH", "TRACE", "CONNECT"])
def test_other_methods_are_refused(newcomer: Newcomer, method: str) -> None:
    answer = newcomer.door.send(method, newcomer.address)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, POST, PUT, DELETE, HEAD, OPTIONS"
