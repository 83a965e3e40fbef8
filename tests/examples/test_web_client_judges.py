"""examples/web-client: an ID token that is not as OIDC Core §3.1.3.7 wants it signs nobody in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.browser import Browser, Page
from tests.doors import Response
from tests.examples import impostor, world
from tests.examples.impostor import Impostor
from tests.examples.world import Wire

pytestmark = [pytest.mark.leg("sqlite"), pytest.mark.spec("OIDC Core §3.1.3.7")]
CLIENT = "somebody-else's"


@pytest.fixture(scope="module")
def issuer() -> Iterator[Impostor]:
    with impostor.running() as found:
        found.answers["/userinfo"] = lambda: {"sub": "somebody", "name": "Somebody"}
        yield found


@pytest.fixture(scope="module")
def site(issuer: Impostor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the example against the impostor; return its address."""
    address, log = world.free_address("127.0.0.1"), tmp_path_factory.mktemp("web") / "web.log"
    mine = {"ISSUER": issuer.issuer, "CLIENT_ID": CLIENT, "CLIENT_SECRET": "secret"}
    with world.process(address, log, world.WEB, **mine):
        yield address


def sign_in(issuer: Impostor, site: str, **changes: Any) -> Response:
    """Sign in with an ID token changed so; `kid`, `alg` and `typ` change its header and key."""
    browser = Browser(Wire(), site)
    asked = dict(parse_qsl(urlsplit(browser.open(f"{site}/sign-in").location).query))
    header = {name: changes.pop(name) for name in ("kid", "alg") if name in changes}
    claims = issuer.claims(**{"aud": CLIENT, "nonce": asked["nonce"], **changes})
    text = issuer.sign(claims, kid=header.get("kid", "rsa"))
    if "alg" in header:
        text = issuer.forged(text, alg=header["alg"], kid="rsa")
    issuer.answers["/token"] = lambda: {
        "access_token": "a-token",
        "token_type": "Bearer",
        "expires_in": 300,
        "id_token": text,
    }
    answer = f"code=c&state={asked['state']}&iss={issuer.issuer}"
    return browser.open(f"{site}/callback?{answer}")


def test_what_is_right_is_taken(issuer: Impostor, site: str) -> None:
    assert Page(sign_in(issuer, site)).heading == "Hello, Somebody"
    several = sign_in(issuer, site, aud=[CLIENT, "another"], azp=CLIENT)
    assert Page(several).heading == "Hello, Somebody"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"nonce": "another"}, id="nonce of another sign-in"),
        pytest.param({"nonce": None}, id="no nonce"),
        pytest.param({"iss": "https://elsewhere.example"}, id="issuer"),
        pytest.param({"iss": None}, id="no issuer"),
        pytest.param({"aud": "another"}, id="audience"),
        pytest.param({"aud": None}, id="no audience"),
        pytest.param({"aud": [CLIENT, "another"]}, id="several audiences without azp"),
        pytest.param({"azp": "another"}, id="authorized party"),
        pytest.param({"exp": 1_700_000_000}, id="expired"),
        pytest.param({"exp": None}, id="no expiry"),
        pytest.param({"iat": 4_000_000_000}, id="from the future"),
        pytest.param({"sub": "nobody"}, id="subject other than userinfo's"),
        pytest.param({"sub": None}, id="no subject"),
        pytest.param({"at_hash": "AAAA"}, id="hash of another access token"),
        pytest.param({"kid": "ec"}, id="algorithm that is not registered"),
        pytest.param({"alg": "none"}, id="unsigned"),
        pytest.param({"alg": "HS256"}, id="public key taken for a secret"),
    ],
)
def test_what_is_wrong_signs_nobody_in(issuer: Impostor, site: str, change: dict[str, Any]) -> None:
    page = sign_in(issuer, site, **change)
    assert (page.status_code, Page(page).heading) == (400, "That did not work")


def test_metadata_of_another_issuer_is_not_taken(tmp_path: Path) -> None:
    with impostor.running() as other:
        other.answers["/.well-known/openid-configuration"] = lambda: {
            "issuer": "https://elsewhere.example"
        }
        address = world.free_address("127.0.0.1")
        mine = {"ISSUER": other.issuer, "CLIENT_ID": CLIENT, "CLIENT_SECRET": "secret"}
        with world.process(address, tmp_path / "web.log", world.WEB, **mine):
            page = Browser(Wire(), address).open(f"{address}/sign-in")
    assert (page.status_code, "another issuer" in page.text) == (400, True)


def test_an_issuer_that_is_away_is_a_page(tmp_path: Path) -> None:
    address, nobody = world.free_address("127.0.0.1"), world.free_address("127.0.0.1")
    with world.process(address, tmp_path / "web.log", world.WEB, ISSUER=nobody):
        page = Browser(Wire(), address).open(f"{address}/sign-in")
    assert (page.status_code, f"{nobody}/" in page.text) == (502, True)


def test_a_server_without_the_demo_is_a_page(issuer: Impostor, tmp_path: Path) -> None:
    address, missing = world.free_address("127.0.0.1"), str(tmp_path / "demo.json")
    mine = {"ISSUER": issuer.issuer, "DEMO": missing}
    with world.process(address, tmp_path / "web.log", world.WEB, **mine):
        page = Browser(Wire(), address).open(f"{address}/sign-in")
    assert (page.status_code, missing in page.text) == (400, True)
