"""OIDC Core §10.1.1 — keys that a client publishes: fetched when needed, kept, never too often."""

import time
from typing import Any

import pytest
import time_machine

from config import environment
from tests import jose
from tests.credentials import ASSERTION, statement
from tests.doors import Response
from tests.parties import MACHINE, Enrol
from tests.published import Site
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("OIDC Core §10.1.1")


def _prove(app: RelyingParty, key: jose.Key, kid: str | None = "first", **more: Any) -> Response:
    text = jose.signed(statement(app.client_id, app.issuer), key, "ES256", kid=kid, **more)
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION,
        "client_assertion": text,
    }
    return app.door.post(app.address("token"), form)


def _aged(minutes: float) -> time_machine.travel:
    return time_machine.travel(time.time() + 60 * minutes, tick=True)


def test_a_published_key_proves_the_client_and_is_fetched_once(
    app: RelyingParty, site: Site, keys: dict[str, jose.Key]
) -> None:
    assert site.asked == [], "nothing is fetched before it is needed"
    for _ in range(3):
        assert _prove(app, keys["first"]).status_code == 200
    assert len(site.asked) == 1


def test_a_key_published_a_moment_ago_is_found(
    app: RelyingParty, site: Site, keys: dict[str, jose.Key]
) -> None:
    assert _prove(app, keys["first"]).status_code == 200
    keys["second"] = jose.private_key("ES256")
    site.document = jose.jwks_of(keys)
    assert _prove(app, keys["second"], "second").status_code == 200
    assert len(site.asked) == 2


@pytest.mark.parametrize("kid", ["first", None], ids=["the same name", "no name"])
def test_a_new_key_under_an_old_name_is_found(
    app: RelyingParty, site: Site, keys: dict[str, jose.Key], kid: str | None
) -> None:
    assert _prove(app, keys["first"], kid).status_code == 200
    another = jose.private_key("ES256")
    site.document = {"keys": [jose.public_jwk(another, **({"kid": kid} if kid else {}))]}
    assert _prove(app, another, kid).status_code == 200
    assert _prove(app, keys["first"], kid).status_code == 401


@pytest.mark.parametrize("alg", ["none", "HS256", "RS384"])
def test_an_algorithm_that_is_not_allowed_asks_nobody(
    app: RelyingParty, site: Site, alg: str
) -> None:
    head = jose.segment({"alg": alg, "kid": "other"})
    body = jose.segment(statement(app.client_id, app.issuer))
    form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION}
    form["client_assertion"] = f"{head}.{body}.AAAA"
    assert app.door.post(app.address("token"), form).status_code == 401
    assert site.asked == []


def test_a_key_taken_away_counts_until_the_set_is_fetched_again(
    app: RelyingParty, site: Site, keys: dict[str, jose.Key]
) -> None:
    assert _prove(app, keys["first"]).status_code == 200
    another = jose.private_key("ES256")
    site.document = jose.jwks_of({"second": another})
    assert _prove(app, keys["first"]).status_code == 200
    assert _prove(app, another, "second").status_code == 200
    assert _prove(app, keys["first"]).status_code == 401


@pytest.mark.parametrize("kid", ["../../dev/null", "' OR 1=1--", "x" * 5_000, "", "http://x/"])
def test_names_made_up_by_strangers_ask_seldom(
    app: RelyingParty, site: Site, keys: dict[str, jose.Key], kid: str
) -> None:
    stranger = jose.private_key("ES256")
    for n in range(25):
        assert _prove(app, stranger, f"{kid}{n}").status_code == 401
    assert len(site.asked) <= 2
    assert _prove(app, keys["first"]).status_code == 200


@pytest.mark.parametrize("kid", [5, {}, [], True])
def test_a_name_that_is_no_text_is_refused(
    app: RelyingParty, keys: dict[str, jose.Key], kid: Any
) -> None:
    text = jose.signed(statement(app.client_id, app.issuer), keys["first"], "ES256")
    body = text.partition(".")[2]
    head = jose.segment({"alg": "ES256", "kid": kid})
    form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION}
    answer = app.door.post(app.address("token"), {**form, "client_assertion": f"{head}.{body}"})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("fault", ["500", "404", "slow", "garbage", "a list", "no keys", "large"])
def test_a_broken_publication_leaves_the_known_keys(
    app: RelyingParty, site: Site, keys: dict[str, jose.Key], fault: str
) -> None:
    assert _prove(app, keys["first"]).status_code == 200
    match fault:
        case "500" | "404":
            site.status = int(fault)
        case "slow":
            site.seconds = 4
        case "garbage":
            site.document = b"\xff<html>"
        case "a list":
            site.document = []
        case "no keys":
            site.document = {"keys": None}
        case _:
            site.document = {"keys": [], "x": "x" * 100_000}
    with _aged(minutes=90):
        started = time.perf_counter()
        assert _prove(app, keys["first"]).status_code == 200
        assert time.perf_counter() - started < 1, "nobody waits for a set that is only old"
        _settled(site, 2)
        assert _prove(app, keys["first"]).status_code == 200, "nor does a failure take it away"
    with _aged(minutes=25 * 60):
        assert _prove(app, keys["first"]).status_code == 401, "but not for ever"


