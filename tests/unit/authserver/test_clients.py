"""Clients and their secrets: found, believed for a second, cut off, and never told apart."""

import secrets
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth import hashers
from django.utils import timezone

from accounts import people
from authserver import client_secrets, clients, errors, models, registrar
from config import policy
from tests.unit.authserver import wire
from tokens import epochs

STRONG = "Zq3vN8yTt0mKk1xWc5RrB7uJh2LdPoSfG9eAiYbVnM4"


def test_a_generated_secret_rests_as_a_digest() -> None:
    client_id, secret = wire.new_client()
    assert secret.startswith("as_cs_")
    row = models.ClientSecret.objects.get(client_id=client_id)
    assert row.kind == "digest"
    assert secret not in row.value
    assert clients.authenticated(client_id, secret)


@pytest.mark.parametrize("wrong", ["", "x", "as_cs_", STRONG, "x" * 5000])
def test_another_secret_is_refused(wrong: str) -> None:
    client_id, secret = wire.new_client()
    assert clients.authenticated(client_id, wrong) is None
    assert clients.authenticated(client_id, secret + wrong[:1] + "x") is None


def test_the_row_itself_is_no_secret() -> None:
    client_id, _ = wire.new_client()
    assert (
        clients.authenticated(client_id, models.ClientSecret.objects.get(client_id=client_id).value)
        is None
    )


@pytest.mark.parametrize(
    ("secret", "kind"),
    [
        (STRONG, "digest"),
        ("correct horse", "hashed"),
        ("x" * 60, "hashed"),
        (hashers.PBKDF2PasswordHasher().encode("correct horse", "salt", 1000), "hashed"),
    ],
)
def test_an_imported_secret_rests_as_it_deserves(secret: str, kind: str) -> None:
    client_id, shown = wire.new_client(client_secret=secret)
    assert shown == ""
    assert models.ClientSecret.objects.get(client_id=client_id).kind == kind
    plain = "correct horse" if "$" in secret else secret
    assert clients.authenticated(client_id, plain)
    assert clients.authenticated(client_id, plain), "remembered"
    assert clients.authenticated(client_id, plain + "x") is None


def test_a_slow_hash_is_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    client_id, _ = wire.new_client(client_secret="correct horse")
    assert clients.authenticated(client_id, "correct horse")
    monkeypatch.setattr(hashers, "check_password", lambda *_: pytest.fail("hashed again"))
    assert clients.authenticated(client_id, "correct horse")


def test_two_secrets_are_live_after_a_rotation_and_no_third() -> None:
    client_id, first = wire.new_client()
    second = registrar.rotate_secret(client_id)
    assert second
    assert clients.authenticated(client_id, first)
    third = registrar.rotate_secret(client_id)
    assert third
    live = [bool(clients.authenticated(client_id, each)) for each in (first, second, third)]
    assert live == [False, True, True]


def test_the_old_secret_ends_when_it_was_said_to() -> None:
    client_id, first = wire.new_client()
    second = registrar.rotate_secret(client_id, keep_old_for=timedelta(minutes=1)) or ""
    with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=False):
        assert clients.authenticated(client_id, first) is None
        assert clients.authenticated(client_id, second)


def test_a_warm_client_costs_nothing(django_assert_num_queries: object) -> None:
    client_id, secret = wire.new_client()
    with policy.replaced(clients=policy.Clients(cache_for=timedelta(minutes=1))):
        clients.find(client_id)
        with django_assert_num_queries(0):  # type: ignore[operator]
            assert clients.authenticated(client_id, secret)


def test_a_secret_made_elsewhere_is_found_at_once() -> None:
    client_id, _ = wire.new_client()
    with policy.replaced(clients=policy.Clients(cache_for=timedelta(minutes=1))):
        stale = clients.find(client_id)
        models.ClientSecret.objects.create(
            client_id=client_id,
            kind="digest",
            value=client_secrets.resting(STRONG, client_id, is_hmac_key=False).value,
        )
        assert clients.find(client_id) is stale
        assert clients.authenticated(client_id, STRONG)


