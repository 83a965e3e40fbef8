"""RFC 6749 §1.6 — nothing is said in the clear: by mode, way in and class of route."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from ipaddress import ip_network

import pytest

from config import environment
from config.variables import Mode
from tests.doors import Door, Response
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 6749 §1.6")
PROXY, STRANGER = "10.0.0.1", "192.0.2.9"
PROTO, HOST = "X-Forwarded-Proto", "X-Forwarded-Host"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a request comes: over what, by whom, with which words."""

    scheme: str
    peer: str = STRANGER
    says: Mapping[str, str]
    is_secure: bool
    is_told: bool = False
    """Whether a page names the proxy instead of redirecting for ever."""


WAYS = {
    "in the clear": Way(scheme="http", says={}, is_secure=False),
    "over TLS": Way(scheme="https", says={}, is_secure=True),
    "over TLS, though the client denies it": Way(
        scheme="https", says={PROTO: "http"}, is_secure=True
    ),
    "proxy, TLS": Way(scheme="http", peer=PROXY, says={PROTO: "https"}, is_secure=True),
    "proxy, TLS, shouting": Way(scheme="http", peer=PROXY, says={PROTO: "HTTPS"}, is_secure=True),
    "proxy, clear": Way(scheme="http", peer=PROXY, says={PROTO: "http"}, is_secure=False),
    "proxy, silent": Way(scheme="http", peer=PROXY, says={}, is_secure=False),
    "proxy, its own word is the last": Way(
        scheme="http", peer=PROXY, says={PROTO: "https, http"}, is_secure=False
    ),
    "proxy behind a proxy": Way(
        scheme="http", peer=PROXY, says={PROTO: "http, https"}, is_secure=True
    ),
    "proxy, nonsense": Way(scheme="http", peer=PROXY, says={PROTO: "https;x"}, is_secure=False),
    "proxy, empty": Way(scheme="http", peer=PROXY, says={PROTO: ""}, is_secure=False),
    "stranger who claims it": Way(
        scheme="http", says={PROTO: "https"}, is_secure=False, is_told=True
    ),
    "stranger who claims a proxy": Way(
        scheme="http",
        says={PROTO: "https", "X-Forwarded-For": PROXY, HOST: "localhost:8000"},
        is_secure=False,
        is_told=True,
    ),
    "stranger with other words": Way(
        scheme="http",
        says={"Forwarded": "proto=https", "X-Forwarded-Ssl": "on", "Front-End-Https": "on"},
        is_secure=False,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """Which mode, and what the issuer's scheme is."""

    mode: Mode
    scheme: str

    @contextmanager
    def running(self) -> Iterator[None]:
        issuer = f"{self.scheme}://localhost:8000"
        trusted = (ip_network(PROXY),)
        with environment.replaced(mode=self.mode, issuer=issuer, trusted_proxies=trusted):
            yield


DEPLOYMENTS = {
    "production": Deployment(mode=Mode.PRODUCTION, scheme="https"),
    "development with https": Deployment(mode=Mode.DEVELOPMENT, scheme="https"),
    "production on this machine": Deployment(mode=Mode.PRODUCTION, scheme="http"),
    "development": Deployment(mode=Mode.DEVELOPMENT, scheme="http"),
}
PAGES = ["/", "/account/login/", "/admin/login/", "/oauth2/authorize?client_id=x", "/nowhere"]
PAGES += ["/static/accounts/icon.svg", "/setup/x", "/api/v1/docs", "/oauth2/logout?state=x"]
MACHINES = {
    "/oauth2/token": "POST",
    "/oauth2/introspect": "POST",
    "/oauth2/revoke": "POST",
    "/oauth2/userinfo": "GET",
    "/oauth2/register": "POST",
    "/oauth2/jwks": "GET",
    "/.well-known/openid-configuration": "GET",
    "/oauth2/check-session": "GET",
}
API = {"/api/v1/users": "GET", "/api/v1/users/me": "PATCH", "/api/v1/nowhere": "GET"}


@pytest.fixture(params=WAYS, ids=str)
def way(request: pytest.FixtureRequest) -> Way:
    return WAYS[request.param]


@pytest.fixture(params=DEPLOYMENTS, ids=str)
def deployment(request: pytest.FixtureRequest, signing_keys: None) -> Iterator[Deployment]:
    found = DEPLOYMENTS[request.param]
    with found.running():
        yield found


def ask(door: str, way: Way, method: str, path: str, **more: str) -> Response:
    form = {"Content-Type": "application/x-www-form-urlencoded"} if method != "GET" else {}
    return Door(name=door, peer=way.peer, scheme=way.scheme).send(
        method, path, headers={**form, **way.says, **more}
    )


def is_refused(deployment: Deployment, way: Way) -> bool:
    return deployment.scheme == "https" and not way.is_secure


def test_pages_lead_to_https(door: str, way: Way, deployment: Deployment) -> None:
    for path in PAGES:
        for method in ("GET", "HEAD"):
            answer = ask(door, way, method, path)
            led = answer.headers["Location"] == f"https://localhost:8000{path}"
            if not is_refused(deployment, way):
                assert answer.status_code not in {403, 421} or path.startswith("/admin"), path
                assert not led, path
            elif way.is_told:
                assert (answer.status_code, led) == (403, False), path
                assert method == "HEAD" or "AUTHSERVER_TRUSTED_PROXIES" in answer.text
            else:
                assert (answer.status_code, led) == (302, True), path
                assert answer.headers["Set-Cookie"] is None, path


def test_forms_are_not_sent_once_more(door: str, way: Way, deployment: Deployment) -> None:
    """Their password came in the clear; a redirect would have it sent again and hide that."""
    for path in ("/account/login/", "/oauth2/consent", "/admin/login/"):
        answer = ask(door, way, "POST", path)
        refused = answer.status_code == 403 and "HTTPS" in answer.text
        assert refused is is_refused(deployment, way), path
        if refused:
            assert answer.headers["Location"] is None, path
            assert answer.headers["Set-Cookie"] is None, path


def test_machine_endpoints_refuse(door: str, way: Way, deployment: Deployment) -> None:
    for path, method in MACHINES.items():
        answer = ask(door, way, method, path)
        refused = "only served over HTTPS" in answer.text
        assert refused is is_refused(deployment, way), path
        if refused:
            assert answer.status_code == 400, path
            assert answer.json()["error"] == "invalid_request", path
            assert answer.headers["Location"] is None, path


def test_the_api_refuses(door: str, way: Way, deployment: Deployment) -> None:
    for path, method in API.items():
        answer = ask(door, way, method, path, Authorization="Bearer x")
        refused = answer.status_code == 403
        assert refused is is_refused(deployment, way), (path, answer.text)
        assert answer.headers["Content-Type"] == "application/problem+json", path
        if refused:
            assert answer.json()["success"] is False
            assert "HTTPS" in answer.text
            assert answer.headers["Location"] is None
            assert answer.headers["WWW-Authenticate"] is None, "no invitation to send it again"


def test_probes_answer_everybody(door: str, way: Way, deployment: Deployment) -> None:
    """Who looks after the machine asks in the clear, and hears nothing secret."""
    assert ask(door, way, "GET", "/livez").status_code == 200, deployment


@pytest.fixture
def production(signing_keys: None) -> Iterator[None]:
    with DEPLOYMENTS["production"].running():
        yield


@pytest.mark.usefixtures("production")
class TestNothingHappens:
    def in_the_clear(self, rp: RelyingParty) -> RelyingParty:
        return replace(rp, door=replace(rp.door, scheme="http"))

    def test_a_code_is_neither_redeemed_nor_spoilt(self, rp: RelyingParty) -> None:
        arrival = rp.authorize()
        refused = self.in_the_clear(rp).redeem(arrival)
        assert (refused.status_code, set(refused.json())) == (
            400,
            {"error", "error_description"},
        )
        assert rp.redeem(arrival).status_code == 200

    def test_a_refresh_token_is_not_turned(self, rp: RelyingParty) -> None:
        tokens = rp.tokens(scope="openid offline_access")
        assert self.in_the_clear(rp).refresh(tokens["refresh_token"]).status_code == 400
        assert rp.refresh(tokens["refresh_token"]).status_code == 200

    def test_a_token_is_not_revoked_or_shown(self, rp: RelyingParty) -> None:
        token = rp.tokens()["access_token"]
        clear = self.in_the_clear(rp)
        assert clear.revoke(token).status_code == 400
        refused = clear.userinfo(token)
        assert refused.status_code == 400
        assert "sub" not in refused.json()
        assert rp.userinfo(token).status_code == 200

    def test_a_grant_without_a_person_neither(self, machine: RelyingParty) -> None:
        refused = self.in_the_clear(machine).client_credentials()
        assert (refused.status_code, "access_token" in refused.json()) == (400, False)
        assert machine.client_credentials().status_code == 200
