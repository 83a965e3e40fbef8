"""RFC 6749 §4.4 — a client's own token: about no person, and never with a refresh token."""

from typing import Any

import jwt
import pytest

from authserver import registrar
from tests.parties import MACHINE, AddApi, Enrol
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 6749 §4.4")

METHODS = ["client_secret_basic", "client_secret_post", "private_key_jwt", "client_secret_jwt"]


@pytest.mark.parametrize("method", METHODS)
def test_a_client_gets_a_token_for_itself(enrol: Enrol, add_api: AddApi, method: str) -> None:
    api = add_api()
    client = enrol(**MACHINE, token_endpoint_auth_method=method, scope=api, resources=[api])
    answer = client.client_credentials(scope=api)
    assert answer.status_code == 200
    assert set(answer.json()) == {"access_token", "token_type", "expires_in", "scope"}
    assert answer.headers["Cache-Control"] == "no-store"
    token = answer.json()["access_token"]
    claims = client.claims(token, audience=api)
    assert jwt.get_unverified_header(token)["typ"] == "at+jwt"
    assert (claims["sub"], claims["client_id"]) == (client.client_id, client.client_id)
    assert claims["scope"] == answer.json()["scope"] == api
    assert {"auth_time", "acr", "sid"}.isdisjoint(claims)


def test_without_a_scope_the_default_ones_are_given(enrol: Enrol, add_api: AddApi) -> None:
    api, other = add_api(), add_api()
    client = enrol(**MACHINE, scope=f"openid {api} {other}", default_scope=f"openid {api}")
    assert client.client_credentials().json()["scope"] == api


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        pytest.param({"scope": "openid"}, "invalid_scope", id="openid is about a person"),
        pytest.param({"scope": "offline_access"}, "invalid_scope", id="so is offline_access"),
        pytest.param({"scope": "bogus"}, "invalid_scope", id="unknown scope"),
        pytest.param({"scope": "phone"}, "invalid_scope", id="scope of other clients"),
        pytest.param({"scope": ["email", "email"]}, "invalid_request", id="two scopes"),
        pytest.param({"resource": "https://nowhere.example"}, "invalid_target", id="resource"),
        pytest.param({"resource": "not a uri"}, "invalid_target", id="no resource"),
    ],
)
def test_what_the_client_may_not_have_is_refused(
    enrol: Enrol, changes: dict[str, Any], error: str
) -> None:
    client = enrol(**MACHINE, scope="openid offline_access email")
    answer = client.client_credentials(**changes)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_a_client_not_registered_for_it_is_refused(rp: RelyingParty) -> None:
    answer = rp.client_credentials()
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


def test_a_public_client_has_no_credentials(public: RelyingParty) -> None:
    answer = public.client_credentials()
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_public_client_cannot_be_registered_for_it(enrol: Enrol) -> None:
    with pytest.raises(registrar.RefusedError, match="grant_types"):
        enrol(**MACHINE, token_endpoint_auth_method="none")


def test_such_a_token_opens_no_userinfo(machine: RelyingParty) -> None:
    token = machine.client_credentials().json()["access_token"]
    answer = machine.userinfo(token)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


def test_such_a_token_refreshes_nothing(machine: RelyingParty) -> None:
    token = machine.client_credentials().json()["access_token"]
    answer = machine.refresh(token)
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


def test_a_removed_client_leaves_no_token(
    machine: RelyingParty, resource_server: RelyingParty
) -> None:
    token = machine.client_credentials().json()["access_token"]
    assert not resource_server.is_dead(token)
    registrar.remove(machine.client_id)
    assert resource_server.is_dead(token)
    assert machine.client_credentials().status_code == 401
