"""OIDC Registration §5 — a sector identifier is asked, once, whether it knows the redirect URIs."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from authserver import importing, registrar
from config import environment
from tests import published
from tests.parties import CALLBACK
from tests.published import Site
from tests.registrations import Newcomer

pytestmark = pytest.mark.spec("OIDC Registration §5")

TWO = [CALLBACK, "https://b.example/cb"]


@pytest.fixture
def site() -> Iterator[Site]:
    """Return the web server of a sector."""
    with published.site(TWO) as here:
        yield here


def of_sector(site: Site, **changes: Any) -> dict[str, Any]:
    usual = {"redirect_uris": TWO, "subject_type": "pairwise", "sector_identifier_uri": site.url}
    return {**usual, **changes}


def test_one_that_lists_them_all_is_taken(newcomer: Newcomer, site: Site) -> None:
    told = newcomer.register(**of_sector(site))
    assert told["sector_identifier_uri"] == site.url
    assert len(site.asked) == 1


@pytest.mark.parametrize("subject_type", ["pairwise", "public"])
@pytest.mark.parametrize(
    "document",
    [
        pytest.param([CALLBACK], id="one is missing"),
        pytest.param([], id="empty"),
        pytest.param({"redirect_uris": TWO}, id="an object"),
        pytest.param([TWO], id="a list in a list"),
        pytest.param([*TWO, 5], id="a number among them"),
        pytest.param(json.dumps(TWO).encode() + b"x", id="no JSON"),
        pytest.param(b"[" * 50_000, id="a bomb"),
        pytest.param(b'["' + b"a" * 100_000 + b'"]', id="too large"),
        pytest.param(b"\xff", id="no text"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_any_other_answer_is_a_fault(
    newcomer: Newcomer, site: Site, document: Any, subject_type: str
) -> None:
    site.document = document
    answer = newcomer.send(**of_sector(site, subject_type=subject_type))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata")
    assert "sector_identifier_uri" in answer.json()["error_description"]


@pytest.mark.parametrize("status", [404, 500, 301, 204])
def test_only_a_whole_answer_counts(newcomer: Newcomer, site: Site, status: int) -> None:
    site.status = status
    assert newcomer.send(**of_sector(site)).status_code == 400


def test_what_is_wrong_already_asks_nobody(newcomer: Newcomer, site: Site) -> None:
    assert newcomer.send(**of_sector(site, client_name=5)).status_code == 400
    assert site.asked == []


def test_it_is_asked_again_only_for_what_is_new(newcomer: Newcomer, site: Site) -> None:
    told = newcomer.register(**of_sector(site))
    site.document = [CALLBACK]
    assert newcomer.put(told, **of_sector(site, client_name="New")).status_code == 200
    assert newcomer.put(told, **of_sector(site, redirect_uris=[CALLBACK])).status_code == 200
    assert len(site.asked) == 1
    more = [*TWO, "https://c.example/cb"]
    assert newcomer.put(told, **of_sector(site, redirect_uris=more)).status_code == 400
    assert len(site.asked) == 2


def test_an_operator_is_told_too(site: Site) -> None:
    site.document = []
    with pytest.raises(registrar.RefusedError, match="sector_identifier_uri"):
        registrar.register(of_sector(site))
    _, problems = importing.read([{"client_id": "x-sector", **of_sector(site)}])
    assert [each.member for each in problems] == ["sector_identifier_uri"]


PRIVATE = [
    *("127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "0x7f000001", "0"),
    *("169.254.169.254", "10.0.0.1", "192.168.1.1", "172.16.0.1", "[fc00::1]", "[fe80::1]"),
    *("localhost", "localhost.", "metadata.google.internal", "app.example.", "user@app.example"),
    *("127.1", "017700000001", "app.example@127.0.0.1", "[::ffff:7f00:1]", "printer.local"),
]
ASKED_BY_US = ["jwks_uri", "sector_identifier_uri", "logo_uri", "backchannel_logout_uri"]


@pytest.mark.spec("RFC 7591 §5")
@pytest.mark.parametrize("host", PRIVATE)
@pytest.mark.parametrize("name", [*ASKED_BY_US, "request_uris"])
def test_an_address_that_is_nobodys_business_is_refused(
    newcomer: Newcomer, name: str, host: str
) -> None:
    with environment.replaced(allowed_private_hosts=frozenset()):
        for scheme in ("https", "http"):
            uri = f"{scheme}://{host}/x"
            sent: Any = {name: [uri] if name == "request_uris" else uri}
            answer = newcomer.send(**sent)
            assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata")
            assert name in answer.json()["error_description"]


EVERY_ADDRESS = [
    *ASKED_BY_US,
    *("request_uris", "initiate_login_uri", "frontchannel_logout_uri", "client_uri", "policy_uri"),
    *("tos_uri", "redirect_uris", "post_logout_redirect_uris", "logo_uri#de", "tos_uri#de"),
]


@pytest.mark.spec("RFC 7591 §5")
@pytest.mark.parametrize(
    "uri",
    [
        *("file:///etc/passwd", "ftp://app.example/", "gopher://app.example/", "data:text/html,x"),
        *("unix:///run/x", "javascript:alert(1)", "vbscript:x", "//app.example/", "/x", "x"),
        *(
            "https://",
            "https:///x",
            "https://app.example\\@evil.example/",
            "HTTPS://app.example/ x",
        ),
        *("https://app.example/\u202e", "https://app.example:0/", "https://app.example:99999/"),
    ],
)
@pytest.mark.parametrize("name", EVERY_ADDRESS)
def test_no_address_has_another_scheme_or_an_odd_form(
    newcomer: Newcomer, name: str, uri: str
) -> None:
    sent: Any = {name: [uri] if name.endswith("_uris") else uri}
    answer = newcomer.send(**sent)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error_description"].isascii()
