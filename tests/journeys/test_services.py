"""Services and their APIs, written with Authlib: every way of client authentication, one API."""

import pytest
from authlib.integrations.base_client import OAuthError

from authserver import registrar
from tests.journeys import authlib_client
from tests.parties import MACHINE, AddApi, Enrol
from tests.rp import RelyingParty

METHODS = ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt"]


@pytest.mark.parametrize("method", METHODS)
def test_a_service_gets_a_token_and_the_api_believes_it(
    enrol: Enrol, add_api: AddApi, method: str
) -> None:
    api = add_api()
    service = enrol(**MACHINE, token_endpoint_auth_method=method, scope=api, resources=[api])
    client = authlib_client.of(service)
    guard = authlib_client.of(enrol(**MACHINE, may_introspect=[api]))
    endpoint = service.address("introspection")

    token = client.fetch_token(grant_type="client_credentials", scope=api)["access_token"]
    seen = guard.introspect_token(endpoint, token=token).json()
    assert (seen["active"], seen["client_id"], seen["aud"]) == (True, service.client_id, api)

    assert client.revoke_token(service.address("revocation"), token=token).status_code == 200
    assert guard.introspect_token(endpoint, token=token).json() == {"active": False}


def test_an_api_sees_nothing_of_another_apis_tokens(enrol: Enrol, add_api: AddApi) -> None:
    api, other = add_api(), add_api()
    service = authlib_client.of(enrol(**MACHINE, scope=api, resources=[api]))
    stranger = enrol(**MACHINE, may_introspect=[other])
    token = service.fetch_token(grant_type="client_credentials")["access_token"]
    endpoint = stranger.address("introspection")
    seen = authlib_client.of(stranger).introspect_token(endpoint, token=token).json()
    assert seen == {"active": False}


def test_a_secret_is_rotated_without_an_outage(enrol: Enrol) -> None:
    service = enrol(**MACHINE)
    client = authlib_client.of(service)
    fresh = registrar.rotate_secret(service.client_id)
    assert client.fetch_token(grant_type="client_credentials")["access_token"]
    client.client_secret = fresh
    assert client.fetch_token(grant_type="client_credentials")["access_token"]
    client.client_secret = "neither"
    with pytest.raises(OAuthError, match="invalid_client"):
        client.fetch_token(grant_type="client_credentials")


def test_a_command_line_program_signs_in_by_a_loopback_port(public: RelyingParty) -> None:
    uri = "http://127.0.0.1:49152/cb"
    client = authlib_client.of(public, scope="openid")
    client.redirect_uri = uri
    verifier = "v" * 64
    url, state = client.create_authorization_url(
        public.address("authorization"), code_verifier=verifier
    )
    assert public.person
    location = public.person.visit(url).location
    assert location.startswith(f"{uri}?")
    token = client.fetch_token(authorization_response=location, state=state, code_verifier=verifier)
    before = token["refresh_token"]
    assert client.refresh_token()["refresh_token"] != before
