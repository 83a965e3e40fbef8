"""RFC 7591 §5 — how many register, from where, and what becomes of those nobody uses."""

import io
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from authserver import clients, first_use, models, registrar, self_registered
from config import policy
from tests import peers, registrations
from tests.budgets.statements import counted
from tests.doors import Door
from tests.races.crowd import Crowd
from tests.registrations import Newcomer

pytestmark = pytest.mark.spec("RFC 7591 §5")


def row(told: dict[str, Any]) -> models.Client:
    return models.Client.objects.get(pk=told["client_id"])


def from_(peer: str, newcomer: Newcomer) -> Newcomer:
    return Newcomer(door=Door(name=newcomer.door.name, peer=peer))


def test_one_address_registers_so_many_an_hour(newcomer: Newcomer) -> None:
    with policy.replaced(registration=registrations.permitting(per_address=2)):
        answers = [newcomer.send() for _ in range(3)]
        assert [answer.status_code for answer in answers] == [201, 201, 429]
        assert 0 < int(answers[2].headers["Retry-After"] or "") <= 3600
        assert answers[2].json()["error"] == "temporarily_unavailable"
        assert from_(peers.somewhere(), newcomer).send().status_code == 201
        with time_machine.travel(timezone.now() + timedelta(hours=1)):
            assert newcomer.send().status_code == 201


def test_removing_what_was_registered_counts_on(newcomer: Newcomer) -> None:
    with policy.replaced(registration=registrations.permitting(per_address=1)):
        newcomer.manage("DELETE", newcomer.register())
        assert newcomer.send().status_code == 429


def test_a_forwarded_address_is_believed_from_nobody(newcomer: Newcomer) -> None:
    with policy.replaced(registration=registrations.permitting(per_address=1)):
        newcomer.register()
        for forged in ("192.0.2.1", "127.0.0.1"):
            headers = {
                **registrations.JSON,
                "X-Forwarded-For": forged,
                "Forwarded": f"for={forged}",
            }
            body = b'{"redirect_uris": ["https://app.example/cb"]}'
            answer = newcomer.door.send("POST", newcomer.address, headers=headers, body=body)
            assert answer.status_code == 429


def test_a_whole_network_of_version_6_is_one_address(newcomer: Newcomer) -> None:
    with policy.replaced(registration=registrations.permitting(per_address=1)):
        part = peers.network()
        assert from_(f"{part}::1", newcomer).send().status_code == 201
        assert from_(f"{part}:ffff::2", newcomer).send().status_code == 429


def test_of_many_at_once_no_more_than_the_limit(newcomer: Newcomer) -> None:
    with policy.replaced(registration=registrations.permitting(per_address=3)), Crowd() as crowd:
        answers = crowd.run([newcomer.send] * crowd.size)
        assert sorted(answer.status_code for answer in answers) == [201] * 3 + [429] * 5


def test_too_many_unused_ones_close_the_door(newcomer: Newcomer) -> None:
    newcomer.register()
    with policy.replaced(registration=registrations.permitting(max_unused=1)):
        assert newcomer.send().status_code == 429


def test_an_unused_one_is_swept_after_its_time(newcomer: Newcomer) -> None:
    told = newcomer.register()
    self_registered.remove_unused()
    assert newcomer.manage("GET", told).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=30, minutes=1)):
        call_command("sweep", "--json", stdout=io.StringIO())
    assert newcomer.manage("GET", told).status_code == 401
    assert not models.Client.objects.filter(pk=told["client_id"]).exists()


def test_the_first_code_keeps_it(newcomer: Newcomer) -> None:
    told = newcomer.register(token_endpoint_auth_method="none")
    rp = newcomer.party(told)
    rp.ask()
    assert row(told).unused_until is not None
    assert rp.authorize().code
    assert row(told).unused_until is None
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        self_registered.remove_unused()
    assert row(told).pk


def test_proving_itself_is_no_use_of_it(newcomer: Newcomer) -> None:
    """Or whoever registers by the thousand would evade the limit by one call for each."""
    told = newcomer.register()
    rp = newcomer.party(told)
    assert rp.redeem("as_ac_x").status_code == 400
    assert rp.introspect("as_at_x").json() == {"active": False}
    assert row(told).unused_until is not None
    rp.tokens()
    assert row(told).unused_until is None


def test_whoever_acts_for_itself_is_kept_by_that(newcomer: Newcomer) -> None:
    rules = registrations.permitting(danger_client_credentials=True)
    with policy.replaced(registration=rules):
        told = newcomer.register(grant_types=["authorization_code", "client_credentials"])
    wrong = newcomer.party({**told, "client_secret": "as_cs_" + "A" * 43})
    assert wrong.client_credentials().status_code == 401
    assert row(told).unused_until is not None
    newcomer.party(told).client_credentials()
    assert row(told).unused_until is None


def test_naming_a_public_client_keeps_nothing(newcomer: Newcomer) -> None:
    told = newcomer.register(token_endpoint_auth_method="none")
    assert newcomer.party(told).redeem("as_ac_x").status_code == 400
    assert row(told).unused_until is not None


def test_later_requests_write_nothing(newcomer: Newcomer) -> None:
    told = newcomer.register()
    client = clients.find(told["client_id"])
    assert client
    first_use.note(client)
    client = clients.find(told["client_id"])
    assert client
    with counted() as statements:
        first_use.note(client)
    assert statements.all == []


def test_a_client_an_operator_registered_is_never_swept(newcomer: Newcomer) -> None:
    made = registrar.register(registrations.WEB)
    with time_machine.travel(timezone.now() + timedelta(days=4000)):
        self_registered.remove_unused()
    assert models.Client.objects.filter(pk=made.client_id).exists()


@pytest.mark.spec("RFC 7592 §2")
def test_a_secret_that_expires_is_replaced_in_time(newcomer: Newcomer) -> None:
    with policy.replaced(registration=registrations.permitting(secret_lifetime=timedelta(days=8))):
        told = newcomer.register()
        assert "client_secret" not in newcomer.put(told).json()
        with time_machine.travel(timezone.now() + timedelta(days=7)):
            shown = newcomer.put(told).json()
            assert shown["client_secret"] != told["client_secret"]
            assert shown["client_secret_expires_at"] > told["client_secret_expires_at"]
            old, new = newcomer.party(told), newcomer.party({**told, **shown})
            assert old.redeem("as_ac_x").status_code == 400
            assert new.redeem("as_ac_x").status_code == 400
        with time_machine.travel(timezone.now() + timedelta(days=9)):
            assert old.redeem("as_ac_x").status_code == 401
            assert new.redeem("as_ac_x").status_code == 400
