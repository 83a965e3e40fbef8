"""OIDC Core §5.5.1 — a client that names a `sub` is answered for that person or not at all."""

import uuid
from typing import Any

import pytest

from tests.browser import Page
from tests.parties import Enrol
from tests.person import Person
from tests.rp import RelyingParty
from tests.specs.oidc_core_claims.asking import claims

pytestmark = pytest.mark.spec("OIDC Core §5.5.1")


@pytest.mark.parametrize("member", ["id_token", "userinfo"])
@pytest.mark.parametrize("kind", ["value", "values"])
def test_another_person_than_the_one_named_is_not_answered_for(
    rp: RelyingParty, someone: Person, somebody_else: Person, member: str, kind: str
) -> None:
    rp.authorize(somebody_else)
    rp.authorize()

    def asked(subject: str) -> str:
        how: dict[str, Any] = {"value": subject} if kind == "value" else {"values": ["x", subject]}
        return claims(**{member: {"sub": how}})

    mine, theirs = asked(someone.subject), asked(somebody_else.subject)
    assert rp.ask(claims=mine, prompt="none").outcome == "code"
    for text in (theirs, asked("nobody"), asked(str(uuid.uuid4())), asked("")):
        assert rp.ask(claims=text, prompt="none").outcome == "login_required"
    assert rp.ask(somebody_else, claims=theirs, prompt="none").outcome == "code"


def test_the_person_may_go_on_as_the_one_who_is_meant(
    rp: RelyingParty, someone: Person, somebody_else: Person
) -> None:
    rp.authorize()
    asked = rp.asking(claims=claims(id_token={"sub": {"value": somebody_else.subject}}))
    page = someone.browser.open(rp.url(asked))
    assert Page(page).form_with("other"), "asked which account to go on with"
    page = someone.decide(page, "other")
    someone.email, someone.subject = somebody_else.email, somebody_else.subject
    arrival = rp.arrival(asked, someone.answer(page))
    told = rp.claims(rp.redeem(arrival).json()["id_token"])
    assert told["sub"] == somebody_else.subject


def test_insisting_on_being_somebody_else_ends_in_an_error(
    rp: RelyingParty, someone: Person, somebody_else: Person
) -> None:
    rp.authorize()
    text = claims(id_token={"sub": {"value": somebody_else.subject}})
    assert rp.authorize(someone, claims=text).outcome == "login_required"


def test_two_members_that_name_two_people_name_nobody(
    rp: RelyingParty, someone: Person, somebody_else: Person
) -> None:
    rp.authorize()
    text = claims(
        id_token={"sub": {"value": someone.subject}},
        userinfo={"sub": {"value": somebody_else.subject}},
    )
    assert rp.ask(claims=text, prompt="none").outcome == "login_required"


def test_who_is_signed_in_cannot_be_guessed_before_they_agreed(
    rp: RelyingParty, other_rp: RelyingParty, someone: Person, somebody_else: Person
) -> None:
    hints = [other_rp.tokens(person)["id_token"] for person in (someone, somebody_else)]
    subjects = [
        claims(id_token={"sub": {"value": person.subject}}) for person in (someone, somebody_else)
    ]
    for right, wrong in (
        [{"claims": text} for text in subjects],
        [{"id_token_hint": text} for text in hints],
    ):
        told = [rp.ask(prompt="none", **guess).parameters for guess in (right, wrong)]
        seen = [(each["error"], each["error_description"], set(each)) for each in told]
        assert seen[0] == seen[1]
        assert told[0]["error"] == "login_required"
    assert rp.ask(prompt="none").outcome == "consent_required"
    mine = rp.tokens()["id_token"]
    assert rp.ask(prompt="none", id_token_hint=mine, scope="openid phone").outcome == (
        "consent_required"
    ), "whom it knows it may name"


@pytest.mark.parametrize("how", [None, {}, {"essential": True}])
def test_asking_for_sub_without_a_value_names_nobody(rp: RelyingParty, how: object) -> None:
    rp.authorize()
    assert rp.ask(claims=claims(id_token={"sub": how}), prompt="none").outcome == "code"


@pytest.mark.spec("OIDC Core §8.1")
def test_a_pairwise_client_names_people_as_it_knows_them(enrol: Enrol, someone: Person) -> None:
    rp = enrol(subject_type="pairwise")
    known = rp.claims(rp.tokens()["id_token"])["sub"]
    assert known != someone.subject
    text = claims(id_token={"sub": {"value": known}})
    assert rp.ask(claims=text, prompt="none").outcome == "code"
    text = claims(id_token={"sub": {"value": someone.subject}})
    assert rp.ask(claims=text, prompt="none").outcome == "login_required"
