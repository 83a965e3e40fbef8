"""RFC 9700 §2.1 — a redirect URI is compared as a string, and its text is kept."""

import pytest

from authserver import registrar
from tests import doors
from tests.parties import CALLBACK, Enrol
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 9700 §2.1")

VARIANTS = [
    "https://app.example/cb/",
    "https://app.example/cb/x",
    "https://app.example/cbx",
    "https://app.example/c",
    "https://app.example/",
    "https://app.example",
    "https://app.example/cb?x=1",
    "https://app.example/cb?",
    "https://app.example/cb#",
    "https://app.example/cb#fragment",
    "https://app.example/CB",
    "HTTPS://app.example/cb",
    "https://APP.example/cb",
    "http://app.example/cb",
    "//app.example/cb",
    "/cb",
    "app.example/cb",
    "https://app.example:443/cb",
    "https://app.example:444/cb",
    "https://app.example:/cb",
    "https://appXexample/cb",
    "https://app.example.evil.example/cb",
    "https://app.example./cb",
    "https://app.example@evil.example/cb",
    "https://user@app.example/cb",
    "https://evil.example\\@app.example/cb",
    "https://evil.example/https://app.example/cb",
    "https://app.example/../cb",
    "https://app.example/x/../cb",
    "https://app.example/./cb",
    "https://app.example//cb",
    "https://app.example/%63b",
    "https://app.example/cb%2F",
    "https://app.example/cb%00",
    "https://app.example/cb;x",
    "https://app.example/cb\r\nSet-Cookie: x=1",
    "https://app.example/cb\n",
    "https://app.example/cb\t",
    "https://app.example/cb\0",
    " https://app.example/cb",
    "https://app.example/cb ",
    "https://\u0430pp.example/cb",
    "https://app.example/cb\u200b",
    "https%3A%2F%2Fapp.example%2Fcb",
    "https://*.example/cb",
    "*",
]


@pytest.mark.parametrize("uri", VARIANTS, ids=ascii)
def test_nothing_but_the_registered_text_matches(rp: RelyingParty, uri: str) -> None:
    assert rp.redirect_uri == CALLBACK
    arrival = rp.ask(redirect_uri=uri, prompt="none")
    assert (arrival.outcome, arrival.response.status_code) == ("shown", 400)
    assert "Set-Cookie: x" not in str(arrival.response.headers)


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example/cb?b%20c;d=%2F&e",
        "https://app.example/cb?",
        "https://app.example/cb?a=1&",
        "https://app.example/CaSe/%7Ex",
        "https://app.example",
    ],
)
def test_the_answer_is_appended_to_the_registered_text(enrol: Enrol, uri: str) -> None:
    rp = enrol(redirect_uris=[uri])
    arrival = rp.ask(response_type="bogus")
    location = arrival.response.headers["Location"] or ""
    sent = location.removeprefix(uri).removeprefix("?").removeprefix("&")
    assert location.startswith(uri)
    assert sent.startswith("error=unsupported_response_type&")


@pytest.mark.parametrize(
    "uri",
    [
        "http://app.example/cb",
        "http://app.example.evil/cb",
        "https://app.example/cb#x",
        "https://*.app.example/cb",
        "https://app.example/*",
        "https://.app.example/cb",
        "*",
        "",
        "/cb",
        "javascript:alert(1)",
        "JaVaScRiPt://app.example/%0aalert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///x",
        "blob:x",
        " javascript:x",
        "https://user@app.example/cb",
        "https://app.example/cb?code=y",
        "https://app.example/cb?x=1&state=y",
        "https://app.example/cb?session_state=y",
        "https://app.example/cb?ID_TOKEN=y",
        "com.example.app:/cb",
        "https://app.example/\r\n",
        "https://app.example/caf\u00e9",
    ],
    ids=ascii,
)
def test_what_could_not_be_matched_safely_is_not_registered(enrol: Enrol, uri: str) -> None:
    with pytest.raises(registrar.RefusedError, match="redirect_uris"):
        enrol(redirect_uris=[uri])


@pytest.mark.parametrize("uri", ["myapp:/cb", "MyApp.example:/cb", "com.example.app://evil/cb"])
def test_a_private_scheme_is_a_reversed_domain_name(enrol: Enrol, uri: str) -> None:
    with pytest.raises(registrar.RefusedError, match="redirect_uris"):
        enrol(redirect_uris=[uri], application_type="native")


def test_a_private_scheme_of_a_native_client_gets_its_answer(enrol: Enrol) -> None:
    uri = "com.example.app:/cb"
    native = enrol(
        redirect_uris=[uri], application_type="native", token_endpoint_auth_method="none"
    )
    arrival = native.authorize()
    assert arrival.outcome == "code"
    assert native.redeem(arrival).status_code == 200
    assert native.ask(redirect_uri="com.example.app:/cb/x").outcome == "shown"


def test_the_state_cannot_break_out_of_the_answer(rp: RelyingParty) -> None:
    state = "\r\nX-Evil: 1&code=evil#x"
    arrival = rp.ask(response_type="bogus", state=state)
    assert arrival.parameters["state"] == state
    assert arrival.response.headers["X-Evil"] is None
    assert doors.encoded({"state": state}) in arrival.response.location
