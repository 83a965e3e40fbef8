"""accounts.mailed_proofs: what was mailed proves one thing, once, for one person as they are."""

import time

import pytest
import time_machine

from accounts import mailed_proofs
from accounts.models import MailedProof, User
from tests.unit.accounts import visitor

KINDS = (mailed_proofs.SIGN_IN, mailed_proofs.RESET, mailed_proofs.VERIFY)


def mailed(user: User | None = None, kind: str = mailed_proofs.RESET) -> tuple[str, str]:
    """Return a secret and its code."""
    secret = mailed_proofs.new_secret()
    return secret, mailed_proofs.keep(kind, secret, user or visitor.someone(), "a@example.com")


@pytest.mark.parametrize(("wrong", "is_right"), [(4, True), (5, False), (6, False)])
def test_a_code_is_tried_five_times(wrong: int, *, is_right: bool) -> None:
    secret, code = mailed()
    for _ in range(wrong):
        assert not mailed_proofs.try_code(mailed_proofs.RESET, secret, "BBBB-BBBB")
    assert mailed_proofs.try_code(mailed_proofs.RESET, secret, code) is is_right
    assert mailed_proofs.prove(mailed_proofs.RESET, secret), "the link is not guessed at"


@pytest.mark.parametrize("typed", ["{}", " {} ", "{}\u2013", "\u00a0{}."])
def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    secret, code = mailed()
    assert mailed_proofs.try_code(mailed_proofs.RESET, secret, typed.format(code.lower()))


@pytest.mark.parametrize("typed", ["", "\0", "\ud800", "\uff22" * 8, "x" * 100_000, "----"])
def test_what_is_no_code_is_wrong(typed: str) -> None:
    secret, _ = mailed()
    assert not mailed_proofs.try_code(mailed_proofs.RESET, secret, typed)


def test_where_nobody_is_nothing_is_right() -> None:
    secret = mailed_proofs.new_secret()
    code = mailed_proofs.keep(mailed_proofs.RESET, secret, None, "nobody@example.com")
    assert not mailed_proofs.try_code(mailed_proofs.RESET, secret, code)
    assert mailed_proofs.find(mailed_proofs.RESET, secret) is None


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_for_one_thing_and_taken_once(kind: str) -> None:
    secret, code = mailed(kind=kind)
    for other in {*KINDS, mailed_proofs.NOT_ME} - {kind}:
        assert not mailed_proofs.try_code(other, secret, code)
        assert mailed_proofs.find(other, secret) is None
    assert mailed_proofs.take(kind, secret) is None, "nobody has proven it yet"
    assert mailed_proofs.take_by_code(kind, secret, code)
    assert mailed_proofs.take_by_code(kind, secret, code) is None


def test_what_fails_meanwhile_spends_nothing() -> None:
    secret, code = mailed()
    assert mailed_proofs.try_code(mailed_proofs.RESET, secret, code)
    with pytest.raises(ZeroDivisionError):
        _failing(secret)
    with mailed_proofs.spending(mailed_proofs.RESET, secret) as proof:
        assert proof
    with mailed_proofs.spending(mailed_proofs.RESET, secret) as proof:
        assert proof is None


def _failing(secret: str) -> None:
    with mailed_proofs.spending(mailed_proofs.RESET, secret):
        raise ZeroDivisionError


def test_the_sweep_takes_what_is_over() -> None:
    user = visitor.someone()
    secret, _ = mailed(user)
    while mailed_proofs.sweep(500):
        pass
    assert mailed_proofs.find(mailed_proofs.RESET, secret)
    with time_machine.travel(time.time() + 15 * 60 + 1):
        while mailed_proofs.sweep(500):
            pass
    assert not MailedProof.objects.filter(subject=str(user.pk)).exists()


def test_nothing_of_it_rests_that_could_be_presented() -> None:
    user = visitor.someone()
    secret, code = mailed(user)
    row = MailedProof.objects.filter(subject=str(user.pk)).values_list().get()
    text = str(row)
    assert secret not in text
    assert code not in text
    assert code.replace("-", "") not in text
    assert "a@example.com" not in text
