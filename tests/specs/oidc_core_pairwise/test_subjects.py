"""OIDC Core §8.1 — in every sector a person has another identifier, and everywhere the same one."""

import secrets
from dataclasses import replace
from typing import Any

import pytest

from tests.parties import LOOPBACK, MACHINE, Enrol
from tests.person import Person
from tests.registrations import Newcomer
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("OIDC Core §8.1")

Pair = Any


@pytest.fixture
def host() -> str:
    """Return a sector nobody else has."""
    return f"{secrets.token_hex(6)}.example"


def _at(enrol: Enrol, host: str, path: str = "cb", **more: Any) -> RelyingParty:
    return enrol(subject_type="pairwise", redirect_uris=[f"https://{host}/{path}"], **more)


def _subject(rp: RelyingParty, person: Person | None = None) -> str:
    return str(rp.claims(rp.tokens(person)["id_token"])["sub"])


@pytest.mark.spec("OIDC Discovery §3")
def test_both_kinds_are_advertised(rp: RelyingParty) -> None:
    assert rp.metadata["subject_types_supported"] == ["public", "pairwise"]


def test_a_sector_knows_a_person_under_one_name(enrol: Enrol, host: str, someone: Person) -> None:
    one, another = _at(enrol, host), _at(enrol, host, "elsewhere")
    name = _subject(one)
    assert name == _subject(one) == _subject(another)
    assert someone.subject not in name
    assert 1 <= len(name) <= 255
    assert name.isascii()


def test_two_sectors_cannot_compare_notes(enrol: Enrol, host: str) -> None:
    one, another = _at(enrol, host), _at(enrol, f"other-{host}")
    mine, theirs = (
        one.claims(one.tokens()["id_token"]),
        another.claims(another.tokens()["id_token"]),
    )
    assert mine["sub"] != theirs["sub"]
    assert mine["sid"] != theirs["sid"], "the same session, under another name"


def test_two_people_are_two_in_every_sector(enrol: Enrol, host: str, somebody_else: Person) -> None:
    rp = _at(enrol, host)
    assert _subject(rp) != _subject(rp, somebody_else)


def test_the_public_kind_is_everywhere_the_same(enrol: Enrol, someone: Person) -> None:
    assert _subject(enrol()) == _subject(enrol()) == someone.subject


def test_every_answer_names_the_person_alike(enrol: Enrol, host: str) -> None:
    rp = _at(enrol, host)
    api = enrol(**MACHINE, may_introspect=True)
    tokens = rp.tokens()
    name = rp.claims(tokens["id_token"])["sub"]
    access = tokens["access_token"]
    assert rp.userinfo(access).json()["sub"] == name
    assert rp.introspect(access).json()["sub"] == name
    assert api.introspect(access).json()["sub"] == name
    assert rp.introspect(tokens["refresh_token"]).json()["sub"] == name
    again = rp.refresh(tokens["refresh_token"]).json()
    assert rp.claims(again["id_token"])["sub"] == name
    assert rp.userinfo(again["access_token"]).json()["sub"] == name


def test_the_access_token_itself_hides_the_person(enrol: Enrol, host: str, someone: Person) -> None:
    rp = _at(enrol, host)
    access = rp.tokens()["access_token"]
    said = rp.claims(access, audience=f"{rp.issuer}/api")
    assert said["sub"] == _subject(rp)
    assert someone.subject not in str(said)


@pytest.mark.parametrize("uri", [LOOPBACK, "http://localhost:8080/cb", "http://[::1]/cb"])
def test_a_host_that_every_device_has_is_nobody_s_sector(enrol: Enrol, uri: str) -> None:
    one, another = (enrol(subject_type="pairwise", redirect_uris=[uri]) for _ in range(2))
    assert _subject(one) == _subject(one)
    assert _subject(one) != _subject(another)


def test_nobody_carries_a_person_over_into_another_sector(
    newcomer: Newcomer, enrol: Enrol, host: str
) -> None:
    there = _at(enrol, host)
    kinds: dict[str, Any] = {
        "grant_types": ["authorization_code", "refresh_token"],
        "subject_type": "pairwise",
    }
    told = newcomer.register(redirect_uris=[f"https://other-{host}/cb"], **kinds)
    spy = replace(newcomer.party(told), person=there.person)
    tokens, name = spy.tokens(), _subject(there)
    assert newcomer.put(told, redirect_uris=[f"https://other-{host}/x"], **kinds).status_code == 200
    tokens = spy.refresh(tokens["refresh_token"]).json()
    assert newcomer.put(told, redirect_uris=[f"https://{host}/cb"], **kinds).status_code == 200
    answer = spy.refresh(tokens["refresh_token"])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert spy.is_dead(tokens["access_token"])
    assert _subject(there) == name


def test_nobody_hears_of_a_sector_s_people_from_outside(newcomer: Newcomer, host: str) -> None:
    metadata: dict[str, Any] = {"subject_type": "pairwise", "redirect_uris": [f"https://{host}/cb"]}
    answer = newcomer.send(backchannel_logout_uri="https://spy.example/bye", **metadata)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata")
    assert (
        newcomer.send(backchannel_logout_uri=f"https://{host}/bye", **metadata).status_code == 201
    )
    metadata["subject_type"] = "public"
    assert (
        newcomer.send(backchannel_logout_uri="https://own.example/bye", **metadata).status_code
        == 201
    )


@pytest.mark.spec("OIDC Core §3.1.2.1")
def test_a_hint_in_the_client_s_terms_is_understood(
    enrol: Enrol, host: str, somebody_else: Person
) -> None:
    rp = _at(enrol, host)
    hint = rp.tokens()["id_token"]
    assert rp.ask(prompt="none", id_token_hint=hint).outcome == "code"
    rp.tokens(somebody_else)
    refused = rp.ask(somebody_else, prompt="none", id_token_hint=hint)
    assert refused.outcome == "login_required"


@pytest.mark.spec("OIDC RP-Initiated Logout §2")
def test_signing_out_by_a_hint_in_the_client_s_terms(enrol: Enrol, host: str) -> None:
    back = f"https://{host}/bye"
    rp = _at(enrol, host, post_logout_redirect_uris=[back])
    hint = rp.tokens()["id_token"]
    answer = rp.end_session(id_token_hint=hint, post_logout_redirect_uri=back)
    assert answer.location.startswith(back), answer.text
    assert rp.ask(prompt="none").outcome == "login_required"
