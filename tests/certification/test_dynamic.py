"""The modules of the plans Config, Dynamic and 3rd Party-Init Login, as the suite plays them."""

import json
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
import time_machine

from config import outbox
from tests import published, registrations
from tests.browser import Page
from tests.certification import suite as suites
from tests.certification.suite import CALLBACK, Suite, asked
from tests.published import Site
from tests.rp import Asked, RelyingParty
from tokens import keys, ring

pytestmark = [pytest.mark.spec("OIDC Core §15.2"), pytest.mark.leg("sqlite")]

QUERY = f"{CALLBACK}?dummy1=lorem&dummy2=ipsum"


@pytest.fixture
def site() -> Iterator[Site]:
    """Serve what the server fetches from the suite."""
    with published.site() as found:
        yield found


def refused(suite: Suite, **members: Any) -> str:
    """Register a client that must be refused; return the error."""
    answer = suite.send(**members)
    assert answer.status_code == 400, answer.text
    return str(answer.json()["error"])


def uses(client: RelyingParty, **changes: Any) -> dict[str, Any]:
    """Sign the person in and return the tokens."""
    return client.tokens(**asked(**changes))


def managed(suite: Suite, method: str, told: dict[str, Any]) -> Any:
    """Call a client's own configuration."""
    return registrations.Newcomer(door=suite.door).manage(method, told)


def test_discovery_endpoint_verification(suite: Suite) -> None:
    told = suite.client().metadata
    types = {frozenset(kind.split()) for kind in told["response_types_supported"]}
    for kind in ("code", "id_token", "id_token token"):
        assert frozenset(kind.split()) in types
    assert {"authorization_code", "implicit"} <= set(told["grant_types_supported"])
    assert {"public", "pairwise"} == set(told["subject_types_supported"])
    for name in ("id_token", "request_object"):
        assert "RS256" in told[f"{name}_signing_alg_values_supported"]
    assert "openid" in told["scopes_supported"]
    assert told["request_uri_parameter_supported"] is True
    assert told["claims_parameter_supported"] is True
    for name, place in told.items():
        if name.endswith("_endpoint") or name in {"jwks_uri", "check_session_iframe"}:
            assert place.startswith(f"{told['issuer']}/"), name
    for channel in ("backchannel", "frontchannel"):
        assert told[f"{channel}_logout_supported"] is True
        assert told[f"{channel}_logout_session_supported"] is True


@pytest.mark.parametrize("kind", suites.GRANTS)
def test_server_with_a_key_of_its_own(suite: Suite, kind: str) -> None:
    client = suite.client(kind, key=suites.key_pair())
    arrival = client.authorize(**asked(kind))
    if "code" in kind:
        assert client.redeem(arrival).status_code == 200
    else:
        assert "id_token" in arrival.parameters


def test_ensure_client_assertion_with_iss_aud_succeeds(suite: Suite) -> None:
    client = suite.client(key=suites.key_pair())
    assert isinstance(client.credentials, suites.Assertion)
    client.credentials.audience = client.issuer
    assert uses(client)["id_token"]


@pytest.mark.parametrize("registered", [None, "RS256"])
def test_idtoken_rs256(suite: Suite, registered: str | None) -> None:
    client = suite.client(id_token_signed_response_alg=registered)
    header = jwt.get_unverified_header(uses(client)["id_token"])
    assert header["alg"] == "RS256"
    assert header["kid"]


def test_idtoken_unsigned(suite: Suite) -> None:
    assert "none" not in suite.client().metadata["id_token_signing_alg_values_supported"]
    assert refused(suite, id_token_signed_response_alg="none") == "invalid_client_metadata"


def test_userinfo_rs256(suite: Suite) -> None:
    client = suite.client(userinfo_signed_response_alg="RS256")
    answer = client.userinfo(uses(client)["access_token"])
    assert answer.headers["Content-Type"] == "application/jwt"
    assert jwt.get_unverified_header(answer.text)["alg"] == "RS256"
    assert client.claims(answer.text)["sub"]


def test_ensure_redirect_uri_in_authorization_request(suite: Suite) -> None:
    client = suite.client(redirect_uris=[CALLBACK, f"{CALLBACK}/second"])
    assert client.ask(**asked(redirect_uri=None)).outcome == "shown"


def test_redirect_uri_query_ok(suite: Suite) -> None:
    arrival = suite.client(redirect_uris=[QUERY]).authorize(**asked())
    assert arrival.response.location.startswith(f"{QUERY}&")
    assert arrival.code


@pytest.mark.parametrize(
    ("registered", "sent"),
    [(QUERY, QUERY.replace("lorem", "dolor")), (CALLBACK, QUERY)],
    ids=["mismatch", "added"],
)
def test_redirect_uri_query_mismatch_and_added(suite: Suite, registered: str, sent: str) -> None:
    client = suite.client(redirect_uris=[registered])
    assert client.ask(**asked(redirect_uri=sent)).outcome == "shown"


