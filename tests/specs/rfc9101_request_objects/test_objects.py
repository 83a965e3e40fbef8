"""RFC 9101 §6 — a signed request counts as it is signed, and a faulty one not at all."""

import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest

from tests.browser import Page
from tests.credentials import Key, statement
from tests.parties import CALLBACK, Enrol
from tests.person import Person
from tests.specs.rfc9101_request_objects import signer
from tests.specs.rfc9101_request_objects.signer import Signer

pytestmark = pytest.mark.spec("RFC 9101 §6")

EVIL = "https://evil.example/cb"


@pytest.fixture
def signing(enrol: Enrol) -> Signer:
    """Return a client that may sign its requests."""
    return signer.enrolled(enrol)


@pytest.fixture
def known(signing: Signer) -> Signer:
    """Return one whose user has signed in and agreed."""
    signing.rp.tokens()
    return signing


@pytest.mark.parametrize("typ", ["oauth-authz-req+jwt", "OAUTH-AUTHZ-REQ+JWT", "JWT", None])
def test_a_signed_request_is_granted(known: Signer, typ: str | None) -> None:
    asked = known.rp.asking()
    arrival = known.send(known.sign(known.claims(asked), typ=typ), asked)
    assert arrival.outcome == "code"
    claims = known.rp.claims(known.rp.redeem(arrival).json()["id_token"])
    assert claims["nonce"] == asked.value("nonce")


def test_it_travels_through_sign_in_and_consent(signing: Signer, someone: Person) -> None:
    asked = signing.rp.asking(scope="openid email")
    outer = signing.outer(request=signing.sign(signing.claims(asked)))
    arrival = signing.rp.arrival(asked, someone.visit(signing.rp.url(outer)))
    assert arrival.outcome == "code"
    tokens = signing.rp.redeem(arrival).json()
    assert tokens["scope"] == "openid email"
    assert signing.rp.claims(tokens["id_token"])["nonce"] == asked.value("nonce")


def test_an_object_may_expire_while_the_person_signs_in(signing: Signer, someone: Person) -> None:
    asked = signing.rp.asking()
    claims = signing.claims(asked, exp=int(time.time()) - 28)  # within the leeway, not for long
    outer = signing.outer(request=signing.sign(claims))
    page = someone.browser.open(signing.rp.url(outer))
    with pytest.MonkeyPatch.context() as context:
        context.setattr(time, "time", lambda now=time.time: now() + 120)
        assert signing.rp.arrival(asked, someone.answer(page)).outcome == "code"


def test_only_what_is_signed_counts(known: Signer) -> None:
    """A053: the nonce, the state and the address of the object; what is beside it is nothing."""
    asked = known.rp.asking(scope="openid")
    arrival = known.send(
        known.sign(known.claims(asked)),
        asked,
        redirect_uri=EVIL,
        state="outside",
        nonce="outside",
        prompt="consent",
        response_mode="form_post",
        max_age="0",
        claims='{"userinfo":{"email":null}}',
        code_challenge="x" * 43,
    )
    assert (arrival.outcome, arrival.mode) == ("code", "query")
    tokens = known.rp.redeem(arrival).json()
    assert tokens["scope"] == "openid"
    assert known.rp.claims(tokens["id_token"])["nonce"] == asked.value("nonce")


def test_what_is_not_signed_is_not_there(known: Signer) -> None:
    asked = known.rp.asking(state=None)
    claims = known.claims(asked, redirect_uri=None)
    assert known.send(known.sign(claims), redirect_uri=CALLBACK).outcome == "shown"
    arrival = known.send(known.sign(known.claims(asked)), asked, state="outside")
    assert (arrival.outcome, "state" in arrival.parameters) == ("code", False)


