"""RFC 6749 §4.1.2.1 — no authorization request of a real client reaches a 500, signed or not."""

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authserver import authorization
from tests import doors
from tests.fuzz import targets
from tests.parties import Enrol
from tests.specs.rfc9101_request_objects import signer
from tests.specs.rfc9101_request_objects.signer import Signer

NAMES = [*authorization.KEPT, "request", "request_uri", "registration", "resource", "x"]
TEXT = st.text(max_size=40) | st.sampled_from(
    ["", "\0", "openid", "none", "login", "code id_token", "form_post", "0", "1e9", "{}", "[[[["]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3)
)
CLAIMS = st.dictionaries(
    st.sampled_from([*NAMES, "iss", "aud", "exp", "nbf", "iat", "sub", "jti"]) | TEXT,
    VALUES,
    max_size=4,
)
HEADS = st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "jwk", "b64"]), VALUES)


@pytest.fixture
def signing(enrol: Enrol) -> Signer:
    """Return a client that signs its requests, whose user is signed in and has agreed."""
    made = signer.enrolled(
        enrol,
        response_types=["code", "id_token", "code id_token"],
        grant_types=["authorization_code", "implicit"],
    )
    made.rp.tokens()
    return made


def _ask(signing: Signer, parameters: dict[str, Any]) -> None:
    """Send a request; whatever comes back goes nowhere but to the client or our own pages."""
    clean = {
        name: str(value).encode("utf-8", "replace").decode() for name, value in parameters.items()
    }
    path = signing.rp.address("authorization")
    answer = signing.browser.send("GET", f"{path}?{doors.encoded(clean)}")
    targets.judge("/oauth2/authorize", answer)
    places = (f"{signing.rp.redirect_uri}?", f"{signing.rp.redirect_uri}#", f"{signing.rp.issuer}/")
    assert not answer.location or answer.location.startswith(places), answer.location


@settings(max_examples=150)
@given(changes=st.dictionaries(st.sampled_from(NAMES), TEXT, max_size=4))
def test_any_parameters(signing: Signer, changes: dict[str, str]) -> None:
    _ask(signing, {**signing.rp.asking().parameters, **changes})


@settings(max_examples=150)
@given(changes=CLAIMS)
def test_any_signed_claims(signing: Signer, changes: dict[str, Any]) -> None:
    claims = signing.claims(signing.rp.asking()) | changes
    text = signing.sign_text(json.dumps(claims))
    _ask(signing, {"client_id": signing.rp.client_id, "request": text})


@settings(max_examples=60)
@given(head=HEADS, payload=st.text(max_size=60))
def test_any_signed_text(signing: Signer, head: dict[str, Any], payload: str) -> None:
    whole = json.dumps({"alg": "ES256", **head})
    body = payload.encode("utf-8", "replace").decode()
    _ask(signing, {"client_id": signing.rp.client_id, "request": signing.sign_text(body, whole)})


@settings(max_examples=60)
@given(text=st.text(max_size=200), uri=TEXT)
def test_any_text_for_an_object(signing: Signer, text: str, uri: str) -> None:
    beside = {"client_id": signing.rp.client_id, "redirect_uri": signing.rp.redirect_uri}
    _ask(signing, {**beside, "request": text})
    _ask(signing, {**beside, "request_uri": uri})


@settings(max_examples=60)
@given(moment=st.integers(-(10**12), 10**12) | st.floats())
def test_any_date(signing: Signer, moment: float) -> None:
    for name in ("exp", "nbf", "iat"):
        claims = signing.claims(signing.rp.asking(), exp=int(time.time()) + 60) | {name: moment}
        _ask(signing, {"client_id": signing.rp.client_id, "request": signing.sign(claims)})
