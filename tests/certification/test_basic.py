"""The modules of the Basic plan, each as the conformance suite plays it.

Form Post, Implicit and Hybrid are the same modules with another response mode or type.
"""

import secrets
import time
from typing import Any

import pytest
import time_machine

from tests.certification.suite import GRANTS, SCOPE, Suite, asked
from tests.rp import RelyingParty

pytestmark = [pytest.mark.spec("OIDC Core §15.1"), pytest.mark.leg("sqlite")]

PROFILE = """name family_name given_name middle_name nickname preferred_username profile picture
website gender birthdate zoneinfo locale updated_at"""
CLAIMS = {
    "profile": PROFILE.split(),
    "email": ["email", "email_verified"],
    "address": ["address"],
    "phone": ["phone_number", "phone_number_verified"],
}
REGISTERED = {"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "sid"}
REGISTERED |= {"at_hash", "c_hash", "s_hash", "nbf", "jti"}


@pytest.fixture
def client(suite: Suite) -> RelyingParty:
    """Return the usual client."""
    return suite.client()


def signed_in(client: RelyingParty, **changes: Any) -> dict[str, Any]:
    """Sign the person in and return the ID token's claims."""
    return client.claims(client.tokens(**asked(**changes))["id_token"])


def userinfo(client: RelyingParty, **changes: Any) -> dict[str, Any]:
    """Sign the person in and return what userinfo says."""
    answer = client.userinfo(client.tokens(**asked(**changes))["access_token"])
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.parametrize("mode", [None, "form_post"])
@pytest.mark.parametrize("kind", GRANTS)
def test_server(suite: Suite, kind: str, mode: str | None) -> None:
    client = suite.client(kind)
    arrival = client.authorize(**asked(kind, response_mode=mode))
    assert arrival.mode == (mode or ("query" if kind == "code" else "fragment"))
    assert arrival.parameters["state"] == arrival.asked.value("state")
    if "id_token" in kind:
        claims = client.claims(arrival.parameters["id_token"])
        assert ("at_hash" in claims) is ("access_token" in arrival.parameters)
        assert ("c_hash" in claims) is ("code" in kind)
        assert claims["nonce"] == arrival.asked.value("nonce")
    if "code" in kind:
        tokens = client.redeem(arrival).json()
        claims = client.claims(tokens["id_token"])
        assert set(claims) <= REGISTERED
        assert claims["nonce"] == arrival.asked.value("nonce")
        assert client.userinfo(tokens["access_token"]).json()["sub"] == claims["sub"]
    elif "token" in kind.split():
        assert client.userinfo(arrival.parameters["access_token"]).status_code == 200


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
def test_server_client_secret_post(suite: Suite, method: str) -> None:
    assert signed_in(suite.client(token_endpoint_auth_method=method))["sub"]


def test_response_type_missing(client: RelyingParty) -> None:
    arrival = client.ask(**asked(response_type=None))
    assert arrival.error in {"invalid_request", "unsupported_response_type"}


@pytest.mark.parametrize("kind", ["id_token", "id_token token", "code id_token"])
def test_ensure_request_without_nonce_fails(suite: Suite, kind: str) -> None:
    arrival = suite.client(kind).ask(**asked(kind, nonce=None))
    assert (arrival.mode, arrival.error) == ("fragment", "invalid_request")


def test_ensure_request_without_nonce_succeeds_for_code_flow(client: RelyingParty) -> None:
    assert "nonce" not in signed_in(client, nonce=None)


def test_userinfo_by_get_and_by_post_in_header_or_body(client: RelyingParty) -> None:
    token = client.tokens(**asked())["access_token"]
    header, address = {"Authorization": f"Bearer {token}"}, client.address("userinfo")
    answers = [
        client.door.get(address, headers=header),
        client.door.post(address, {}, headers=header),
        client.door.post(address, {"access_token": token}),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len({answer.body for answer in answers}) == 1


@pytest.mark.parametrize("scope", [*CLAIMS, "email phone address profile"])
def test_scopes(client: RelyingParty, scope: str) -> None:
    told = userinfo(client, scope=f"{SCOPE} {scope}")
    assert set(told) == {"sub", *(claim for one in scope.split() for claim in CLAIMS[one])}
    assert isinstance(told.get("updated_at", 0), int)


def test_scopes_of_an_id_token_alone(suite: Suite) -> None:
    client = suite.client("id_token")
    arrival = client.authorize(**asked("id_token", scope=f"{SCOPE} profile email address phone"))
    claims = client.claims(arrival.parameters["id_token"])
    assert {claim for claims_of in CLAIMS.values() for claim in claims_of} <= set(claims)


def test_alternate_happy_flow(client: RelyingParty) -> None:
    assert "email" in userinfo(client, scope=f"email {SCOPE}")


def test_prompt_login(client: RelyingParty) -> None:
    first = signed_in(client)
    with time_machine.travel(time.time() + 1):
        again = signed_in(client, prompt="login")
    assert again["auth_time"] > first["auth_time"]


def test_prompt_none_not_logged_in(client: RelyingParty) -> None:
    assert client.person
    assert client.ask(client.person.elsewhere(), **asked(prompt="none")).error == "login_required"


@pytest.mark.parametrize("hinted", [False, True])
def test_prompt_none_logged_in_and_id_token_hint(client: RelyingParty, hinted: bool) -> None:
    token = client.tokens(**asked())["id_token"]
    more = {"id_token_hint": token} if hinted else {}
    first, again = client.claims(token), signed_in(client, prompt="none", **more)
    assert (first["sub"], first["auth_time"]) == (again["sub"], again["auth_time"])


def test_max_age_1(client: RelyingParty) -> None:
    first = signed_in(client)
    with time_machine.travel(time.time() + 2):
        again = signed_in(client, max_age="1")
    assert again["auth_time"] > first["auth_time"]


def test_max_age_10000(client: RelyingParty) -> None:
    first = signed_in(client)
    again = signed_in(client, max_age="10000", prompt="none")
    assert (first["sub"], first["auth_time"]) == (again["sub"], again["auth_time"])


@pytest.mark.parametrize(
    "changes",
    [
        {"extra": "foobar"},
        {"display": "page"},
        {"display": "popup"},
        {"ui_locales": "se"},
        {"claims_locales": "se"},
        {"login_hint": "buffy@suite.example"},
        {"state": secrets.token_urlsafe(96)},
    ],
    ids=lambda changes: "=".join(next(iter(changes.items())))[:20],
)
def test_parameters_that_change_nothing(client: RelyingParty, changes: dict[str, str]) -> None:
    assert signed_in(client, **changes)["sub"]


def test_ensure_request_with_acr_values_succeeds(client: RelyingParty) -> None:
    offered = client.metadata["acr_values_supported"]
    assert signed_in(client, acr_values=" ".join(offered))["acr"] in offered


@pytest.mark.parametrize("delay", [0, 30])
def test_codereuse(client: RelyingParty, delay: int) -> None:
    arrival = client.authorize(**asked())
    token = client.redeem(arrival).json()["access_token"]
    with time_machine.travel(time.time() + delay):
        again = client.redeem(arrival)
        assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
        assert client.userinfo(token).status_code == 401


def test_ensure_registered_redirect_uri(client: RelyingParty) -> None:
    arrival = client.ask(**asked(redirect_uri=f"{client.redirect_uri}/other"))
    assert arrival.outcome == "shown"


def test_ensure_post_request_succeeds(client: RelyingParty) -> None:
    client.tokens(**asked())
    assert client.ask(method="POST", **asked()).outcome == "code"


def test_claims_essential(client: RelyingParty) -> None:
    claims = '{"userinfo":{"name":{"essential":true}}}'
    tokens = client.tokens(**asked(claims=claims))
    assert client.userinfo(tokens["access_token"]).json()["name"]
    assert "name" not in client.claims(tokens["id_token"])


def test_claims_essential_of_an_id_token_alone(suite: Suite) -> None:
    client = suite.client("id_token")
    claims = '{"id_token":{"name":{"essential":true}}}'
    arrival = client.authorize(**asked("id_token", claims=claims))
    assert client.claims(arrival.parameters["id_token"])["name"]


def test_refresh_token(suite: Suite) -> None:
    grants = ["authorization_code", "refresh_token"]
    one, other = (suite.client(grant_types=grants) for _ in range(2))
    wanted = asked(scope=f"{SCOPE} offline_access", prompt="consent")
    first = one.tokens(**wanted)
    with time_machine.travel(time.time() + 1):
        again = one.refresh(first["refresh_token"], scope=wanted["scope"]).json()
        before, after = (one.claims(tokens["id_token"]) for tokens in (first, again))
    for claim in ("iss", "sub", "aud", "auth_time"):
        assert before[claim] == after[claim]
    assert after["iat"] > before["iat"]
    stolen = one.refresh(other.tokens(**wanted)["refresh_token"])
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")


def test_ensure_request_with_valid_pkce_succeeds(client: RelyingParty) -> None:
    assert client.tokens(scope=SCOPE)["id_token"]
