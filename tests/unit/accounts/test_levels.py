"""What proofs are worth together, and what they are called."""

import dataclasses
import time
from collections.abc import Sequence

import pytest

from accounts import authentication, factors, levels, people, recovery_codes, totp
from accounts.models import AuthenticatorApp, TrustedBrowser
from config import environment
from config.roots import RootKey
from tests import second_factors
from tests.unit.accounts import visitor
from tokens import vault

ANOTHER_ROOT = RootKey.of(b"R" * 32)
WORTH = {
    (): ("1", ()),
    ("password",): ("1", ("pwd",)),
    ("mail_code",): ("1", ("otp",)),
    ("upstream",): ("1", ()),
    ("totp",): ("1", ("otp",)),
    ("recovery_code",): ("1", ("otp",)),
    ("totp", "recovery_code"): ("1", ("otp",)),
    ("password", "mail_code"): ("1", ("pwd", "otp")),
    ("password", "totp"): ("2", ("pwd", "otp", "mfa")),
    ("mail_code", "totp"): ("2", ("otp", "mfa")),
    ("upstream", "recovery_code"): ("2", ("otp", "mfa")),
    ("upstream_strong",): ("2", ("mfa",)),
    ("passkey",): ("phr", ("pop", "user", "mfa")),
    ("password", "passkey"): ("phr", ("pwd", "pop", "user", "mfa")),
}


@pytest.mark.parametrize(("methods", "worth"), WORTH.items())
def test_every_level_comes_of_what_was_used(
    methods: Sequence[str], worth: tuple[str, tuple[str, ...]]
) -> None:
    proofs = [levels.proof(method, 1.5) for method in methods]
    assert (levels.acr(proofs), levels.amr(proofs)) == worth
    assert levels.unpacked(levels.packed(proofs)) == tuple(proofs)


def test_a_level_includes_those_below_it() -> None:
    assert levels.satisfies("phr", ["1"])
    assert levels.satisfies("2", ["9", "2"])
    assert not levels.satisfies("2", ["phr"])
    assert not levels.satisfies("9", ["9"])
    assert not levels.satisfies("2", [])


def test_who_calls_a_proof_otherwise_is_believed() -> None:
    assert levels.proof("upstream", 1.0, ("fed",)).amr == ("fed",)
    with pytest.raises(KeyError):
        levels.proof("charm", 1.0)


def test_what_can_be_reached_is_what_they_have() -> None:
    user = visitor.someone()
    person = authentication.signed_in(visitor.request_of(visitor.signed_in(user)))
    assert authentication.reachable(person) == ("1",)
    second_factors.given_app(str(user.pk))
    assert authentication.reachable(person) == ("1", "2")
    assert authentication.reachable(None) == ("1", "2", "phr")
    assert authentication.can_reach("2", person)
    assert not authentication.can_reach("phr", person)


def test_a_wish_for_two_steps_counts_only_with_something_to_ask_for() -> None:
    assert not factors.Factors(is_chosen=True).is_two_step
    assert factors.Factors(is_chosen=True, passkeys=1).is_two_step
    assert not factors.Factors(passkeys=1).is_two_step
    assert factors.Factors(passkeys=1).has_second
    assert factors.Factors(has_totp=True).is_two_step


def test_new_root_keys_lock_nobody_out() -> None:
    subject, here = str(visitor.someone().pk), environment.current()
    app, codes = second_factors.given_app(subject), second_factors.given_codes(subject)
    with environment.replaced(root_keys=(ANOTHER_ROOT, *here.root_keys)):
        assert totp.reseal() >= 1
        assert recovery_codes.reseal() >= len(codes)
        assert totp.reseal() == recovery_codes.reseal() == 0
    with environment.replaced(root_keys=(ANOTHER_ROOT,)):
        assert totp.verify(subject, app.code())
        assert recovery_codes.use(subject, codes[0])
    assert not totp.verify(subject, app.code()), "its root key is not here"
    assert not recovery_codes.use(subject, codes[1])
    with environment.replaced(root_keys=(*here.root_keys, ANOTHER_ROOT)):
        assert vault.reseal_all() >= 1
    assert dataclasses.replace(here) == environment.current()
    assert recovery_codes.use(subject, codes[1])


def test_the_administration_helps_others_and_not_oneself() -> None:
    boss, lost = visitor.someone(is_staff=True), visitor.someone()
    client = visitor.signed_in(boss)
    for user in (boss, lost):
        second_factors.given_app(str(user.pk))
    chosen = {"action": "reset_factors", "_selected_action": [str(boss.pk), str(lost.pk)]}
    assert client.post("/admin/accounts/user/", chosen).status_code == 302
    assert not factors.of(str(lost.pk)).has_totp
    assert factors.of(str(boss.pk)).has_totp


def test_factors_go_with_the_person() -> None:
    subject = str(visitor.someone().pk)
    second_factors.given_app(subject)
    second_factors.given_codes(subject)
    people.delete(subject)
    assert factors.of(subject) == factors.Factors()
    assert not AuthenticatorApp.objects.filter(user_id=subject).exists()
    assert not TrustedBrowser.objects.filter(user_id=subject).exists()


def test_a_proof_is_fresh_for_a_while() -> None:
    request = visitor.request_of(visitor.signed_in(visitor.someone()))
    assert authentication.is_fresh(request)
    request.session["auth_at"] = time.time() - 14 * 60
    assert authentication.is_fresh(request)
    request.session["auth_at"] = time.time() - 16 * 60
    assert not authentication.is_fresh(request)
