"""OIDC Core §5.5.1.1 — `acr` says what was done: never an echo of what was asked for."""

import time
from typing import Any

import pytest

from tests.parties import Enrol
from tests.person import Person
from tests.rp import RelyingParty
from tests.specs.oidc_core_claims.asking import claims

pytestmark = pytest.mark.spec("OIDC Core §5.5.1.1")

UNKNOWN = ["urn:mace:incommon:iap:silver", "phrh", "0", "01", "1 ", "password"]
BEYOND = ["2", "phr"]
"""What somebody can reach, but not who has a password alone."""


def _essential(**how: Any) -> str:
    return claims(id_token={"acr": {"essential": True, **how}})


@pytest.mark.spec("OIDC Unmet Authentication Requirements §2")
@pytest.mark.parametrize("acr", UNKNOWN + BEYOND)
@pytest.mark.parametrize("kind", ["value", "values"])
def test_an_essential_level_nobody_reaches_is_an_error(
    rp: RelyingParty, acr: str, kind: str
) -> None:
    text = _essential(value=acr) if kind == "value" else _essential(values=[acr, "9"])
    for moment in ("before sign-in", "after sign-in"):
        for prompt in (None, "none", "login", "consent"):
            if acr in BEYOND and moment == "before sign-in":
                continue  # whoever signs in might have what it takes
            arrival = rp.ask(claims=text, prompt=prompt)
            assert arrival.outcome == "unmet_authentication_requirements", (moment, prompt)
            assert arrival.parameters["iss"] == rp.issuer
        rp.authorize()


def test_an_essential_level_that_was_reached_is_told(rp: RelyingParty) -> None:
    for text in (_essential(value="1"), _essential(values=["2", "1"]), _essential()):
        assert rp.claims(rp.tokens(claims=text)["id_token"])["acr"] == "1"


@pytest.mark.parametrize(
    "wish",
    [
        {"acr_values": "2"},
        {"acr_values": "urn:mace:incommon:iap:silver 9 1"},
        {"claims": claims(id_token={"acr": {"values": ["2", "9"]}})},
        {"claims": claims(id_token={"acr": {"value": "2"}, "amr": {"value": ["mfa"]}})},
        {"claims": claims(id_token={"acr": {"essential": False, "value": "2"}})},
        {"claims": claims(userinfo={"acr": {"essential": True, "value": "2"}})},
        {"claims": claims(id_token={"amr": {"essential": True, "values": [["mfa", "hwk"]]}})},
        {"acr_values": "2", "claims": _essential(value="1")},
    ],
)
def test_a_wish_never_fails_and_is_never_echoed(rp: RelyingParty, wish: dict[str, Any]) -> None:
    tokens = rp.tokens(**wish)
    told = rp.claims(tokens["id_token"])
    assert (told["acr"], told["amr"]) == ("1", ["pwd"])
    again = rp.claims(rp.refresh(tokens["refresh_token"]).json()["id_token"])
    assert (again["acr"], again["amr"]) == ("1", ["pwd"])
    assert not {"acr", "amr"} & rp.userinfo(tokens["access_token"]).json().keys()


@pytest.mark.spec("OIDC Registration §2")
def test_levels_of_the_registration_are_a_wish_too(enrol: Enrol) -> None:
    rp = enrol(default_acr_values=["2", "9"])
    assert rp.claims(rp.tokens()["id_token"])["acr"] == "1"


def test_the_interaction_cannot_be_gone_around_by_signing_in(
    rp: RelyingParty, someone: Person
) -> None:
    arrival = rp.authorize(someone, claims=_essential(value="2"))
    assert arrival.outcome == "unmet_authentication_requirements"
    assert rp.ask(claims=_essential(value="2"), prompt="none").error == arrival.error


@pytest.mark.spec("RFC 8176 §2")
def test_what_can_be_reached_is_what_is_advertised(rp: RelyingParty) -> None:
    assert rp.metadata["acr_values_supported"] == ["1", "2", "phr"]
    told = rp.claims(rp.tokens(claims=_essential(value="1"))["id_token"])
    assert (told["acr"], told["amr"]) == ("1", ["pwd"])


@pytest.mark.parametrize("how", [None, {"essential": True}, {"essential": True, "value": 1}])
def test_auth_time_is_when_it_was_whatever_is_asked(rp: RelyingParty, how: object) -> None:
    start = int(time.time())
    told = rp.claims(rp.tokens(claims=claims(id_token={"auth_time": how}))["id_token"])
    assert start <= told["auth_time"] <= time.time()


@pytest.mark.parametrize(
    "name",
    [
        "iss", "aud", "exp", "iat", "nbf", "nonce", "azp", "auth_time", "amr", "sid", "at_hash",
        "c_hash", "jti", "cnf", "act", "may_act", "scope", "client_id", "events", "sub_jwk",
    ],
)  # fmt: skip
def test_what_the_protocol_says_cannot_be_asked_otherwise(
    enrol: Enrol, someone: Person, name: str
) -> None:
    rp = enrol(client_name="acr 9", contacts=["iss@app.example"])
    how = {name: {"essential": True, "value": "forged"}}
    plain = rp.authorize(nonce=None)
    forged = rp.ask(nonce=None, claims=claims(id_token=how, userinfo=how))
    told = [rp.claims(rp.redeem(one).json()["id_token"]) for one in (plain, forged)]
    moving = {"iat", "exp", "at_hash"}
    assert set(told[0]) == set(told[1])
    assert {name: told[1][name] for name in told[1] if name not in moving} == {
        name: told[0][name] for name in told[0] if name not in moving
    }
    assert "forged" not in told[1].values()
    assert told[1]["sub"] == someone.subject
