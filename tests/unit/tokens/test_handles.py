"""RFC 8452 — sealed handles: one purpose each, unforgeable, deterministic only where asked."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import environment
from config.roots import RootKey
from tokens import encoding, handles
from tokens.handles import ACCESS, PENDING, REFRESH, SESSION
from tokens.records import Refresh

TOKEN = Refresh(grant_id="g" * 22, generation=7, client_id="app", cnf="")
RECORD = {"text": "é\0", "number": 5, "list": [1, {"a": None}]}


def test_a_handle_says_what_was_sealed() -> None:
    assert handles.open(REFRESH, handles.seal(REFRESH, TOKEN)) == TOKEN
    assert handles.open(PENDING, handles.seal(PENDING, RECORD)) == RECORD


def test_a_refresh_handle_is_the_same_every_time_and_no_other_is() -> None:
    assert handles.seal(REFRESH, TOKEN) == handles.seal(REFRESH, TOKEN)
    assert handles.seal(ACCESS, RECORD) != handles.seal(ACCESS, RECORD)


@pytest.mark.parametrize("purpose", [ACCESS, SESSION, PENDING], ids=lambda each: each.prefix)
@pytest.mark.parametrize("other", [ACCESS, SESSION, PENDING], ids=lambda each: each.prefix)
def test_a_handle_of_one_purpose_is_garbage_to_every_other(
    purpose: handles.Purpose[dict[str, object]], other: handles.Purpose[dict[str, object]]
) -> None:
    body = handles.seal(purpose, RECORD).removeprefix(f"{purpose.prefix}_")
    opened = handles.open(other, f"{other.prefix}_{body}")
    assert opened == (RECORD if purpose is other else None)


@given(place=st.integers(0, 200), bit=st.integers(0, 7))
def test_any_change_breaks_it(place: int, bit: int) -> None:
    text = handles.seal(PENDING, RECORD)
    data = bytearray(encoding.unb64(text.removeprefix("as_pd_")) or b"")
    data[place % len(data)] ^= 1 << bit
    assert handles.open(PENDING, f"as_pd_{encoding.b64(bytes(data))}") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "as_pd_",
        "as_pd",
        "x",
        "as_pd_!",
        "as_pd_é",
        "as_pd_" + "A" * 40_000,
        "as_pd_" + "A" * 60,
    ],
    ids=lambda text: f"{text[:8]}…{len(text)}",
)
def test_what_is_no_handle_is_none(text: str) -> None:
    assert handles.open(PENDING, text) is None


def test_one_text_for_one_handle() -> None:
    text = handles.seal(PENDING, RECORD)
    for other in (
        f"{text}=",
        f"{text}\n",
        f" {text}",
        text.upper(),
        text.replace("as_pd", "AS_PD"),
    ):
        assert handles.open(PENDING, other) is None


def test_a_handle_of_another_root_key_is_told_from_a_bad_one() -> None:
    here = environment.current().root_keys
    another = RootKey.of(os.urandom(32))
    with environment.replaced(root_keys=(another, *here)):
        text = handles.seal(PENDING, RECORD)
        assert handles.open(PENDING, text) == RECORD
        assert not handles.is_from_elsewhere(PENDING, text)
    assert handles.open(PENDING, text) is None
    assert handles.is_from_elsewhere(PENDING, text)
    assert not handles.is_from_elsewhere(PENDING, "as_pd_nonsense")


def test_an_old_root_key_still_opens() -> None:
    text = handles.seal(PENDING, RECORD)
    here = environment.current().root_keys
    with environment.replaced(root_keys=(RootKey.of(os.urandom(32)), *here)):
        assert handles.open(PENDING, text) == RECORD


def test_a_new_instance_epoch_opens_nothing_of_before() -> None:
    text = handles.seal(PENDING, RECORD)
    with environment.replaced(instance_epoch=environment.current().instance_epoch + 1):
        assert handles.open(PENDING, text) is None
    assert handles.open(PENDING, text) == RECORD
