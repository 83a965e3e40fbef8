"""RFC 8414 §2 — what is not offered is nowhere: no endpoint, no word in the metadata, no effect."""

import pytest

from tests.parties import Enrol
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 8414 §2")

SILENT = {
    "pushed_authorization_request_endpoint",
    "require_pushed_authorization_requests",
    "device_authorization_endpoint",
    "backchannel_authentication_endpoint",
    "dpop_signing_alg_values_supported",
    "tls_client_certificate_bound_access_tokens",
    "mtls_endpoint_aliases",
    "authorization_details_types_supported",
    "authorization_signing_alg_values_supported",
    "introspection_signing_alg_values_supported",
    "client_id_metadata_document_supported",
    "request_object_encryption_alg_values_supported",
    "grant_management_endpoint",
}
NOWHERE = [
    *("par", "device", "device_authorization", "bc-authorize", "ciba", "exchange", "status"),
    *("mtls/token", "grants", "challenge"),
]


def test_the_metadata_is_silent(rp: RelyingParty) -> None:
    assert not SILENT & set(rp.metadata)


@pytest.mark.parametrize("name", NOWHERE)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_there_is_no_such_endpoint(rp: RelyingParty, name: str, method: str) -> None:
    assert rp.door.send(method, f"{rp.issuer}/oauth2/{name}").status_code in {403, 404}


@pytest.mark.parametrize("name", ["account/google/login/", "account/saml/x/acs/", "scim/v2/Users"])
def test_nobody_signs_in_from_elsewhere(rp: RelyingParty, name: str) -> None:
    assert rp.door.get(f"{rp.issuer}/{name}").status_code == 404


def test_a_pushed_request_is_unknown(rp: RelyingParty) -> None:
    asked = rp.ask(request_uri="urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c")
    assert asked.error == "invalid_request_uri"


def test_a_key_to_bind_to_is_ignored_and_nobody_is_told_otherwise(rp: RelyingParty) -> None:
    issued = rp.tokens(dpop_jkt="0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I")
    assert issued["token_type"] == "Bearer"
    assert "cnf" not in rp.introspect(issued["access_token"]).json()


@pytest.mark.parametrize(
    "header", ["X-SSL-Client-Cert", "X-Forwarded-Client-Cert", "SSL_CLIENT_S_DN", "X-Client-DN"]
)
def test_a_certificate_in_a_header_proves_nobody(enrol: Enrol, header: str) -> None:
    app = enrol(grant_types=["client_credentials"], redirect_uris=[])
    answer = app.door.post(
        app.address("token"),
        {"grant_type": "client_credentials", "client_id": app.client_id},
        headers={header: f"CN={app.client_id}"},
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
