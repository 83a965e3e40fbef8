"""OIDC Back-Channel Logout §2.5 — nobody waits for a client, and none that is away is forgotten."""

import datetime as dt
import threading
import time
from collections.abc import Iterator

import pytest
import time_machine
from django.utils import timezone

from authserver import clients, registrar
from config import outbox, policy
from config.models import Delivery
from tests import listening
from tests.parties import Enrol
from tests.person import Person
from tests.rp import RelyingParty
from tests.specs.oidc_backchannel_logout.conftest import Hearing, Party

pytestmark = pytest.mark.spec("OIDC Back-Channel Logout §2.5")


@pytest.fixture(autouse=True)
def nothing_waits() -> Iterator[None]:
    """Keep what other tests left undelivered out of these."""
    Delivery.objects.filter(delivered_at=None).update(dead_at=timezone.now())
    yield
    Delivery.objects.filter(delivered_at=None).update(dead_at=timezone.now())


def later(hours: float = 12) -> time_machine.travel:
    """Move to when whatever failed is due again."""
    return time_machine.travel(timezone.now() + dt.timedelta(hours=hours))


def use(*parties: Party) -> None:
    for party in parties:
        assert party.rp.tokens()["id_token"]


def test_both_are_told_though_one_is_down_for_three_deliveries(
    hearing: Hearing, someone: Person
) -> None:
    up, down = hearing(), hearing()
    use(up, down)
    down.ear.go()
    someone.sign_out()
    assert up.ear.heard == [], "nobody waits for a client: all is told later"
    outbox.deliver_due()
    assert (len(up.ear.tokens), len(down.ear.tokens)) == (1, 0)
    for hours in (12, 24):
        with later(hours):
            outbox.deliver_due()
    row = Delivery.objects.get(kind="backchannel_logout", delivered_at=None, dead_at=None)
    assert row.attempts == 3
    assert row.log.count("\n") == 3
    down.ear.come()
    with later(48):
        outbox.deliver_due()
        (token,) = down.ear.tokens
        claims = down.rp.claims(token)
        assert abs(claims["iat"] - time.time()) < 60, "made when it is delivered, so never stale"
    row.refresh_from_db()
    assert row.delivered_at is not None
    with later(60):
        outbox.deliver_due()
    assert (len(up.ear.tokens), len(down.ear.tokens)) == (1, 1), "each is told once"


@pytest.mark.parametrize("code", [301, 307, 400, 404, 500, 503])
def test_whatever_is_not_a_yes_is_tried_again(hearing: Hearing, someone: Person, code: int) -> None:
    party = hearing()
    elsewhere = hearing()
    party.ear.reply = listening.status(code, Location=f"{elsewhere.ear.origin}/")
    use(party)
    someone.sign_out()
    outbox.deliver_due()
    party.ear.reply = listening.status(200)
    with later():
        outbox.deliver_due()
    assert len(party.ear.tokens) == 2
    assert len({*party.ear.tokens}) == 2
    assert elsewhere.ear.heard == [], "a redirect is not followed"


@pytest.mark.parametrize("code", [200, 204])
def test_a_yes_is_a_yes(hearing: Hearing, someone: Person, code: int) -> None:
    party = hearing()
    party.ear.reply = listening.status(code, b"fine" if code == 200 else b"")
    use(party)
    someone.sign_out()
    outbox.deliver_due()
    with later():
        outbox.deliver_due()
    assert len(party.ear.tokens) == 1


def test_who_never_answers_is_given_up_and_kept(hearing: Hearing, someone: Person) -> None:
    party = hearing()
    party.ear.reply = listening.status(500)
    use(party)
    someone.sign_out()
    tries = policy.current().outbox.tries
    for number in range(tries + 3):
        with later(12 * number):
            outbox.deliver_due()
    assert len(party.ear.tokens) == tries
    row = Delivery.objects.filter(kind="backchannel_logout").latest("id")
    assert row.dead_at is not None
    assert "500" in row.log
    assert party.ear.tokens[0] not in row.log + row.payload


def test_one_byte_a_second_delays_nobody_else(hearing: Hearing, someone: Person) -> None:
    slow, quick = hearing(), hearing()
    slow.ear.reply = listening.drip
    use(slow, quick)
    someone.sign_out()
    assert slow.ear.heard == []
    workers = [threading.Thread(target=outbox.deliver_due) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert not any(worker.is_alive() for worker in workers), "the slow one is cut short"
    failed = Delivery.objects.get(kind="backchannel_logout", delivered_at=None, dead_at=None)
    assert failed.target == slow.rp.client_id
    cut_at = dt.datetime.fromisoformat(failed.log[:20])
    assert int(quick.ear.heard[0].at) <= cut_at.timestamp(), "and nobody waited for that"
    assert len(quick.ear.tokens) == 1


def test_a_crash_after_the_commit_loses_nothing(hearing: Hearing, someone: Person) -> None:
    party = hearing()
    use(party)
    someone.sign_out()
    row = Delivery.objects.get(kind="backchannel_logout", delivered_at=None, dead_at=None)
    # The process was killed while it delivered: the lease is there, and nobody holds it.
    until = timezone.now() + policy.current().outbox.lease
    Delivery.objects.filter(pk=row.pk).update(lease="dead", leased_until=until, attempts=1)
    outbox.deliver_due()
    assert party.ear.tokens == []
    with later():
        outbox.deliver_due()
    assert len(party.ear.tokens) == 1


@pytest.mark.parametrize("fate", ["removed", "silent"])
def test_a_client_that_is_gone_meanwhile_is_not_told(
    hearing: Hearing, someone: Person, fate: str
) -> None:
    party, other = hearing(), hearing()
    use(party, other)
    someone.sign_out()
    if fate == "removed":
        registrar.remove(party.rp.client_id)
    else:
        _forget_uri(party)
    outbox.deliver_due()
    assert party.ear.heard == []
    assert len(other.ear.tokens) == 1
    waiting = Delivery.objects.filter(delivered_at=None, dead_at=None)
    assert not waiting.exclude(kind="mail").exists()


def _forget_uri(party: Party) -> None:
    from authserver import models  # noqa: PLC0415  as an operator's hand would

    models.Client.objects.filter(pk=party.rp.client_id).update(backchannel_logout_uri="")
    clients.evict(party.rp.client_id)


def test_who_did_not_take_part_is_not_told(
    hearing: Hearing, someone: Person, somebody_else: Person
) -> None:
    here, elsewhere, never = hearing(), hearing(), hearing()
    use(here)
    elsewhere.rp.tokens(somebody_else)
    never.rp.authorize(someone, decision="deny")
    someone.sign_out()
    outbox.deliver_due()
    assert len(here.ear.tokens) == 1
    assert elsewhere.ear.heard == never.ear.heard == []


def test_a_client_that_does_not_listen_leaves_nothing_to_deliver(
    enrol: Enrol, someone: Person
) -> None:
    enrol().tokens()
    someone.sign_out()
    waiting = Delivery.objects.filter(delivered_at=None, dead_at=None)
    assert not waiting.exclude(kind="mail").exists()


def test_a_client_used_twice_is_told_once(hearing: Hearing, someone: Person) -> None:
    party = hearing()
    use(party, party)
    someone.sign_out()
    outbox.deliver_due()
    assert len(party.ear.tokens) == 1


@pytest.mark.spec("OIDC Back-Channel Logout §2.1")
def test_it_is_said_in_the_metadata(rp: RelyingParty) -> None:
    assert rp.metadata["backchannel_logout_supported"] is True
    assert rp.metadata["backchannel_logout_session_supported"] is True
