"""RFC 6749 §4.1.2.1 — who is refused gets a reference, and with it the operator finds why."""

import json
import re
import secrets
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.doors import Response
from tests.parties import Enrol
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 6749 §4.1.2.1")

REFERENCE = re.compile(r"<code>([0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4})</code>")
HOME = "https://app.example/callback"


def explained(reference: str) -> dict[str, Any]:
    out = StringIO()
    call_command("explain", reference, "--json", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def reference_in(page: Response) -> str:
    found = REFERENCE.search(page.text)
    assert found, page.text
    return found[1]


def finding(found: dict[str, Any], parameter: str) -> dict[str, Any]:
    return next(each for each in found["findings"] if each["parameter"] == parameter)


ADDRESSES = {
    "trailing slash": (f"{HOME}/", "path: trailing slash too many"),
    "another path": ("https://app.example/other", "path: /other instead of /callback"),
    "capitals": ("https://app.example/Callback", "path: upper and lower case"),
    "plain http": ("http://app.example/callback", "scheme: http instead of https"),
    "port": ("https://app.example:8443/callback", "port: 8443 instead of none"),
    "capital host": ("https://App.example/callback", "host: upper and lower case"),
    "www": ("https://www.app.example/callback", "host: with and without www."),
    "another host": ("https://app.test/callback", "host: app.test instead of app.example"),
    "query": (f"{HOME}?token=Xq7Zz", "query: nothing is registered behind a question mark"),
    "encoded twice": ("https%3A%2F%2Fapp.example%2Fcallback", "percent-encoded twice"),
    "encoded twice inside": ("https://app.example/call%2562ack", "percent-encoded twice"),
    "blank": (f"{HOME} ", "a blank before or after it"),
    "a user": ("https://joe:Xq7Zz@app.example/callback", "host: names a user"),
    "two things": ("http://app.example/callback/", "scheme: http instead of https; path: trailing"),
    "not a URI": ("https://[x", "not a URI"),
}


@pytest.mark.parametrize(("sent", "said"), ADDRESSES.values(), ids=ADDRESSES)
def test_an_address_is_compared_with_the_nearest(enrol: Enrol, sent: str, said: str) -> None:
    rp = enrol(redirect_uris=[HOME, "https://elsewhere.example/far/away"])
    page = rp.ask(redirect_uri=sent).response
    found = explained(reference_in(page))
    about = finding(found, "redirect_uri")
    assert said in about["verdict"]
    assert about["expected"] == HOME
    assert about["is_fault"]
    assert about["fix"]
    assert found["client_id"] == rp.client_id
    assert "Xq7Zz" not in json.dumps(found), "what could be a secret is not taken down"
    assert HOME not in page.text, "nothing registered is told to anybody"


def test_localhost_is_not_its_address(enrol: Enrol) -> None:
    rp = enrol(redirect_uris=["http://localhost:8010/callback"])
    page = rp.ask(redirect_uri="http://127.0.0.1:8010/callback").response
    about = finding(explained(reference_in(page)), "redirect_uri")
    assert "127.0.0.1 and localhost are not the same" in about["verdict"]


SENT: dict[str, tuple[dict[str, Any], str, str]] = {
    "no PKCE": (
        {"code_challenge": None, "code_challenge_method": None},
        "code_challenge",
        "is missing",
    ),
    "plain": ({"code_challenge_method": "plain"}, "code_challenge_method", "is not one of them"),
    "short challenge": ({"code_challenge": "Xq7Zz"}, "code_challenge", "is not the form of one"),
    "misspelt scope": ({"scope": "openid profil"}, "scope", "Did you mean profile?"),
    "commas": ({"scope": "openid,email"}, "scope", "separated by one blank"),
    "two blanks": ({"scope": "openid  email"}, "scope", "two blanks"),
    "type": ({"response_type": "token"}, "response_type", "is not supported here"),
    "type not registered": ({"response_type": "id_token"}, "response_type", "not registered"),
    "mode": ({"response_mode": "form-post"}, "response_mode", "Did you mean form_post?"),
    "prompt": ({"prompt": "consnt"}, "prompt", "Did you mean consent?"),
    "prompts": ({"prompt": "none login"}, "prompt", "contradicts itself"),
    "age": ({"max_age": "1h"}, "max_age", "is no number"),
    "resource": ({"resource": "https://no.example"}, "resource", "is not a registered resource"),
    "twice": ({"nonce": ["Xq7Zz1", "Xq7Zz2"]}, "nonce", "is sent more than once"),
    "secret": (
        {"client_secret": "Xq7Zz", "prompt": "x"},
        "client_secret",
        "has been in an address",
    ),
    "object": ({"request": "Xq7Zz.e30.e30"}, "request", "is sent"),
    "object elsewhere": ({"request_uri": "https://x.example/"}, "request_uri", "not registered"),
}


@pytest.mark.parametrize(("changes", "parameter", "said"), SENT.values(), ids=SENT)
def test_an_error_that_is_sent_names_a_page_with_its_reference(
    rp: RelyingParty, changes: dict[str, Any], parameter: str, said: str
) -> None:
    arrival = rp.ask(**changes)
    told = arrival.parameters
    page = rp.person.browser.open(told["error_uri"]) if rp.person else None
    assert page
    assert page.status_code == 200
    assert told["error"] in page.text
    assert rp.redirect_uri not in page.text
    found = explained(reference_in(page))
    assert found["error"] == told["error"]
    assert found["clause"]
    assert said in finding(found, parameter)["verdict"]
    assert "Xq7Zz" not in json.dumps(found), "what could be a secret is not taken down"


def test_what_is_no_failure_has_no_reference(rp: RelyingParty) -> None:
    silent, refused = rp.ask(prompt="none"), rp.authorize(decision="deny")
    assert (silent.error, refused.error) == ("login_required", "access_denied")
    assert "error_uri" not in {*silent.parameters, *refused.parameters}


CLIENTS = {
    "capitals": (str.upper, "Did you mean"),
    "a letter less": (lambda name: name[:-1], "Did you mean"),
    "a secret": (lambda _: f"as_cs_{secrets.token_urlsafe(32)}", "is a client secret"),
    "nothing like it": (lambda _: "?" * 60, "is not registered."),
}


@pytest.mark.parametrize(("changed", "said"), CLIENTS.values(), ids=CLIENTS)
def test_an_unknown_client_may_be_a_known_one(enrol: Enrol, changed: Any, said: str) -> None:
    rp = enrol(client_id=f"Shop-{secrets.token_hex(12)}")
    sent = changed(rp.client_id)
    found = explained(reference_in(rp.ask(client_id=sent).response))
    about = finding(found, "client_id")
    assert said in about["verdict"]
    assert (rp.client_id in about["verdict"]) is ("Did you mean" in said)
    assert "as_cs_" not in json.dumps(found)


def test_a_reference_is_found_however_it_is_typed(rp: RelyingParty) -> None:
    page = rp.ask(client_id="nobody").response
    reference = reference_in(page)
    loose = reference.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert explained(loose) == explained(reference)
    assert explained(str(page.headers["X-Request-Id"]))["reference"] == reference
    out = StringIO()
    call_command("explain", reference, stdout=out)
    assert "client_id is not registered." in out.getvalue()


@pytest.mark.parametrize("text", ["ZZZZ-ZZZZ", "", "\0", "x" * 5000, "' OR 1=1", "ü"])
def test_no_reference_leads_nowhere(rp: RelyingParty, text: str) -> None:
    with pytest.raises(CommandError, match="not known"):
        call_command("explain", text)
    assert rp.person
    page = rp.person.browser.open(f"{rp.issuer}/oauth2/errors/{text.encode().hex()[:64] or 'x'}")
    assert page.status_code == 404


def test_a_request_to_sign_out_is_explained(rp: RelyingParty) -> None:
    page = rp.end_session(
        client_id=rp.client_id,
        id_token_hint="Xq7Zz.e30.e30",
        post_logout_redirect_uri="https://nowhere.example/",
    )
    found = explained(reference_in(page))
    assert found["endpoint"] == "end_session"
    assert "not signed by this server" in finding(found, "id_token_hint")["verdict"]
    assert "Xq7Zz" not in json.dumps(found)


def test_an_expired_page_has_a_reference(rp: RelyingParty) -> None:
    assert rp.person
    page = rp.person.browser.open(f"{rp.address('authorization')}?interaction=x")
    assert finding(explained(reference_in(page)), "interaction")["verdict"] == "has expired"


def test_another_browser_is_told_apart_from_no_cookie(rp: RelyingParty) -> None:
    assert rp.person
    begun = rp.ask().response.location
    stranger = rp.person.elsewhere().browser
    interaction = re.search(r"interaction(?:=|%3D)([\w.~-]+)", begun)
    assert interaction
    page = stranger.open(f"{rp.address('authorization')}?interaction={interaction[1]}")
    assert finding(explained(reference_in(page)), "as_browser")["received"] == "no cookie"
    other = rp.person.elsewhere()
    other.browser = stranger
    rp.ask(other)
    page = stranger.open(f"{rp.address('authorization')}?interaction={interaction[1]}")
    received = finding(explained(reference_in(page)), "as_browser")["received"]
    assert received == "another browser's cookie"


def test_the_way_back_leads_only_to_what_an_operator_registered(enrol: Enrol) -> None:
    known = enrol(client_uri="https://shop.example/", client_name="Shop")
    page = known.ask(redirect_uri="https://nowhere.example/").response
    assert 'href="https://shop.example/"' in page.text
    assert "Go to Shop" in page.text
    own = enrol(client_uri="https://shop.example/", client_name="Shop", is_own=True)
    assert "shop.example" not in own.ask(redirect_uri="https://nowhere.example/").response.text
