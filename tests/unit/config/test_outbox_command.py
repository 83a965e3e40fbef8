"""`manage.py outbox`: an operator sees what waits, has it tried again, or lets it go."""

import io
import json
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.core.management import CommandError, call_command
from django.test import RequestFactory
from django.utils import timezone

from config import models, outbox
from config.outbox import kinds, rows
from tests.work import claimed


@pytest.fixture
def kind() -> Iterator[str]:
    """Return a kind whose deliveries fail for good; what is left of it goes."""
    name = f"test {secrets.token_hex(6)}"

    @outbox.handler(name)
    def refuse(payload: dict[str, Any]) -> None:
        raise outbox.UndeliveredError("The rp said no.", is_final=True)

    yield name
    kinds.HANDLERS.pop(name, None)
    models.Delivery.objects.filter(kind=name).delete()


def said(*words: str) -> str:
    out = io.StringIO()
    call_command("outbox", *words, stdout=out)
    return out.getvalue()


def listed(kind: str, *words: str) -> list[dict[str, Any]]:
    return [each for each in json.loads(said("list", "--json", *words)) if each["kind"] == kind]


def dead(kind: str) -> int:
    outbox.put(kind, {"hush": "hush"}, target=kind)
    outbox.deliver_due()
    return int(models.Delivery.objects.filter(kind=kind).latest("id").pk)


def test_the_list_shows_state_and_reason_and_no_payload(kind: str) -> None:
    number = dead(kind)
    outbox.put(kind, {"hush": "hush"}, target=kind)
    assert {each["state"] for each in listed(kind)} == {"waiting", "dead"}
    assert [each["id"] for each in listed(kind, "--dead")] == [number]
    text = said("list")
    assert "The rp said no." in text
    assert f"{number}  dead" in text
    assert "hush" not in text + said("list", "--json")
    [work] = claimed(kind)
    assert {each["state"] for each in listed(kind)} == {"sending", "dead"}
    rows.delivered(work)
    assert {each["state"] for each in listed(kind, "--delivered")} == {"delivered", "dead"}
    assert {each["state"] for each in listed(kind)} == {"dead"}
    assert len(json.loads(said("list", "--json", "--limit", "1"))) == 1


def test_retrying_gives_all_tries_back(kind: str) -> None:
    number = dead(kind)
    assert said("retry", str(number)) == "retried: 1\n"
    found = models.Delivery.objects.get(pk=number)
    assert (found.attempts, found.dead_at) == (0, None)
    assert "The rp said no." in found.log
    outbox.handler(kind)(lambda _: None)
    outbox.deliver_due()
    with pytest.raises(CommandError):  # it is delivered
        said("retry", str(number))


def test_dropping_removes_and_is_an_event(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    number = dead(kind)
    assert json.loads(said("drop", "--json", str(number))) == {"dropped": 1}
    assert not models.Delivery.objects.filter(kind=kind).exists()
    assert "outbox_dropped" in [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize("verb", ["retry", "drop"])
def test_all_that_was_given_up_and_nothing_else(kind: str, verb: str) -> None:
    dead(kind)
    dead(kind)
    models.Delivery.objects.create(
        kind=kind,
        target="x",
        payload="{}",
        put_at=timezone.now(),
        due_at=timezone.now(),
        attempts=3,
    )
    said(verb, "--dead")
    assert listed(kind, "--dead") == []
    assert models.Delivery.objects.get(kind=kind, attempts=3).dead_at is None


@pytest.mark.parametrize(
    "words",
    [
        ("retry",),
        ("drop",),
        ("drop", "1", "--dead"),
        ("retry", "0"),
        ("drop", "-1"),
        ("retry", "99999999999999999999"),
        ("drop", "x"),
        ("drop", "9223372036854775807"),
        ("look",),
        (),
    ],
)
def test_nothing_is_done_by_mistake(words: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        said(*words)


def test_what_is_under_way_is_left_alone(kind: str) -> None:
    outbox.put(kind, {})
    [work] = claimed(kind)
    for verb in ("retry", "drop"):
        with pytest.raises(CommandError):
            said(verb, str(work.id))
    assert models.Delivery.objects.get(kind=kind).lease == work.lease


def test_the_console_shows_and_changes_nothing() -> None:
    page = admin.site.get_model_admin(models.Delivery)
    request = RequestFactory().get("/")
    assert not page.has_add_permission(request)
    assert not page.has_change_permission(request)
    assert not page.has_delete_permission(request)
    assert "payload" not in str((page.fields, page.list_display))