def test_a_set_that_was_never_fetched_proves_nobody(
    app: RelyingParty, site: Site, keys: dict[str, jose.Key]
) -> None:
    site.status = 500
    for _ in range(5):
        assert _prove(app, keys["first"]).status_code == 401
    assert len(site.asked) <= 2


@pytest.mark.spec("RFC 7517 §5")
def test_a_key_nobody_understands_costs_only_itself(
    app: RelyingParty, site: Site, keys: dict[str, jose.Key]
) -> None:
    good = jose.public_jwk(keys["first"], kid="first")
    site.document = {
        "keys": [
            {"kty": "X"},
            {"kty": "OKP", "crv": "Ed25519", "x": "AA", "kid": "short"},
            {"kty": "EC", "crv": "P-256", "x": good["y"], "y": good["x"], "kid": "off"},
            {"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "weak"},
            {"kty": "oct", "k": "c2VjcmV0"},
            {"kty": ["EC"], "kid": {}},
            "a text",
            None,
            good,
        ]
    }
    assert _prove(app, keys["first"]).status_code == 200


def test_a_redirect_is_not_followed(
    app: RelyingParty, site: Site, keys: dict[str, jose.Key]
) -> None:
    site.status, site.headers = 302, {"Location": f"{site.origin}/elsewhere"}
    assert _prove(app, keys["first"]).status_code == 401
    assert "/elsewhere" not in site.asked


def test_an_address_inside_is_not_asked(
    enrol: Enrol, site: Site, keys: dict[str, jose.Key]
) -> None:
    app = enrol(**MACHINE, token_endpoint_auth_method="private_key_jwt", jwks_uri=site.url)
    with environment.replaced(allowed_private_hosts=frozenset()):
        assert _prove(app, keys["first"]).status_code == 401
    assert site.asked == []


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(("max-age=0", 0.5, 1), id="at least a minute"),
        pytest.param(("max-age=0", 2, 2), id="no longer than a minute"),
        pytest.param(("max-age=600", 9, 1), id="as long as it says"),
        pytest.param(("max-age=600", 11, 2), id="no longer than it says"),
        pytest.param(("max-age=31536000", 59, 1), id="almost an hour"),
        pytest.param(("max-age=31536000", 61, 2), id="an hour at the most"),
    ],
)
def test_a_set_is_kept_as_long_as_its_server_says(
    app: RelyingParty, site: Site, keys: dict[str, jose.Key], case: tuple[str, float, int]
) -> None:
    said, minutes, fetches = case
    site.headers = {"Cache-Control": said}
    assert _prove(app, keys["first"]).status_code == 200
    with _aged(minutes):
        assert _prove(app, keys["first"]).status_code == 200
        _settled(site, fetches)


def _settled(site: Site, fetches: int) -> None:
    """Wait for what is fetched aside, then make sure that nothing more comes."""
    end = time.perf_counter() + 3
    while len(site.asked) < fetches and time.perf_counter() < end:
        time.sleep(0.02)
    time.sleep(0.05)
    assert len(site.asked) == fetches


@pytest.mark.spec("RFC 7516 §3.1")
def test_what_is_encrypted_is_for_a_published_key(enrol: Enrol, site: Site) -> None:
    key = jose.private_key("RSA-OAEP-256")
    site.document = {"keys": [jose.public_jwk(key, kid="reading", use="enc")]}
    rp = enrol(jwks_uri=site.url, id_token_encrypted_response_alg="RSA-OAEP-256")
    token = rp.tokens()["id_token"]
    assert jose.opened(token, key, "RSA-OAEP-256", "A128CBC-HS256").header["kid"] == "reading"


@pytest.mark.spec("RFC 7516 §3.1")
def test_a_key_to_read_with_that_was_published_later_is_found(enrol: Enrol, site: Site) -> None:
    key = jose.private_key("ECDH-ES")
    rp = enrol(jwks_uri=site.url, id_token_encrypted_response_alg="ECDH-ES")
    site.document = {"keys": []}
    arrival = rp.authorize()
    assert rp.redeem(arrival).json()["error"] == "unauthorized_client"
    site.document = {"keys": [jose.public_jwk(key, kid="reading", use="enc")]}
    assert rp.redeem(arrival).status_code == 200, "the code waited for the key"
