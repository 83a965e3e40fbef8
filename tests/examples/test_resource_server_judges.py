"""examples/resource-server: tokens as only another issuer would sign them."""

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from tests.doors import Response
from tests.examples import apis, impostor
from tests.examples.apis import ASKING, LOCALLY, SENSITIVE, outcome
from tests.examples.impostor import Impostor

pytestmark = [pytest.mark.leg("sqlite"), pytest.mark.spec("RFC 9068 §4")]


@pytest.fixture(scope="module")
def issuer() -> Iterator[Impostor]:
    with impostor.running() as found:
        yield found


@pytest.fixture(scope="module")
def addresses(
    issuer: Impostor, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    mine = {"ISSUER": issuer.issuer, "CLIENT_ID": "an api", "CLIENT_SECRET": "s:e%c"}
    with apis.running(tmp_path_factory.mktemp("apis"), **mine, REMEMBER="0") as found:
        yield found


@pytest.fixture(params=apis.VARIANTS)
def api(addresses: dict[str, str], request: pytest.FixtureRequest) -> str:
    """Return the address of each variant in turn; it is its own audience."""
    return addresses[request.param]


def call(address: str, token: str, way: str = LOCALLY) -> Response:
    return apis.call(address + way, f"Bearer {token}")


def token(
    issuer: Impostor, api: str, *, kid: str = "ec", typ: str = "at+jwt", **changes: Any
) -> str:
    usual = {"aud": api, "client_id": "c", "jti": "j", "scope": "demo:read"}
    return issuer.sign(issuer.claims(**(usual | changes)), kid=kid, typ=typ)


@pytest.mark.parametrize("typ", ["at+jwt", "application/at+jwt", "AT+JWT"])
@pytest.mark.parametrize("kid", ["ec", "rsa"])
def test_what_is_right_is_taken(issuer: Impostor, api: str, kid: str, typ: str) -> None:
    assert outcome(call(api, token(issuer, api, kid=kid, typ=typ))) == (200, "")
    among_others = ["https://elsewhere.example", api]
    assert outcome(call(api, token(issuer, api, kid=kid, aud=among_others))) == (200, "")


def test_clocks_may_differ_a_little(issuer: Impostor, api: str) -> None:
    moment = issuer.claims()["iat"]
    assert call(api, token(issuer, api, exp=moment - 20)).status_code == 200
    assert call(api, token(issuer, api, exp=moment - 40)).status_code == 401
    assert call(api, token(issuer, api, iat=moment + 20)).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"typ": "JWT"}, id="type of an ID token"),
        pytest.param({"typ": "logout+jwt"}, id="type of a logout token"),
        pytest.param({"iss": "https://elsewhere.example"}, id="issuer"),
        pytest.param({"aud": "https://elsewhere.example"}, id="audience"),
        pytest.param({"aud": []}, id="empty audience"),
        pytest.param({"aud": {"https://elsewhere.example": 1}}, id="strange audience"),
        pytest.param({"exp": 1}, id="expired"),
        pytest.param({"exp": "tomorrow"}, id="strange time"),
        pytest.param({"nbf": 9_999_999_999}, id="not yet"),
        pytest.param({"cnf": {"jkt": "thumbprint"}}, id="bound to a key nobody proved"),
        *[
            pytest.param({name: None}, id=f"no {name}")
            for name in ("iss", "aud", "exp", "iat", "sub", "jti", "client_id")
        ],
    ],
)
def test_what_is_wrong_is_refused(issuer: Impostor, api: str, change: dict[str, Any]) -> None:
    assert outcome(call(api, token(issuer, api, **change))) == (401, "invalid_token")


@pytest.mark.parametrize("scope", [None, "", "demo:reads", "demo", ["demo:read"]])
def test_a_scope_is_a_whole_word(issuer: Impostor, api: str, scope: Any) -> None:
    assert outcome(call(api, token(issuer, api, scope=scope))) == (403, "insufficient_scope")


@pytest.mark.spec("RFC 8725 §3.1")
def test_the_token_does_not_choose_the_algorithm(issuer: Impostor, api: str) -> None:
    for alg in ("HS256", "none", "RS256"):
        text = issuer.forged(token(issuer, api), alg=alg, kid="ec")
        assert outcome(call(api, text)) == (401, "invalid_token")


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({}, 200),
        ({"active": False}, 401),
        ({"active": "true"}, 401),
        ({"iss": "https://elsewhere.example"}, 401),
        ({"aud": "https://elsewhere.example"}, 401),
        ({"aud": None}, 401),
        ({"exp": 1}, 401),
        ({"token_type": "refresh_token"}, 401),
        ({"token_type": "DPoP", "cnf": {"jkt": "thumbprint"}}, 401),
        ({"cnf": {"x5t#S256": "thumbprint"}}, 401),
        ({"scope": "profile"}, 403),
    ],
)
@pytest.mark.spec("RFC 7662 §2.2")
def test_what_introspection_says_is_read_closely(
    issuer: Impostor, api: str, said: dict[str, Any], status: int
) -> None:
    tell(issuer, api, **said)
    assert outcome(call(api, secrets.token_hex(), ASKING))[0] == status


@pytest.mark.spec("RFC 9470 §3")
def test_a_sign_in_long_ago_is_not_enough_for_what_is_sensitive(issuer: Impostor, api: str) -> None:
    moment = issuer.claims()["iat"]
    for age, status in ((200, 200), (400, 401)):
        tell(issuer, api, auth_time=moment - age)
        assert call(api, secrets.token_hex(), SENSITIVE).status_code == status
        assert call(api, secrets.token_hex(), ASKING).status_code == 200
    for strange in (None, "now", [moment]):
        tell(issuer, api, auth_time=strange)
        answer = call(api, secrets.token_hex(), SENSITIVE)
        assert outcome(answer) == (401, "insufficient_user_authentication")


def tell(issuer: Impostor, api: str, **said: Any) -> None:
    """Have introspection say this about whatever it is asked."""
    usual = {"active": True, "aud": [api], "scope": "demo:read", "client_id": "c"}
    whole = {**usual, "token_type": "Bearer", **said}
    issuer.answers["/introspection"] = lambda: whole


@pytest.mark.spec("RFC 9728 §5.1")
def test_a_challenge_leads_to_who_gives_tokens(issuer: Impostor, api: str) -> None:
    challenge = apis.call(api + LOCALLY, None).headers["WWW-Authenticate"] or ""
    where = f"{api}/.well-known/oauth-protected-resource"
    assert f'resource_metadata="{where}"' in challenge
    said = apis.call(where, None)
    assert said.status_code == 200
    assert said.json() == {
        "resource": api,
        "authorization_servers": [issuer.issuer],
        "scopes_supported": ["demo:read"],
        "bearer_methods_supported": ["header"],
    }
