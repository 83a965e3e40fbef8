"""Codes and interactions in URLs: short ones carry themselves, long ones wait in a row."""

import dataclasses
import time

import pytest

from tests.unit.tokens import grant as example
from tokens import codes, grants, handles, instants, interactions, pending
from tokens.records import Code, Interaction, redirect_digest

SUBJECT = example.new().subject


def code(**changes: object) -> Code:
    moment = instants.now()
    common = Code(
        grant_id=grants.new_id(),
        client_id="e64ceaf7a3874095b858c6c7b8d449ec",
        subject=SUBJECT,
        sid="q1w2e3r4t5z6u7i8o9p0aa",
        session_ends_at=instants.seconds(moment) + 1_209_600,
        scope="openid profile email offline_access",
        resources=(),
        authorization_details="",
        claims="",
        auth_time=moment,
        amr=("pwd",),
        acr="1",
        cnf="",
        nonce="n" * 32,
        redirect=redirect_digest("https://app.example/callback"),
        challenge="c" * 43,
        epoch_person=3,
        epoch_client=1,
        epoch_consent=0,
        expires_at=instants.seconds(moment) + 60,
    )
    return dataclasses.replace(common, **changes)  # type: ignore[arg-type]


def interaction(state: str) -> Interaction:
    return Interaction(
        parameters={"client_id": "app", "state": state},
        client_name="App",
        redirect_uri="https://app.example/callback",
        browser="b",
        started_at=time.time(),
        expires_at=time.time() + 60,
    )


def test_a_common_code_stays_under_512_characters() -> None:
    assert len(codes.put(code())) < 512


@pytest.mark.parametrize(("nonce", "longest"), [("n" * 32, 1000), ("n" * 4000, 1000)])
def test_a_code_of_any_length_fits_a_url_and_is_found(nonce: str, longest: int) -> None:
    sealed = code(nonce=nonce)
    text = codes.put(sealed)
    assert len(text) <= longest
    assert text.startswith("as_ac")
    assert codes.find(text) == sealed


@pytest.mark.parametrize("state", ["s", "s" * 4000], ids=["short", "long"])
def test_an_interaction_of_any_length_fits_a_url_and_is_found(state: str) -> None:
    begun = interaction(state)
    text = interactions.put(begun)
    assert len(text) <= 1500
    assert interactions.find(text) == begun


def test_what_rests_of_a_long_code_is_no_code() -> None:
    text = codes.put(code(nonce="n" * 4000))
    kept = pending.find(handles.CODE.prefix, text.partition("row_")[2])
    assert kept is not None
    assert codes.find(text.replace("row_", "_")) is None
    assert interactions.find(text) is None


def test_what_has_expired_is_not_found() -> None:
    assert codes.find(codes.put(code(expires_at=instants.seconds(instants.now())))) is None
    over = dataclasses.replace(interaction("s"), expires_at=time.time() - 1)
    assert interactions.find(interactions.put(over)) is None
    assert interactions.expired(interactions.put(over)) == over
