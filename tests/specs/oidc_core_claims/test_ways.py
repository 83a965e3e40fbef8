"""OIDC Core §5.5 — the claims parameter by every way in and out: request objects, other flows."""

import json
from typing import Any

import jwt
import pytest

from tests.credentials import Key
from tests.doors import Door
from tests.parties import Enrol
from tests.person import Person
from tests.rp import Arrival, RelyingParty
from tests.specs.oidc_core_claims.asking import PROTOCOL, SCOPES, claims, described
from tests.specs.rfc9101_request_objects.signer import Signer

pytestmark = pytest.mark.spec("OIDC Core §5.5")

TWO = {"userinfo": {"nickname": None}, "id_token": {"gender": {"essential": True}}}


@pytest.fixture
def ada(way_in: Door) -> Person:
    """Return a person of whom everything is known."""
    return described(way_in)


@pytest.fixture
def signing(enrol: Enrol, ada: Person) -> Signer:
    """Return a client that signs its requests, used by somebody who has agreed to all."""
    key = Key()
    rp = enrol(jwks=key.jwks, request_object_signing_alg="ES256", skip_consent=True)
    rp.person = ada
    assert rp.authorize(ada).code
    return Signer(rp=rp, key=key)


@pytest.mark.spec("OIDC Core §6.1")
@pytest.mark.parametrize("form", [TWO, json.dumps(TWO)], ids=["an object", "a text"])
def test_in_a_request_object_it_is_an_object(signing: Signer, form: object) -> None:
    rp, asked = signing.rp, signing.rp.asking(scope="openid")
    tokens = rp.redeem(_sent(signing, asked, form)).json()
    assert set(rp.userinfo(tokens["access_token"]).json()) == {"sub", "nickname"}
    assert set(rp.claims(tokens["id_token"])) == {*PROTOCOL, "gender"}


@pytest.mark.spec("OIDC Core §6.1")
@pytest.mark.parametrize(
    "form",
    [
        [], 7, True, "[]", {"userinfo": []}, {"userinfo": {"name": True}},
        {"userinfo": {"name": {"value": "\x00"}}}, {"id_token": {"acr": {"values": [1]}}},
        json.loads('{"x":' * 300 + "1" + "}" * 300), {"x": "y" * 5000},
    ],
)  # fmt: skip
def test_malformed_in_a_request_object_it_is_an_error_too(signing: Signer, form: object) -> None:
    arrival = _sent(signing, signing.rp.asking(), form)
    assert arrival.outcome in {"invalid_request", "invalid_request_object", "shown"}


@pytest.mark.spec("OIDC Core §6.1")
def test_in_a_request_object_essential_means_essential(signing: Signer) -> None:
    form = {"id_token": {"acr": {"essential": True, "value": "9"}}}
    arrival = _sent(signing, signing.rp.asking(), form)
    assert arrival.outcome == "unmet_authentication_requirements"


@pytest.mark.spec("OIDC Core §3.3.3.6")
def test_both_id_tokens_of_the_hybrid_flow_tell_the_same(enrol: Enrol, ada: Person) -> None:
    rp = enrol(
        response_types=["code", "code id_token"],
        grant_types=["authorization_code", "implicit", "refresh_token"],
    )
    arrival = rp.authorize(
        ada, response_type="code id_token", scope="openid email", claims=json.dumps(TWO)
    )
    first = rp.claims(arrival.parameters["id_token"])
    second = rp.claims(rp.redeem(arrival).json()["id_token"])
    known = {name for names in SCOPES.values() for name in names}
    assert known & first.keys() == known & second.keys() == {"gender"}
    assert {name: first[name] for name in ("iss", "sub", "gender")} == {
        name: second[name] for name in ("iss", "sub", "gender")
    }


@pytest.mark.spec("OIDC Core §5.4")
@pytest.mark.parametrize("scope", SCOPES)
def test_an_id_token_that_comes_alone_tells_what_userinfo_would(
    enrol: Enrol, ada: Person, scope: str
) -> None:
    rp = _implicit(enrol)
    asked = claims(id_token={"nickname": None, "gender": {"value": "none of them"}})
    arrival = rp.authorize(ada, response_type="id_token", scope=f"openid {scope}", claims=asked)
    told = rp.claims(arrival.parameters["id_token"])
    beyond = set(told) - PROTOCOL - {"s_hash"}
    assert beyond == {*SCOPES[scope], "nickname"}, "and a value narrows no scope"


def test_what_was_meant_for_userinfo_stays_away_from_an_id_token(enrol: Enrol, ada: Person) -> None:
    rp = _implicit(enrol)
    asked = claims(userinfo=["nickname"])
    arrival = rp.authorize(ada, response_type="id_token", scope="openid", claims=asked)
    assert "nickname" not in rp.claims(arrival.parameters["id_token"])


@pytest.mark.spec("OIDC Core §5.3.2")
def test_a_signed_userinfo_answer_tells_the_same(enrol: Enrol, ada: Person) -> None:
    rp = enrol(userinfo_signed_response_alg="ES256")
    token = rp.tokens(ada, scope="openid", claims=json.dumps(TWO))["access_token"]
    answer = rp.userinfo(token)
    assert answer.headers["Content-Type"] == "application/jwt"
    told: dict[str, Any] = jwt.decode(answer.text, options={"verify_signature": False})
    assert set(told) == {"iss", "aud", "iat", "sub", "nickname"}


def test_no_access_token_tells_of_the_person(rp: RelyingParty, ada: Person) -> None:
    every = {name for names in SCOPES.values() for name in names}
    asked = claims(userinfo=every, id_token=every)
    token = rp.tokens(ada, scope="openid profile email", claims=asked)["access_token"]
    shown = jwt.decode(token, options={"verify_signature": False})
    assert not every & shown.keys()
    assert not every & rp.introspect(token).json().keys()


def _implicit(enrol: Enrol) -> RelyingParty:
    return enrol(
        response_types=["id_token"], grant_types=["implicit"], token_endpoint_auth_method="none"
    )


def _sent(signing: Signer, asked: Any, form: object) -> Arrival:
    return signing.send(signing.sign(signing.claims(asked, claims=form)), asked)