def test_redirect_uri_regfrag(suite: Suite) -> None:
    assert refused(suite, redirect_uris=[f"{CALLBACK}#foo"]) == "invalid_redirect_uri"


@pytest.mark.parametrize("member", ["policy_uri", "tos_uri"])
def test_registration_of_links(suite: Suite, member: str) -> None:
    address = f"https://suite.example/{member}"
    members: dict[str, Any] = {member: address}
    client = suite.client(**members)
    assert client.person
    page = client.person.elsewhere().browser.open(client.url(client.asking(**asked())))
    assert address in Page(page).links.values()


def test_registration_logo_uri(suite: Suite, site: Site) -> None:
    site.document = b"\x89PNG\r\n\x1a\n a picture"
    client = suite.client(logo_uri=f"{site.origin}/images/openid.png")
    outbox.deliver_due()
    assert client.person
    page = client.person.elsewhere().browser.open(client.url(client.asking(**asked())))
    (logo,) = (load for load in Page(page).loads if "logo" in load)
    assert logo.startswith(f"{client.issuer}/")
    assert client.door.get(logo).body == site.document


def test_registration_jwks_uri_and_key_rotation(suite: Suite, site: Site) -> None:
    first, second = (suites.key_pair(named=True) for _ in range(2))
    site.document = first.jwks
    grants = ["authorization_code", "refresh_token"]
    client = suite.client(key=first, jwks_uri=site.url, grant_types=grants)
    tokens = uses(client, scope="openid offline_access", prompt="consent")
    site.document = second.jwks
    assert isinstance(client.credentials, suites.Assertion)
    client.credentials.key = second
    with time_machine.travel(time.time() + 60):
        assert client.refresh(tokens["refresh_token"]).status_code == 200


def test_registration_sector_uri_and_sector_bad(suite: Suite, site: Site) -> None:
    site.document = [CALLBACK]
    pairwise = {"subject_type": "pairwise", "sector_identifier_uri": site.url}
    assert suite.register(**pairwise)["subject_type"] == "pairwise"
    site.document = ["https://suite.example/another"]
    assert refused(suite, **pairwise) == "invalid_client_metadata"


def test_server_rotate_keys(suite: Suite) -> None:
    client = suite.client()

    def published_kids() -> set[str]:
        answer = client.door.get(client.metadata["jwks_uri"])
        return {key["kid"] for key in answer.json()["keys"]}

    before = published_kids()
    keys.rotate("RS256")
    ring.forget()
    assert before < published_kids()


@pytest.mark.parametrize("kind", ["code", "code id_token"])
def test_request_uri_signed_rs256(suite: Suite, site: Site, kind: str) -> None:
    key, reference = suites.key_pair(), f"{site.url}#0Xw_rIhBN6m3LgGWmSBGAMWgZz3lqUqAC9KbzKbwTCs"
    client = suite.client(
        kind, key=key, request_uris=[reference], request_object_signing_alg="RS256"
    )
    within = client.asking(**asked(kind))
    claims = {**within.parameters, "aud": client.issuer, "iss": client.client_id}
    site.document = key.sign(claims).encode()
    site.headers = {"Content-Type": "application/jwt"}
    beside = ("client_id", "response_type", "scope", "redirect_uri")
    parameters = {name: within.parameters[name] for name in beside}
    assert client.person
    sent = Asked(parameters={**parameters, "request_uri": reference}, verifier=None)
    address = client.url(sent)
    arrival = client.arrival(within, client.person.visit(address))
    assert arrival.code
    assert arrival.parameters["state"] == within.value("state")


def test_unsigned_requests_are_not_offered(suite: Suite) -> None:
    client = suite.client()
    assert "none" not in client.metadata["request_object_signing_alg_values_supported"]
    arrival = client.ask(**asked(request="eyJhbGciOiJub25lIn0.e30."))
    assert arrival.outcome == "invalid_request_object"


def test_3rd_party_init_login(suite: Suite) -> None:
    address = "https://suite.example/test/a/authserver/initiate_login"
    told = suite.register(initiate_login_uri=address)
    assert told["initiate_login_uri"] == address
    shown = managed(suite, "GET", told)
    assert (shown.status_code, shown.json()["initiate_login_uri"]) == (200, address)
    assert managed(suite, "DELETE", told).status_code == 204, "every module ends so"


def test_3rd_party_init_login_nohttps(suite: Suite, site: Site) -> None:
    for origin in ("http://suite.example", site.origin):  # a private host may be asked, no more
        assert refused(suite, initiate_login_uri=f"{origin}/login") == "invalid_client_metadata"


def test_the_clients_of_the_page_can_be_imported(suite: Suite) -> None:
    listed = json.loads(suites.example("clients.json"))
    assert len({each["client_id"] for each in listed}) == 3
    assert suites.import_problems(listed) == []
