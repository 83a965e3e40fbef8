"""OIDC Core §5.5 — a claims parameter that is no JSON object of claims is an error of the client's.

The error goes to the client's redirect URI, and nothing anybody can write there breaks the server.
"""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parties import Enrol
from tests.person import Person
from tests.rp import RelyingParty
from tests.specs.oidc_core_claims.asking import PROTOCOL, SCOPES

pytestmark = pytest.mark.spec("OIDC Core §5.5")

MALFORMED = {
    "a list": "[]",
    "a text": '"x"',
    "a single quote": "'x'",
    "a word": "x",
    "a number": "1",
    "null": "null",
    "cut off": '{"userinfo":',
    "two": "{}{}",
    "userinfo is a list": '{"userinfo":[]}',
    "userinfo is null": '{"userinfo":null}',
    "id_token is a text": '{"id_token":"name"}',
    "a claim is true": '{"userinfo":{"name":true}}',
    "a claim is a list": '{"userinfo":{"name":["essential"]}}',
    "an unknown claim is a text": '{"userinfo":{"groups":"all"}}',
    "essential is a text": '{"userinfo":{"name":{"essential":"true"}}}',
    "essential is a number": '{"id_token":{"acr":{"essential":1}}}',
    "values is a text": '{"userinfo":{"name":{"values":"Ada"}}}',
    "values is empty": '{"id_token":{"acr":{"values":[]}}}',
    "value and values": '{"userinfo":{"name":{"value":"a","values":["a"]}}}',
    "sub is a number": '{"id_token":{"sub":{"value":7}}}',
    "acr is a list of lists": '{"id_token":{"acr":{"values":[["1"]]}}}',
    "a member twice": '{"userinfo":{},"userinfo":{"email":null}}',
    "a claim twice": '{"userinfo":{"name":null,"name":null}}',
    "infinite": '{"userinfo":{"updated_at":{"value":1e9999}}}',
    "no number": '{"userinfo":{"updated_at":{"value":NaN}}}',
    "an escaped NUL": '{"userinfo":{"name":{"value":"\\u0000"}}}',
    "half a pair": '{"userinfo":{"name":{"value":"\\ud800"}}}',
    "half a pair in a name": '{"userinfo":{"\\udfff":null}}',
    "too deep": '{"x":' * 900 + "1" + "}" * 900,
    "long": '{"x":"' + "y" * 8000 + '"}',
}


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_malformed_is_sent_back(rp: RelyingParty, method: str, text: str) -> None:
    arrival = rp.ask(method=method, claims=text)
    assert arrival.outcome == "invalid_request"
    assert arrival.parameters["iss"] == rp.issuer
    assert "claims" in arrival.parameters["error_description"]


@pytest.mark.parametrize("text", ["\x00", '{"userinfo":{"name\x00":null}}', "\x1b", "{}\x7f"])
def test_a_raw_control_character_is_refused(rp: RelyingParty, text: str) -> None:
    assert rp.ask(claims=text).outcome == "invalid_request"


def test_twice_is_not_once(rp: RelyingParty) -> None:
    assert rp.ask(claims=["{}", "{}"]).outcome == "invalid_request"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("text", ['{"userinfo":' * 200_000, "[" * 200_000, "x" * 1_000_000])
def test_what_is_huge_is_refused_unread(rp: RelyingParty, method: str, text: str) -> None:
    arrival = rp.ask(method=method, claims=text)
    assert arrival.outcome == "shown", "too large to be read at all, so nobody is known to ask"
    assert arrival.response.status_code in {400, 413, 414}


def test_the_longest_that_is_read_is_answered(rp: RelyingParty) -> None:
    rp.authorize()
    text = json.dumps({"userinfo": {"name": None}, "x": ""})
    filled = text.replace('""', '"' + "y" * (4096 - len(text)) + '"')
    assert len(filled) == 4096
    assert rp.ask(claims=filled).outcome in {"code", "page"}
    assert rp.ask(claims=filled.replace("y", "yy", 1)).outcome == "invalid_request"


def test_what_grows_when_it_is_written_out_is_refused(rp: RelyingParty) -> None:
    text = '{"userinfo":{"name":{"values":[%s]}}}'
    arrival = rp.authorize(claims=text % ",".join(["1E15"] * 790))
    assert arrival.outcome == "invalid_request"
    assert rp.redeem(rp.authorize(claims=text % "1E15,1E-5")).status_code == 200


NAMES = st.sampled_from(
    ["userinfo", "id_token", "sub", "acr", "auth_time", "amr", "iss", "name", "address", "email",
     "essential", "value", "values", "nickname#de"]
)  # fmt: skip
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["1", "sub", "Ada"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
CLAIM = st.none() | st.fixed_dictionaries(
    {}, optional={"essential": st.booleans() | JSON, "value": JSON, "values": st.lists(JSON)}
)
MEMBER = st.dictionaries(NAMES, CLAIM, max_size=5) | JSON
PARAMETER = st.dictionaries(st.sampled_from(["userinfo", "id_token", "other"]), MEMBER, max_size=3)


@settings(max_examples=100)
@given(text=st.one_of(PARAMETER.map(json.dumps), JSON.map(json.dumps), st.text(max_size=60)))
def test_no_text_breaks_the_authorization_endpoint(anybody: RelyingParty, text: str) -> None:
    """Whatever stands there, the answer is a page, a code, or an error that OIDC names."""
    arrival = anybody.ask(claims=text, prompt="none")
    assert arrival.outcome in {
        "code",
        "invalid_request",
        "login_required",
        "consent_required",
        "unmet_authentication_requirements",
    }
    if arrival.outcome == "code":
        answer = anybody.redeem(arrival)
        assert answer.status_code == 200
        told: dict[str, Any] = anybody.claims(answer.json()["id_token"])
        known = {name for names in SCOPES.values() for name in names}
        assert PROTOCOL <= set(told) <= PROTOCOL | known
        assert (told["sub"], told["acr"]) == (anybody.person.subject, "1")  # type: ignore[union-attr]
        shown = anybody.userinfo(answer.json()["access_token"])
        assert shown.status_code == 200
        assert set(shown.json()) <= known | {"sub"}


@pytest.fixture
def anybody(enrol: Enrol, someone: Person) -> RelyingParty:
    """Return a client that needs no consent, whose user is signed in."""
    rp = enrol(skip_consent=True)
    assert rp.authorize(someone).outcome == "code"
    return rp