@pytest.mark.parametrize("name", ["response_type", "scope"])
def test_openid_connect_has_two_parameters_beside_the_object(known: Signer, name: str) -> None:
    """OIDC Core §6.1: they may stand on both sides, alike, or outside alone."""
    asked = known.rp.asking()
    beside = {name: asked.value(name)}
    assert known.send(known.sign(known.claims(asked)), asked, **beside).outcome == "code"
    without = known.sign(known.claims(asked, **{name: None}))
    assert known.send(without, asked, **beside).outcome == "code"
    other = {"response_type": "code id_token", "scope": "openid phone"}[name]
    refused = known.send(known.sign(known.claims(asked)), redirect_uri=CALLBACK, **{name: other})
    assert refused.outcome == "invalid_request_object"


def test_the_order_of_scopes_contradicts_nothing(known: Signer) -> None:
    asked = known.rp.asking(scope="openid email")
    text = known.sign(known.claims(asked))
    assert known.send(text, asked, scope="email openid").outcome == "code"


FAULTS: dict[str, dict[str, Any]] = {
    "no iss": {"iss": None},
    "another iss": {"iss": "somebody"},
    "no aud": {"aud": None},
    "another aud": {"aud": "https://other.example"},
    "aud is a prefix": {"aud": "https://"},
    "aud is a number": {"aud": 5},
    "aud lists others": {"aud": ["https://other.example", 5, None, ["x"]]},
    "a client assertion": {"sub": "CLIENT"},
    "another client inside": {"client_id": "somebody"},
    "client in a list": {"client_id": ["CLIENT"]},
    "no exp": {"exp": None},
    "exp past": {"exp": -60},
    "exp too far": {"exp": 3_700},
    "exp is a text": {"exp": "9999999999"},
    "exp is true": {"exp": True},
    "exp is huge": {"exp": 10**400},
    "exp is endless": {"exp": float("inf")},
    "exp is no number": {"exp": float("nan")},
    "nbf ahead": {"nbf": 120},
    "nbf long ago": {"nbf": -3_700},
    "nbf is a text": {"nbf": "1"},
    "iat ahead": {"iat": 120},
    "iat long ago": {"iat": -3_700},
    "iat is null": {"iat": "NULL"},
    "nested request": {"request": "e30.e30."},
    "nested request_uri": {"request_uri": "https://app.example/request"},
    "nested request that is null": {"request": "NULL"},
    "scope is a number": {"scope": 5},
    "scope is a list": {"scope": ["openid"]},
    "scope is true": {"scope": True},
    "scope is null": {"scope": "NULL"},
    "state is an object": {"state": {"a": 1}},
    "redirect_uri is a list": {"redirect_uri": [CALLBACK]},
    "nonce is a number": {"nonce": 1},
    "max_age is true": {"max_age": True},
    "max_age is a fraction": {"max_age": 1.5},
    "claims is a text in a list": {"claims": ["x"]},
    "resource is a number": {"resource": 5},
    "resource is a list of numbers": {"resource": [5]},
    "half a surrogate pair": {"state": "\ud800"},
}


def _faulty(signing: Signer, changes: dict[str, Any]) -> dict[str, Any]:
    now, claims = int(time.time()), signing.claims(signing.rp.asking())
    for name, value in changes.items():
        is_offset = name in {"exp", "nbf", "iat"} and type(value) is int and abs(value) < 10**6
        claims[name] = now + value if is_offset else value
        if value is None:
            del claims[name]
    own = (
        json.dumps(claims)
        .replace('"NULL"', "null")
        .replace('"CLIENT"', f'"{signing.rp.client_id}"')
    )
    return dict(json.loads(own))


@pytest.mark.parametrize("changes", FAULTS.values(), ids=FAULTS)
def test_a_faulty_object_asks_for_nothing(known: Signer, changes: dict[str, Any]) -> None:
    """A048: with nothing to answer to, the error is shown; to a matched address it is sent."""
    text = known.sign(_faulty(known, changes))
    assert known.send(text).outcome == "shown"
    assert known.send(text, redirect_uri=EVIL).outcome == "shown"
    arrival = known.send(text, redirect_uri=CALLBACK, state="outside")
    assert (arrival.outcome, arrival.mode) == ("invalid_request_object", "query")
    assert arrival.parameters["iss"] == known.rp.issuer