def test_a_miss_costs_as_much_as_a_wrong_secret(django_assert_num_queries: object) -> None:
    client_id, _ = wire.new_client()
    with policy.replaced(clients=policy.Clients(cache_for=timedelta(minutes=1))):
        clients.find(client_id)
        for name in (client_id, "nobody-has-this"):
            with django_assert_num_queries(2):  # type: ignore[operator]
                assert clients.authenticated(name, "wrong") is None


@pytest.mark.parametrize("name", ["", "x" * 256, "a\0b", "a\nb", "ü"])
def test_what_cannot_be_an_id_is_not_looked_up(
    name: str, django_assert_num_queries: object
) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert clients.find(name) is None


def test_a_flood_of_misses_is_told_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    client_id, secret = wire.new_client()
    clients.find(client_id)
    monkeypatch.setattr(clients, "_MISSES_AT_ONCE", 1.0)
    monkeypatch.setattr(clients, "_MISSES_PER_SECOND", 0.0)
    clients.find("nobody-1")
    with pytest.raises(errors.TemporarilyUnavailable):
        clients.find("nobody-2")
    assert clients.authenticated(client_id, secret)
    monkeypatch.undo()
    clients.evict_all()


def test_the_cache_is_bounded() -> None:
    names = [wire.new_client()[0] for _ in range(3)]
    with policy.replaced(clients=policy.Clients(cache_size=2)):
        for name in names:
            assert clients.find(name)
        assert len(clients._cache) == 2
        assert names[-1] in clients._cache


@pytest.mark.parametrize("act", [registrar.remove, registrar.disable])
def test_whoever_is_cut_off_is_gone_and_their_epoch_is_not(act: object) -> None:
    client_id, secret = wire.new_client()
    before = clients.find(client_id)
    assert before
    assert act(client_id)  # type: ignore[operator]
    assert clients.find(client_id) is None
    assert clients.authenticated(client_id, secret) is None
    assert epochs.read(epochs.CLIENT, client_id) == before.epoch + 1
    if act is registrar.remove:
        registrar.register({"client_id": client_id, "grant_types": ["client_credentials"]})
    else:
        registrar.enable(client_id)
    again = clients.find(client_id)
    assert again
    assert again.epoch == before.epoch + 1


def test_the_value_answers_authlib() -> None:
    client_id, _ = wire.new_client(scope="openid profile")
    client = clients.find(client_id)
    assert client
    assert client.get_allowed_scope("profile evil openid") == "profile openid"
    assert client.check_grant_type("client_credentials")
    assert not client.check_grant_type("authorization_code")
    for endpoint in ("token", "introspection", "revocation"):
        assert client.check_endpoint_auth_method("client_secret_basic", endpoint)
        assert not client.check_endpoint_auth_method("none", endpoint)


def test_a_wrong_slow_secret_is_hashed_once_however_often_it_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = 0
    real = hashers.check_password

    def counting(*args: Any, **options: Any) -> bool:
        nonlocal calls
        calls += 1
        return bool(real(*args, **options))

    monkeypatch.setattr(hashers, "check_password", counting)
    made = registrar.register(
        {"client_secret": "weak words", "grant_types": ["client_credentials"]}
    )
    for _ in range(3):
        assert clients.authenticated(made.client_id, "other words") is None
    assert calls == 1


def test_a_client_never_has_the_identifier_of_a_person() -> None:
    person = people.create(email=f"{secrets.token_hex(6)}@example.com", password=None)
    with pytest.raises(registrar.RefusedError):
        registrar.register({"client_id": str(person.pk), "grant_types": ["client_credentials"]})


def test_a_native_client_never_skips_consent() -> None:
    metadata = {
        "application_type": "native",
        "token_endpoint_auth_method": "none",
        "redirect_uris": ["http://127.0.0.1/cb"],
        "skip_consent": True,
    }
    with pytest.raises(registrar.RefusedError, match="skip_consent"):
        registrar.register(metadata)
