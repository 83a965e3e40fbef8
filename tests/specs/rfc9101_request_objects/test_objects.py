"""RFC 9101 §6 — a signed request counts as it is signed, and a faulty one not at all."""

import time
from typing import Any

import pytest

from tests.browser import Page
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
    """The nonce, the state and the address of the object; what is beside it is nothing."""
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
    beside: dict[str, Any] = {name: asked.value(name)}
    assert known.send(known.sign(known.claims(asked)), asked, **beside).outcome == "code"
    without = known.sign(known.claims(asked, **{name: None}))
    assert known.send(without, asked, **beside).outcome == "code"
    other: dict[str, Any] = {
        name: {"response_type": "code id_token", "scope": "openid phone"}[name],
    }
    refused = known.send(known.sign(known.claims(asked)), redirect_uri=CALLBACK, **other)
    assert refused.outcome == "invalid_request_object"


def test_the_order_of_scopes_contradicts_nothing(known: Signer) -> None:
    asked = known.rp.asking(scope="openid email")
    text = known.sign(known.claims(asked))
    assert known.send(text, asked, scope="email openid").outcome == "code"


def test_an_error_about_the_object_travels_as_the_answer_would(known: Signer) -> None:
    beside: dict[str, Any] = {
        "redirect_uri": CALLBACK,
        "response_type": "code id_token",
        "state": "s",
    }
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
        beside: dict[str, Any] = {name: asked.value(name)}
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
    both: dict[str, Any] = {"request_uri": "https://app.example/r", "redirect_uri": CALLBACK}
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
