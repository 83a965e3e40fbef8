"""Fetch §3.2 (CORS) — pages of which origins may read an answer, and none with cookies."""

from collections.abc import Callable

import pytest

from authserver import clients, cors, registrar
from tests.api import Program
from tests.doors import Response
from tests.parties import Enrol
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("Fetch §3.2")

APP = "https://spa.example"
FOR_CLIENTS = ("token", "userinfo", "introspection", "revocation")


@pytest.fixture
def spa(enrol: Enrol) -> RelyingParty:
    """Return a client whose page calls from its own origin."""
    return enrol(token_endpoint_auth_method="none", cors_origins=[APP])


def _call(rp: RelyingParty, endpoint: str, origin: str, method: str = "POST") -> Response:
    asked = {"Access-Control-Request-Method": "POST"} if method == "OPTIONS" else {}
    return rp.door.send(method, rp.address(endpoint), headers={"Origin": origin, **asked})


@pytest.mark.parametrize("endpoint", FOR_CLIENTS)
def test_a_registered_origin_may_read_even_errors(spa: RelyingParty, endpoint: str) -> None:
    answer = _call(spa, endpoint, APP)
    assert answer.status_code in {400, 401}
    assert answer.headers["Access-Control-Allow-Origin"] == APP
    assert answer.headers["Vary"] == "Origin"
    assert answer.headers["Access-Control-Allow-Credentials"] is None


@pytest.mark.parametrize("endpoint", FOR_CLIENTS)
def test_it_may_ask_before(spa: RelyingParty, endpoint: str) -> None:
    answer = _call(spa, endpoint, APP, "OPTIONS")
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == APP
    assert "POST" in (answer.headers["Access-Control-Allow-Methods"] or "")
    assert "Authorization" in (answer.headers["Access-Control-Allow-Headers"] or "")


@pytest.mark.parametrize("endpoint", FOR_CLIENTS)
@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        f"{APP}.evil.example",
        f"{APP}:444",
        "http://spa.example",
        f"{APP}/",
        "https://SPA.example",
        "*",
    ],
)
@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
def test_any_other_origin_may_not(
    spa: RelyingParty, endpoint: str, origin: str, method: str
) -> None:
    answer = _call(spa, endpoint, origin, method)
    assert answer.headers["Access-Control-Allow-Origin"] is None
    assert answer.headers["Vary"] == "Origin", "a cache must not hand one's answer to the other"


def test_a_page_goes_the_whole_way(spa: RelyingParty) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": spa.tokens()["refresh_token"]}
    answer = spa.post("token", form, headers={"Origin": APP})
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == APP


@pytest.mark.parametrize("act", [registrar.disable, registrar.remove])
def test_the_origin_of_a_client_that_is_gone_may_not(
    enrol: Enrol, act: Callable[[str], bool]
) -> None:
    origin = "https://gone.example"
    spa = enrol(token_endpoint_auth_method="none", cors_origins=[origin])
    assert _call(spa, "token", origin).headers["Access-Control-Allow-Origin"] == origin
    act(spa.client_id)
    clients.evict_all()
    cors.evict()
    assert _call(spa, "token", origin).headers["Access-Control-Allow-Origin"] is None


@pytest.mark.parametrize("path", ["", "/me", "/nowhere"])
def test_the_user_api_is_read_by_registered_origins_alone(spa: RelyingParty, path: str) -> None:
    for origin, told in ((APP, APP), ("https://evil.example", None), ("null", None)):
        program = Program(door=spa.door, headers={"Origin": origin})
        answer = program.get(path)
        assert answer.status_code in {401, 404}
        assert answer.headers["Access-Control-Allow-Origin"] == told
        assert "Origin" in (answer.headers["Vary"] or "")
        asking = {"Access-Control-Request-Method": "PATCH"}
        before = program.call("OPTIONS", path, headers=asking)
        assert before.status_code == 204
        assert before.headers["Access-Control-Allow-Origin"] == told
        if told:
            assert "PATCH" in (before.headers["Access-Control-Allow-Methods"] or "")
            askable = before.headers["Access-Control-Allow-Headers"] or ""
            assert "Authorization" in askable
            assert "X-API-Key" not in askable, "a key in a page is everybody's"


def test_pages_are_read_by_no_other_origin(spa: RelyingParty) -> None:
    for address in (spa.address("authorization"), f"{spa.issuer}/account/login/"):
        answer = spa.door.get(address, headers={"Origin": APP})
        assert answer.headers["Access-Control-Allow-Origin"] is None
