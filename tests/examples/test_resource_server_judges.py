"""examples/resource-server: tokens as only another issuer would sign them, keys that change."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.doors import Response
from tests.examples import impostor, world
from tests.examples.impostor import Impostor
from tests.examples.world import Wire

pytestmark = [pytest.mark.leg("sqlite"), pytest.mark.spec("RFC 9068 §4")]
KEYS = "/jwks"


@contextmanager
def api(issuer: Impostor, folder: Path) -> Iterator[str]:
    """Run the example against the impostor; yield its address."""
    address = world.free_address("127.0.0.1")
    mine = {"ISSUER": issuer.issuer, "CLIENT_ID": "an api", "CLIENT_SECRET": "s:e%c"}
    with world.process(address, folder / "api.log", world.API, **mine):
        yield address


@pytest.fixture(scope="module")
def issuer() -> Iterator[Impostor]:
    with impostor.running() as found:
        yield found


@pytest.fixture(scope="module")
def address(issuer: Impostor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with api(issuer, tmp_path_factory.mktemp("api")) as found:
        yield found


def call(address: str, token: str, way: str = "locally") -> Response:
    return Wire().get(f"{address}/{way}", headers={"Authorization": f"Bearer {token}"})


def token(issuer: Impostor, *, kid: str = "ec", typ: str = "at+jwt", **changes: Any) -> str:
    usual = {"aud": f"{issuer.issuer}/api", "client_id": "c", "jti": "j", "scope": "demo:read"}
    claims = issuer.claims(**(usual | changes))
    return issuer.sign(claims, kid=kid, typ=typ)


@pytest.mark.parametrize("typ", ["at+jwt", "application/at+jwt", "AT+JWT"])
@pytest.mark.parametrize("kid", ["ec", "rsa"])
def test_what_is_right_is_taken(issuer: Impostor, address: str, kid: str, typ: str) -> None:
    assert call(address, token(issuer, kid=kid, typ=typ)).status_code == 200


def test_clocks_may_differ_a_little(issuer: Impostor, address: str) -> None:
    moment = issuer.claims()["iat"]
    assert call(address, token(issuer, exp=moment - 20)).status_code == 200
    assert call(address, token(issuer, exp=moment - 40)).status_code == 401
    assert call(address, token(issuer, iat=moment + 20)).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"typ": "JWT"}, id="type of an ID token"),
        pytest.param({"typ": "logout+jwt"}, id="type of a logout token"),
        pytest.param({"iss": "https://elsewhere.example"}, id="issuer"),
        pytest.param({"aud": "https://elsewhere.example"}, id="audience"),
        pytest.param({"aud": []}, id="empty audience"),
        *[
            pytest.param({name: None}, id=f"no {name}")
            for name in ("iss", "aud", "exp", "iat", "sub", "jti", "client_id")
        ],
    ],
)
def test_what_is_wrong_is_refused(issuer: Impostor, address: str, change: dict[str, Any]) -> None:
    answer = call(address, token(issuer, **change))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


def test_the_token_does_not_choose_the_algorithm(issuer: Impostor, address: str) -> None:
    for alg in ("HS256", "none"):
        text = issuer.forged(token(issuer), alg=alg, kid="ec")
        assert call(address, text).status_code == 401


def test_an_unknown_key_makes_it_ask_once(issuer: Impostor, tmp_path: Path) -> None:
    with api(issuer, tmp_path) as fresh:
        assert call(fresh, token(issuer)).status_code == 200
        issuer.asked.clear()
        key = ec.generate_private_key(ec.SECP256R1())
        for number in range(20):
            claims = jwt.decode(token(issuer), options={"verify_signature": False})
            header = {"kid": f"unknown {number}", "typ": "at+jwt"}
            text = jwt.encode(claims, key, algorithm="ES256", headers=header)
            assert call(fresh, text).status_code == 401
        assert issuer.asked.count(KEYS) <= 1, "a flood of made-up keys reaches the issuer"


def test_an_issuer_that_goes_away_is_not_needed_for_keys_that_are_known(tmp_path: Path) -> None:
    with impostor.running() as leaving, api(leaving, tmp_path) as here:
        leaving.answers["/introspection"] = lambda: {"active": False}
        text = token(leaving)
        assert call(here, text).status_code == 200
        del leaving.answers["/introspection"], leaving.answers[KEYS]
        assert call(here, text).status_code == 200
        assert call(here, text, "by-introspection").status_code == 503


def test_nobody_is_let_in_while_there_are_no_keys(tmp_path: Path) -> None:
    with impostor.running() as mute, api(mute, tmp_path) as here:
        text = token(mute)
        del mute.answers[KEYS]
        assert call(here, text).status_code == 503
        mute.answers[KEYS] = mute.jwks
        assert call(here, text).status_code == 200


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({}, 200),
        ({"active": False}, 401),
        ({"active": "true"}, 401),
        ({"aud": "https://elsewhere.example"}, 401),
        ({"aud": None}, 401),
        ({"token_type": "refresh_token"}, 401),
        ({"scope": "profile"}, 403),
    ],
)
def test_what_introspection_says_is_read_closely(
    issuer: Impostor, address: str, said: dict[str, Any], status: int
) -> None:
    usual = {"active": True, "aud": [f"{issuer.issuer}/api"], "scope": "demo:read"}
    whole = {**usual, "token_type": "Bearer", "client_id": "c", **said}
    issuer.answers["/introspection"] = lambda: whole
    assert call(address, "whatever", "by-introspection").status_code == status
