"""Epochs, what waits, what works once, what is sealed: each in its row."""

import datetime as dt
import secrets
import time

import pytest
import time_machine
from django.db import transaction

from tests.unit.tokens import grant as example
from tokens import epochs, grants, instants, pending, replay, statements, sweep, vault
from tokens.epochs import Kind
from tokens.grants import Taken, Turned, Why
from tokens.models import Epoch, Grant, Pending, Replay

MINUTE = dt.timedelta(minutes=1)
GRACE = 10 * instants.SECOND


def _name() -> str:
    return secrets.token_hex(8)


def test_an_epoch_begins_at_nothing_and_only_grows() -> None:
    name = _name()
    assert epochs.read(epochs.PERSON, name) == 0
    assert [epochs.bump(epochs.PERSON, name) for _ in range(3)] == [1, 2, 3]
    assert epochs.read(epochs.CLIENT, name) == 0, "another kind is another counter"


def test_epochs_come_in_the_order_asked() -> None:
    one, two = _name(), _name()
    epochs.bump(epochs.SESSION, two)
    wanted: list[tuple[Kind, str]] = [
        (epochs.PERSON, one),
        (epochs.SESSION, two),
        (epochs.CONSENT, one),
    ]
    assert epochs.read_many(wanted) == [0, 1, 0]


def test_a_bump_is_lost_with_the_transaction_it_joined() -> None:
    name = _name()
    with transaction.atomic():
        assert epochs.bump(epochs.PERSON, name) == 1
        transaction.set_rollback(True)
    assert epochs.read(epochs.PERSON, name) == 0


def test_what_waits_is_found_often_and_taken_once() -> None:
    text = pending.put("test", {"a": 1}, MINUTE)
    assert pending.find("test", text) == pending.find("test", text) == {"a": 1}
    assert pending.find("other", text) is None
    assert pending.take("test", text) == {"a": 1}
    assert pending.take("test", text) is None


def test_what_waits_too_long_is_gone() -> None:
    text = pending.put("test", {"a": 1}, MINUTE)
    with time_machine.travel(time.time() + 61):
        assert pending.find("test", text) is None
        assert pending.take("test", text) is None


def test_a_new_one_voids_the_old_about_the_same() -> None:
    about = _name()
    old, other = (
        pending.put("test", {}, MINUTE, about=about),
        pending.put("test", {}, MINUTE, about=_name()),
    )
    new = pending.put("test", {}, MINUTE, about=about, void_others=True)
    assert [pending.find("test", text) for text in (old, other, new)] == [None, {}, {}]


def test_a_value_works_once_for_its_purpose() -> None:
    value, until = _name(), instants.now() + instants.SECOND
    assert replay.mark("one", value, until)
    assert not replay.mark("one", value, until)
    assert replay.mark("two", value, until)


def test_what_is_sealed_for_one_row_opens_in_no_other() -> None:
    sealed = vault.seal("secret", "row 1", b"data")
    assert vault.open("secret", "row 1", sealed) == b"data"
    assert vault.open("secret", "row 2", sealed) is None
    assert vault.open("other", "row 1", sealed) is None
    assert vault.open("secret", "row 1", sealed[:-1] + bytes([sealed[-1] ^ 1])) is None
    assert vault.open("secret", "row 1", b"") is None


def test_a_code_is_taken_once_and_a_spoilt_one_is_dead() -> None:
    grant = example.new()
    assert grants.take(grant, spoilt=Why.CODE_SPOILT) is Taken.SPOILT
    assert grants.find(grant.id) is None
    assert grants.take(grant) is Taken.REPLAYED


@pytest.mark.parametrize("kind", [epochs.PERSON, epochs.CLIENT, epochs.CONSENT, epochs.SESSION])
def test_a_code_of_before_is_born_dead(kind: Kind) -> None:
    grant = example.new()
    ids = {
        epochs.PERSON: grant.subject,
        epochs.CLIENT: grant.client_id,
        epochs.CONSENT: epochs.consent_id(grant.subject, grant.client_id),
        epochs.SESSION: grant.sid,
    }
    epochs.bump(kind, ids[kind])
    assert grants.take(grant) is Taken.CUT_OFF
    assert Grant.objects.get(pk=grant.id).revoked_why == Why.CUT_OFF


def test_a_grant_for_good_outlives_its_session() -> None:
    grant = example.taken(ends_with_session=False)
    epochs.bump(epochs.SESSION, grant.sid)
    assert grants.find(grant.id)


@pytest.mark.parametrize(
    ("changes", "seconds"),
    [
        pytest.param({}, 3_601, id="idle"),
        pytest.param({"idle": 48 * example.HOUR}, 24 * 3_600 + 1, id="absolute"),
    ],
)
def test_a_grant_ends_by_itself(changes: dict[str, int], seconds: int) -> None:
    grant = example.taken(**changes)
    with time_machine.travel(time.time() + seconds):
        assert grants.find(grant.id) is None
        assert grants.turn(grant.refresh(), grace=GRACE)[0] is Turned.DEAD


def test_a_generation_nobody_issued_is_ahead() -> None:
    grant = example.taken()
    _, turned = grants.turn(grant.refresh(), grace=GRACE)
    assert turned
    Grant.objects.filter(pk=grant.id).update(generation=0)  # as a restored database has it
    assert grants.turn(turned.refresh(), grace=GRACE) == (Turned.AHEAD, None)
    assert grants.find(grant.id), "what is the database's fault ends nobody's grant"


def test_without_rotation_the_token_stays_and_lives_on() -> None:
    grant = example.taken()
    for _ in range(2):
        outcome, turned = grants.turn(grant.refresh(), grace=0, rotate=False)
        assert (outcome, turned and turned.refresh()) == (Turned.TURNED, grant.refresh())


def test_the_sweep_removes_only_what_nothing_refers_to() -> None:
    live, dead = example.taken(), example.taken()
    grants.end(dead.id, why=Why.REVOKED)
    kept, event = _name(), _name()
    epochs.bump(epochs.PERSON, kept)
    epochs.bump(epochs.SESSION, event, expires_at=instants.now())
    waiting = Pending.objects.count()
    pending.put("test", {}, MINUTE)
    replay.mark("sweep", event, instants.now() + instants.SECOND)
    with time_machine.travel(time.time() + 1_500):
        sweep.run()
    assert Grant.objects.filter(pk=live.id).exists()
    assert not Grant.objects.filter(pk=dead.id).exists()
    assert Epoch.objects.filter(kind="person", id=kept).exists(), "an epoch is never forgotten"
    assert not Epoch.objects.filter(kind="session", id=event).exists()
    assert Pending.objects.count() <= waiting
    assert not Replay.objects.filter(expires_at__lt=instants.now()).exists()


def test_a_decision_refuses_to_be_undone() -> None:
    with transaction.atomic(), pytest.raises(statements.InsideTransactionError):
        grants.take(example.new())
