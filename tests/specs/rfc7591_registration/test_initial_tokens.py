"""RFC 7591 §3 — with an initial access token only: counted, expiring, revocable."""

import functools
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from authserver import initial_tokens, models
from config import policy
from config.policy import RegistrationMode
from tests import registrations
from tests.doors import Door
from tests.races.crowd import Crowd
from tests.registrations import Newcomer

pytestmark = pytest.mark.spec("RFC 7591 §3")


@pytest.fixture
def invited(signing_keys: None, way_in: Door) -> Iterator[Newcomer]:
    """Return somebody who needs a token."""
    with policy.replaced(registration=registrations.permitting(mode=RegistrationMode.TOKEN)):
        yield Newcomer(door=way_in)


def run(*words: str) -> Any:
    out = io.StringIO()
    call_command("clients", *words, "--json", stdout=out)
    return json.loads(out.getvalue())


def made(uses: int = 1) -> str:
    return initial_tokens.make(uses=uses, lifetime=timedelta(days=1))[1]


def test_without_one_nobody_registers(invited: Newcomer) -> None:
    answer = invited.send()
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="authserver"'


@pytest.mark.parametrize("token", ["x", "as_it_" + "A" * 43, "é"[:0] + "a" * 5000])
def test_a_wrong_one_is_refused(invited: Newcomer, token: str) -> None:
    answer = invited.send(token=token)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert 'error="invalid_token"' in (answer.headers["WWW-Authenticate"] or "")


def test_another_scheme_is_no_token(invited: Newcomer) -> None:
    headers = {**registrations.JSON, "Authorization": "Basic YTpi"}
    answer = invited.door.send("POST", invited.address, headers=headers, body=b"{}")
    assert answer.status_code == 401


def test_it_lets_as_many_in_as_it_says(invited: Newcomer) -> None:
    token = made(uses=2)
    assert [invited.send(token=token).status_code for _ in range(3)] == [201, 201, 401]


def test_a_refused_registration_costs_nothing(invited: Newcomer) -> None:
    token = made()
    assert invited.send(token=token, redirect_uris=["javascript:alert(1)"]).status_code == 400
    assert invited.send(token=token).status_code == 201


def test_it_expires(invited: Newcomer) -> None:
    token = made()
    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=1)):
        assert invited.send(token=token).status_code == 401


def test_it_rests_as_a_digest() -> None:
    token = made()
    row = models.InitialToken.objects.get(digest=initial_tokens.digest(token))
    assert token not in str(row.__dict__)


def test_of_many_at_once_one_registers(invited: Newcomer) -> None:
    with Crowd() as crowd:
        for _ in range(5):
            send = functools.partial(invited.send, token=made())
            answers = crowd.run([send] * crowd.size)
            assert sorted(answer.status_code for answer in answers) == [201] + [401] * 7


def test_no_name_looks_like_an_option() -> None:
    names = [initial_tokens.make(uses=1, lifetime=timedelta(days=1))[0] for _ in range(300)]
    assert not [name for name in names if name.startswith("-")]


def test_from_the_command_line(invited: Newcomer) -> None:
    shown = run("initial-token", "--uses", "3", "--days", "2", "--note", "partners")
    listed = {each["name"]: each for each in run("initial-tokens")}
    assert listed[shown["name"]]["uses_left"] == 3
    assert listed[shown["name"]]["note"] == "partners"
    assert shown["initial_access_token"] not in json.dumps(run("initial-tokens"))
    assert invited.send(token=shown["initial_access_token"]).status_code == 201
    run("revoke-initial-token", shown["name"])
    assert invited.send(token=shown["initial_access_token"]).status_code == 401
    with pytest.raises(CommandError):
        run("revoke-initial-token", shown["name"])


@pytest.mark.parametrize(
    "words", [("--uses", "0"), ("--days", "0"), ("--days", "-1"), ("--note", "x" * 121)]
)
def test_one_that_lets_nobody_in_is_not_made(words: tuple[str, str]) -> None:
    with pytest.raises(CommandError):
        run("initial-token", *words)


def test_where_everybody_may_one_is_not_counted_by_address(newcomer: Newcomer) -> None:
    with policy.replaced(registration=registrations.permitting(per_address=1)):
        assert [newcomer.send().status_code for _ in range(2)] == [201, 429]
        assert newcomer.send(token=made()).status_code == 201
        assert newcomer.send(token="wrong").status_code == 401


def test_the_sweep_removes_what_is_over() -> None:
    used, expired, good = made(), made(), made()
    rows = models.InitialToken.objects
    rows.filter(digest=initial_tokens.digest(used)).update(uses_left=0)
    past = timezone.now() - timedelta(seconds=1)
    rows.filter(digest=initial_tokens.digest(expired)).update(expires_at=past)
    initial_tokens.sweep()
    kept = [rows.filter(digest=initial_tokens.digest(each)).exists() for each in (used, expired)]
    assert (kept, initial_tokens.is_good(good)) == ([False, False], True)
