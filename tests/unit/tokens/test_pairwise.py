"""The secret behind pairwise subjects: made once, sealed, the same under every root key."""

import dataclasses
import os
from collections.abc import Iterator

import pytest
from django.db import transaction

from config import environment
from config.roots import RootKey
from tests.races.crowd import Crowd
from tokens import pairwise, vault
from tokens.models import PairwiseSecret

ANOTHER_ROOT = RootKey.of(os.urandom(32))
SECTOR = "sector.example"


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    pairwise.forget()
    yield
    pairwise.forget()


@pytest.fixture
def nothing_yet() -> Iterator[None]:
    """Take the secret away for a test, and bring it back."""
    kept = list(PairwiseSecret.objects.all())
    PairwiseSecret.objects.all().delete()
    yield
    PairwiseSecret.objects.all().delete()
    PairwiseSecret.objects.bulk_create(kept)


def test_a_sector_that_is_none_changes_nothing() -> None:
    assert (pairwise.subject("s", ""), pairwise.sid("s", "")) == ("s", "s")


def test_no_two_of_kind_sector_and_value_read_alike() -> None:
    made = [
        pairwise.subject("ab", "c"),
        pairwise.subject("a", "bc"),
        pairwise.subject("c", "ab"),
        pairwise.sid("ab", "c"),
        pairwise.subject('a","b', "c"),
        pairwise.subject("a", 'b","c'),
    ]
    assert len(set(made)) == len(made)
    assert {len(text) for text in made} == {43}


def test_it_is_read_once_per_process() -> None:
    name = pairwise.subject("s", SECTOR)
    PairwiseSecret.objects.filter(pk=1).update(id=2)
    try:
        assert pairwise.subject("s", SECTOR) == name
    finally:
        PairwiseSecret.objects.filter(pk=2).update(id=1)


def test_a_new_root_key_changes_no_subject() -> None:
    name, here = pairwise.subject("s", SECTOR), environment.current()
    with environment.replaced(root_keys=(ANOTHER_ROOT, *here.root_keys)):
        assert pairwise.reseal() == 1
        assert pairwise.reseal() == 0
    pairwise.forget()
    with environment.replaced(root_keys=(ANOTHER_ROOT,)):
        assert pairwise.subject("s", SECTOR) == name
    with environment.replaced(root_keys=(*here.root_keys, ANOTHER_ROOT)):
        assert vault.reseal_all() >= 1
    assert dataclasses.replace(here) == environment.current()


def test_without_its_root_key_nothing_is_made_up() -> None:
    name = pairwise.subject("s", SECTOR)
    pairwise.forget()
    with environment.replaced(root_keys=(ANOTHER_ROOT,)):
        assert pairwise.is_locked()
        with pytest.raises(vault.LockedError):
            pairwise.subject("s", SECTOR)
    assert pairwise.subject("s", SECTOR) == name
    assert not pairwise.is_locked()


def test_many_at_first_make_one(nothing_yet: None) -> None:
    with Crowd(6) as crowd:
        for _ in range(10):
            PairwiseSecret.objects.all().delete()
            pairwise.forget()
            made = crowd.run([lambda: pairwise.subject("s", SECTOR)] * crowd.size)
            pairwise.forget()
            assert set(made) == {pairwise.subject("s", SECTOR)}
    assert PairwiseSecret.objects.count() == 1


def test_what_is_rolled_back_is_not_remembered(nothing_yet: None) -> None:
    assert not pairwise.is_locked(), "a secret that is not there yet locks nobody out"
    with transaction.atomic():
        pairwise.subject("s", SECTOR)
        transaction.set_rollback(True)
    assert not PairwiseSecret.objects.exists()
    name = pairwise.subject("s", SECTOR)
    pairwise.forget()
    assert pairwise.subject("s", SECTOR) == name