def test_an_error_about_the_object_travels_as_the_answer_would(known: Signer) -> None:
    beside = {"redirect_uri": CALLBACK, "response_type": "code id_token", "state": "s"}
    assert known.send("garbage", **beside).mode == "fragment"
    assert known.send("garbage", **beside, response_mode="form_post").mode == "form_post"
    assert known.send("garbage", **beside, response_mode="query").mode == "fragment"


INVALID: dict[str, tuple[dict[str, Any], str]] = {
    "bogus type": ({"response_type": "bogus"}, "unsupported_response_type"),
    "bogus scope": ({"scope": "openid bogus"}, "invalid_scope"),
    "no challenge": ({"code_challenge": None}, "invalid_request"),
    "plain": ({"code_challenge_method": "plain"}, "invalid_request"),
    "bogus prompt": ({"prompt": "bogus"}, "invalid_request"),
    "max_age in words": ({"max_age": "abc"}, "invalid_request"),
    "negative max_age": ({"max_age": -1}, "invalid_request"),
    "unknown resource": ({"resource": "https://nowhere.example"}, "invalid_target"),
    "unknown resources": ({"resource": ["https://nowhere.example", "x"]}, "invalid_target"),
    "registration": ({"registration": {}}, "registration_not_supported"),
    "registration as text": ({"registration": "{}"}, "registration_not_supported"),
    "control character": ({"login_hint": "a\nb"}, "invalid_request"),
    "NUL": ({"login_hint": "a\0b"}, "invalid_request"),
    "other alphabet": ({"prompt": "l\u00f6gin"}, "invalid_request"),
    "long value": ({"login_hint": "x" * 2_049}, "invalid_request"),
    "claims in a list": ({"claims": {"userinfo": []}}, "invalid_request"),
    "deep claims": (
        {"claims": {"userinfo": {"email": {"value": [[[[[[[1]]]]]]]}}}},
        "invalid_request",
    ),
    "nobody else": ({"prompt": "none", "id_token_hint": "x"}, "login_required"),
}


@pytest.mark.parametrize(("changes", "error"), INVALID.values(), ids=INVALID)
def test_what_it_says_is_judged_as_if_it_had_been_sent(
    known: Signer, changes: dict[str, Any], error: str
) -> None:
    asked = known.rp.asking()
    arrival = known.send(known.sign(known.claims(asked, **changes)), asked)
    assert arrival.outcome == error


def test_numbers_and_objects_are_what_they_are_in_json(known: Signer, someone: Person) -> None:
    asked = known.rp.asking()
    claims = known.claims(asked, max_age=0, claims={"id_token": {"email": {"essential": True}}})
    outer = known.outer(request=known.sign(claims, typ=None))
    page = someone.browser.open(known.rp.url(outer))
    assert Page(page).form_with("password")  # max_age=0
    arrival = known.rp.arrival(asked, someone.answer(page))
    said = known.rp.claims(known.rp.redeem(arrival).json()["id_token"])
    assert said["email"] == someone.email


@pytest.mark.parametrize("resource", ["one", "list"])
def test_resources_may_be_listed(known: Signer, resource: str) -> None:
    own = f"{known.rp.issuer}/api"
    asked = known.rp.asking(prompt="consent")
    listed = own if resource == "one" else [own]
    outer = known.outer(request=known.sign(known.claims(asked, resource=listed)))
    assert known.rp.person
    arrival = known.rp.arrival(asked, known.rp.person.visit(known.rp.url(outer)))
    assert arrival.outcome == "code"


def test_what_we_do_not_know_is_passed_over(known: Signer) -> None:
    asked = known.rp.asking()
    claims = known.claims(asked, jti="1", utm_source=["newsletter"], authorization=None, x={"y": 1})
    assert known.send(known.sign(claims), asked).outcome == "code"


def _head(**changes: Any) -> str:
    return json.dumps({"alg": "ES256", **changes})


