"""Signing keys: states from the clock, due rotation, a root key that is not here, sealing anew."""

import dataclasses
import datetime as dt
import os

import pytest
import time_machine

from authserver import registrar
from config import environment, policy
from config.roots import RootKey
from tokens import instants, jws, keys, ring, vault
from tokens.keys import State
from tokens.models import SigningKey

ANOTHER_ROOT = RootKey.of(os.urandom(32))


@pytest.fixture(autouse=True)
def _ring() -> None:
    keys.ensure()
    ring.forget()


def state_of(kid: str) -> State:
    return keys.states(list(SigningKey.objects.all()), instants.now())[kid]


def active(alg: str) -> str:
    ring.forget()
    return ring.current().signer(alg).kid


def test_a_new_key_is_announced_then_signs_then_gives_way() -> None:
    before = active("ES256")
    kid = keys.rotate("ES256")
    assert (state_of(kid), active("ES256")) == (State.ANNOUNCED, before)
    assert kid in ring.current().jwks.decode()
    with time_machine.travel(dt.datetime.now(dt.UTC) + policy.current().keys.announce_for):
        assert active("ES256") == kid
        assert state_of(before) is State.RETIRED
        assert before in ring.current().jwks.decode()
    later = policy.current().keys.announce_for + policy.current().keys.retain_for
    with time_machine.travel(dt.datetime.now(dt.UTC) + later + dt.timedelta(minutes=1)):
        ring.forget()
        assert before not in ring.current().jwks.decode()
    SigningKey.objects.filter(kid=kid).delete()
    ring.forget()


def test_a_key_that_has_signed_for_long_enough_gets_one_successor() -> None:
    assert keys.rotate_due() == []
    later = dt.datetime.now(dt.UTC) + policy.current().keys.rotate_after + dt.timedelta(hours=1)
    with time_machine.travel(later):
        made = keys.rotate_due()
        assert len(made) == len(keys.ALGORITHMS)
        assert keys.rotate_due() == []
    SigningKey.objects.filter(kid__in=made).delete()
    ring.forget()


def test_a_compromised_key_leaves_the_set_and_its_tokens_stop_counting() -> None:
    old = active("ES256")
    token = ring.current().sign({"iss": "x"}, typ=jws.AT_JWT, alg="ES256")
    made = keys.retire(old, compromised=True)
    ring.forget()
    assert made
    assert active("ES256") == made
    assert old not in ring.current().jwks.decode()
    assert jws.check_signature(token, ring.current().tables[jws.AT_JWT]) is None


def test_a_key_another_process_made_a_moment_ago_verifies_at_once() -> None:
    before = ring.current()
    keys.rotate("ES256", at_once=True)
    made_elsewhere = ring._read()
    token = made_elsewhere.sign({"iss": "x"}, typ=jws.AT_JWT, alg="ES256")
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(milliseconds=300)):
        assert ring.current() is before, "this process still believes what it read"
        assert jws.check_signature(token, ring.verifiers(jws.AT_JWT, token))


def test_a_superseded_key_never_signs_again() -> None:
    first = active("ES256")
    second = keys.rotate("ES256", at_once=True)
    assert active("ES256") == second
    third = keys.retire(second)
    assert third
    assert active("ES256") == third
    assert state_of(first) is State.RETIRED


def test_a_key_that_was_called_off_leaves_the_one_before_it_in_place() -> None:
    before = active("ES256")
    announced = keys.rotate("ES256")
    assert keys.retire(announced) is None
    later = dt.datetime.now(dt.UTC) + policy.current().keys.announce_for + dt.timedelta(hours=1)
    with time_machine.travel(later):
        assert active("ES256") == before
    with time_machine.travel(later + policy.current().keys.retain_for):
        assert active("ES256") == before
        assert before in ring.current().jwks.decode()
    ring.forget()


def test_a_key_whose_root_key_is_not_here_verifies_and_does_not_sign() -> None:
    token = ring.current().sign({"iss": "x"}, typ=jws.AT_JWT, alg="ES256")
    ring._parsed.cache_clear()
    ring.forget()
    with environment.replaced(root_keys=(ANOTHER_ROOT,)):
        with pytest.raises(ring.NoSigningKeyError):
            ring.current().signer("ES256")
        assert jws.check_signature(token, ring.current().tables[jws.AT_JWT])
    ring._parsed.cache_clear()
    ring.forget()
    assert ring.current().signer("ES256")


def test_everything_sealed_moves_to_a_new_root_key() -> None:
    here = environment.current()
    made = registrar.register(
        {"token_endpoint_auth_method": "client_secret_jwt", "grant_types": ["client_credentials"]}
    )
    assert made.secret
    both = (ANOTHER_ROOT, *here.root_keys)
    with environment.replaced(root_keys=both):
        assert vault.reseal_all() >= 1 + len(keys.ALGORITHMS)
        assert vault.reseal_all() == 0
    with environment.replaced(root_keys=(ANOTHER_ROOT,)):
        rows = SigningKey.objects.filter(retired_at=None)
        assert all(keys.private_der(row) for row in rows)
    with environment.replaced(root_keys=(*here.root_keys, ANOTHER_ROOT)):
        assert vault.reseal_all() >= 1
    assert dataclasses.replace(here) == environment.current()
