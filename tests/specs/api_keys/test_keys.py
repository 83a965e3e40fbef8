"""API keys: found by scanners, shown once, kept as digests; two of an owner, expiring, revoked."""

import datetime as dt
import io
import json
import re
import secrets
import threading
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from accounts import api_keys
from accounts.models import ApiKey
from config import logs
from tests import api
from tests.api import Program
from tests.doors import Door, Response

pytestmark = pytest.mark.spec("OWASP API2")
READ = "users:read"


def owner() -> str:
    return f"billing-{secrets.token_hex(5)}"


def run(*words: str) -> Any:
    out = io.StringIO()
    call_command("api-keys", *words, "--json", stdout=out)
    return json.loads(out.getvalue())


def show(door: Door, key: str) -> Response:
    return Program(door=door, headers={"X-API-Key": key}).get(query={"limit": "1"})


def test_a_key_is_made_shown_once_and_works(way_in: Door) -> None:
    whose = owner()
    made = run("make", whose, "--scope", READ, "--expires-in", "30d")
    key = made["api_key"]
    assert re.fullmatch(r"ask_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}", key)
    assert (made["scope"], made["expires_in"]) == (READ, 30 * 86400)
    assert show(way_in, key).status_code == 200
    listed = [one for one in run("list")["api_keys"] if one["owner"] == whose]
    assert [(one["id"], one["is_active"]) for one in listed] == [(made["id"], True)]
    assert listed[0]["last_used_at"]
    row = ApiKey.objects.get(pk=made["id"])
    secret = key.rpartition("_")[2]
    assert all(secret[:20] not in str(value) for value in vars(row).values())
    assert secret not in json.dumps(run("list"))


def test_its_scopes_are_its_limits(way_in: Door) -> None:
    reader = api.with_key(way_in, READ)
    assert reader.get().status_code == 200
    answer = reader.post(api.new_user())
    assert answer.status_code == 403
    assert 'scope="users:write"' in (answer.headers["WWW-Authenticate"] or "")
    writer = api.with_key(way_in, "users:write")
    assert writer.post(api.new_user()).status_code == 201
    assert writer.get().status_code == 403


def test_a_key_never_administers(way_in: Door) -> None:
    with pytest.raises(CommandError):
        run("make", owner(), "--scope", "users:admin")
    program = api.with_key(way_in, READ, "users:write", "users:admin")
    where = f"/{program.post(api.new_user()).json()['id']}"
    assert program.delete(where).status_code == 403


@pytest.mark.parametrize(
    "damaged",
    [
        pytest.param(lambda key: key[:-1] + ("0" if key[-1] != "0" else "1"), id="checksum"),
        pytest.param(
            lambda key: key[:30] + ("0" if key[30] != "0" else "1") + key[31:], id="secret"
        ),
        pytest.param(lambda key: key.replace("ask_", "bsk_"), id="prefix"),
        pytest.param(lambda key: key + "x", id="longer"),
        pytest.param(lambda key: key[:0], id="empty"),
        pytest.param(lambda key: key[:4], id="the prefix alone"),
        pytest.param(lambda key: f"{key}, {key}", id="twice"),
        pytest.param(lambda key: key * 200, id="huge"),
        pytest.param(lambda key: "\xe9" + key, id="no ASCII"),
    ],
)
def test_what_is_no_key(damaged: Any, way_in: Door) -> None:
    _id, key = api_keys.make(owner(), [READ])
    answer = show(way_in, damaged(key))
    assert answer.status_code == 401
    assert api.codes(answer) == {}
    assert key not in answer.text


def test_a_checksum_that_fits_is_not_enough(way_in: Door) -> None:
    key_id, _key = api_keys.make(owner(), [READ])
    body = f"ask_{key_id}_{'a' * 43}"
    assert show(way_in, body + api_keys._checksum(body)).status_code == 401


def test_a_key_is_revoked_at_once(way_in: Door) -> None:
    key_id, key = api_keys.make(owner(), [READ])
    assert run("revoke", key_id) == {"id": key_id, "revoked": True}
    assert show(way_in, key).status_code == 401
    with pytest.raises(CommandError):
        run("revoke", key_id)


def test_a_key_expires(way_in: Door) -> None:
    _id, key = api_keys.make(owner(), [READ], lifetime=dt.timedelta(hours=1))
    with time_machine.travel(dt.datetime.now(tz=dt.UTC) + dt.timedelta(minutes=61)):
        assert show(way_in, key).status_code == 401


def test_two_at_a_time(way_in: Door) -> None:
    whose = owner()
    first, _key = api_keys.make(whose, [READ])
    _second, key = api_keys.make(whose, [READ])
    with pytest.raises(CommandError, match="2 keys already"):
        run("make", whose, "--scope", READ)
    api_keys.revoke(first)
    api_keys.make(whose, [READ])
    assert show(way_in, key).status_code == 200


def test_one_that_expired_makes_room() -> None:
    whose = owner()
    for _ in range(2):
        api_keys.make(whose, [READ], lifetime=dt.timedelta(minutes=1))
    with time_machine.travel(dt.datetime.now(tz=dt.UTC) + dt.timedelta(minutes=2)):
        api_keys.make(whose, [READ])


def test_of_many_made_at_once_two_are() -> None:
    whose, gate, refused = owner(), threading.Barrier(6), []

    def make() -> None:
        gate.wait()
        try:
            api_keys.make(whose, [READ])
        except api_keys.RefusedError as fault:
            refused.append(fault)

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 4
    assert ApiKey.objects.filter(owner=whose, slot__isnull=False).count() == 2


def test_its_use_is_noted_once_a_minute(way_in: Door) -> None:
    key_id, key = api_keys.make(owner(), [READ])
    show(way_in, key)
    first = ApiKey.objects.get(pk=key_id).last_used_at
    show(way_in, key)
    assert first
    assert ApiKey.objects.get(pk=key_id).last_used_at == first
    with time_machine.travel(first + dt.timedelta(seconds=61)):
        show(way_in, key)
    later = ApiKey.objects.get(pk=key_id).last_used_at
    assert later
    assert later > first


def test_no_log_shows_one() -> None:
    _id, key = api_keys.make(owner(), [READ])
    for text in (f"got {key}", f'{{"X-API-Key": "{key}"}}', key):
        assert key.rpartition("_")[2] not in logs.redacted(text)


@pytest.mark.parametrize("whose", ["", " ", "a" * 121, "a\nb", "é"])
def test_an_owner_has_a_plain_name(whose: str) -> None:
    with pytest.raises(api_keys.RefusedError):
        api_keys.make(whose, [READ])