FORGED: dict[str, Callable[[Signer, dict[str, Any]], str]] = {
    "unsigned": lambda _, claims: jwt.encode(claims, "", algorithm="none"),
    "another key under our kid": lambda s, claims: s.sign(claims, key=Key().private),
    "shared secret": lambda s, claims: s.sign(claims, key="s" * 64, alg="HS256"),
    "the public key as a secret": lambda s, claims: s.hashed(claims, json.dumps(s.key.jwks)),
    "unknown kid": lambda s, claims: s.sign(claims, kid="nobody"),
    "path as kid": lambda s, claims: s.sign(claims, kid="../../dev/null"),
    "object as kid": lambda s, claims: s.sign_text(json.dumps(claims), _head(kid={})),
    "list as alg": lambda s, claims: s.sign_text(json.dumps(claims), _head(alg=["ES256"])),
    "number as typ": lambda s, claims: s.sign_text(json.dumps(claims), _head(typ=1)),
    "key in the header": lambda s, claims: s.sign(
        claims, key=(mine := Key()).private, kid=None, jwk=mine.jwks["keys"][0]
    ),
    "key at an address": lambda s, claims: s.sign(
        claims, key=Key().private, kid=None, jku="http://127.0.0.1:1/jwks"
    ),
    "typ of an access token": lambda s, claims: s.sign(claims, typ="at+jwt"),
    "typ of a logout token": lambda s, claims: s.sign(claims, typ="logout+jwt"),
    "typ of a client assertion": lambda s, claims: s.sign(claims, typ="client-authentication+jwt"),
    "crit": lambda s, claims: s.sign(claims, crit=["x"], x=1),
    "b64": lambda s, claims: s.sign_text(json.dumps(claims), _head(b64=False, crit=["b64"])),
    "alg twice": lambda s, claims: s.sign_text(json.dumps(claims), '{"alg":"none","alg":"ES256"}'),
    "a member twice": lambda s, claims: s.sign_text(
        json.dumps(claims)[:-1] + ',"redirect_uri":"https://app.example/cb"}'
    ),
    "deep nesting": lambda s, _: s.sign_text("[" * 4_000),
    "a list": lambda s, _: s.sign_text("[1]"),
    "no JSON": lambda s, _: s.sign_text("x"),
    "nothing": lambda s, _: s.sign_text(""),
    "signature cut off": lambda s, claims: s.sign(claims).rpartition(".")[0] + ".",
    "signature changed": lambda s, claims: s.sign(claims)[:-8] + "AAAAAAAA",
    "zeros for a signature": lambda s, claims: s.sign(claims).rpartition(".")[0] + "." + "A" * 86,
    "two parts": lambda s, claims: s.sign(claims).rpartition(".")[0],
    "four parts": lambda s, claims: s.sign(claims) + ".x",
    "five parts": lambda s, claims: s.sign(claims) + ".x.y",
    "dots": lambda *_: "." * 2_000,
    "padding": lambda s, claims: s.sign(claims) + "=",
    "a space": lambda s, claims: s.sign(claims) + " ",
    "quotes": lambda s, claims: f'"{s.sign(claims)}"',
    "JSON serialization": lambda *_: '{"payload":"e30","signatures":[]}',
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_forged_object_asks_for_nothing(
    known: Signer, forge: Callable[[Signer, dict[str, Any]], str]
) -> None:
    text = forge(known, known.claims(known.rp.asking()))
    assert known.send(text).outcome == "shown"
    arrival = known.send(text, redirect_uri=CALLBACK, state="outside")
    assert arrival.outcome == "invalid_request_object"


@pytest.mark.spec("RFC 9101 §10.8")
def test_a_client_assertion_is_no_request_and_a_request_no_assertion(enrol: Enrol) -> None:
    signing = signer.enrolled(enrol)
    assertion = statement(signing.rp.client_id, signing.rp.issuer)
    asked = signing.rp.asking()
    assert (
        signing.send(signing.sign({**asked.parameters, **assertion}, typ="JWT")).outcome == "shown"
    )
    by_key = enrol(token_endpoint_auth_method="private_key_jwt")
    sign = Signer(rp=by_key, key=by_key.credentials.key)  # type: ignore[attr-defined]
    text = sign.sign(sign.claims(by_key.asking(), jti="1"), typ="JWT")
    proof = {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}
    form = {"grant_type": "client_credentials", "client_assertion": text, **proof}
    answer = by_key.door.post(by_key.address("token"), form)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_one_of_our_own_tokens_is_no_request(known: Signer) -> None:
    tokens = known.rp.tokens()
    for text in (tokens["id_token"], tokens["access_token"], tokens["refresh_token"]):
        assert known.send(text).outcome == "shown"


def test_the_key_of_another_client_signs_nothing_here(enrol: Enrol) -> None:
    key = Key()
    mine, other = (signer.enrolled(enrol) for _ in range(2))
    text = mine.sign(mine.claims(mine.rp.asking()), key=other.key.private)
    assert mine.send(text).outcome == "shown"
    assert key.kid not in text


def test_a_client_without_keys_cannot_sign(enrol: Enrol) -> None:
    signing = Signer(rp=enrol())
    assert signing.send(signing.sign(signing.claims(signing.rp.asking()))).outcome == "shown"


def test_the_registered_algorithm_is_the_only_one(enrol: Enrol) -> None:
    signing = signer.enrolled(enrol, request_object_signing_alg="PS256")
    text = signing.sign(signing.claims(signing.rp.asking()))
    assert signing.send(text, redirect_uri=CALLBACK).outcome == "invalid_request_object"
    usual = signer.enrolled(enrol, request_object_signing_alg="ES256")
    asked = usual.rp.asking()
    assert usual.send(usual.sign(usual.claims(asked)), asked).outcome == "page"


@pytest.mark.spec("RFC 9101 §10.5")
def test_a_client_that_has_to_sign_is_not_heard_otherwise(enrol: Enrol) -> None:
    signing = signer.enrolled(enrol, require_signed_request_object=True)
    assert signing.rp.ask().outcome == "invalid_request"
    asked = signing.rp.asking()
    assert signing.send(signing.sign(signing.claims(asked)), asked).outcome == "page"
    for name in ("response_type", "scope"):
        without = signing.sign(signing.claims(asked, **{name: None}))
        beside = {name: asked.value(name)}
        outcome = signing.send(without, asked, **beside).outcome
        assert outcome in {"invalid_request", "page"}
        assert (outcome == "page") is (name == "scope")  # then it is the client's default scope


def test_its_interaction_goes_on_unsigned(enrol: Enrol, someone: Person) -> None:
    signing = signer.enrolled(enrol, require_signed_request_object=True)
    asked = signing.rp.asking()
    outer = signing.outer(request=signing.sign(signing.claims(asked)))
    assert signing.rp.arrival(asked, someone.visit(signing.rp.url(outer))).outcome == "code"


def test_an_object_is_sent_or_fetched_never_both(known: Signer) -> None:
    asked = known.rp.asking()
    both = {"request_uri": "https://app.example/r", "redirect_uri": CALLBACK}
    assert known.send(known.sign(known.claims(asked)), **both).outcome == "invalid_request"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_request_sent_twice_is_refused(known: Signer, method: str) -> None:
    text = known.sign(known.claims(known.rp.asking()))
    assert known.rp.ask(method=method, request=[text, text]).outcome == "invalid_request"


def test_an_object_that_is_posted_counts_too(known: Signer, someone: Person) -> None:
    asked = known.rp.asking()
    outer = known.outer(request=known.sign(known.claims(asked)))
    sent = someone.browser.send("POST", known.rp.address("authorization"), outer.parameters)
    assert known.rp.arrival(asked, sent).outcome == "code"


@pytest.mark.parametrize(("size", "outcome"), [(9_000, "invalid_request"), (200_000, "shown")])
def test_a_huge_object_is_refused(known: Signer, size: int, outcome: str) -> None:
    text = known.sign(known.claims(known.rp.asking(), padding="x" * size))
    assert known.send(text, redirect_uri=CALLBACK).outcome == outcome


def test_the_metadata_says_so(known: Signer) -> None:
    metadata = known.rp.metadata
    assert metadata["request_parameter_supported"] is True
    assert "none" not in metadata["request_object_signing_alg_values_supported"]
    assert {"ES256", "RS256"} <= set(metadata["request_object_signing_alg_values_supported"])
