"""ASVS 5.0 §6.2.3 — the API lets nobody guess the current password more often than the pages."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import hashers

from config import counting, environment, hashing, policy
from config.patience import Guesses
from tests import api
from tests.api import SCOPE, Program
from tests.doors import Response
from tests.parties import Enrol
from tests.person import Person
from tests.races.crowd import Crowd
from tests.specs.sign_in_protection.signing import WRONG, sign_in, statuses
from tests.throttling import permitting

pytestmark = pytest.mark.spec("ASVS 5.0 §6.2.3")
NEW = "Another-Horse8battery"
FREE = 3


@pytest.fixture(autouse=True)
def _few() -> Iterator[None]:
    """Let few guesses be free; what is counted beside them refuses nobody."""
    with policy.replaced(guesses=Guesses(free=FREE)), permitting(reauthentication="1000/h"):
        yield


def asked(program: Program, current: str = WRONG, new: str = NEW) -> Response:
    """Ask for a new password."""
    return program.patch("/me", {"password": new, "currentPassword": current})


def who(program: Program) -> Person:
    """Return the person, in the browser in which they let the program in, signed out."""
    assert program.person
    return program.person


def elsewhere(program: Program) -> Person:
    """Return them at a browser that is not known."""
    return who(program).elsewhere()


def signed_out(enrol: Enrol, person: Person) -> Program:
    """Return a program that acts for somebody who has signed out since."""
    program = api.of_person(
        enrol(scope=f"{SCOPE} offline_access"), person, f"{SCOPE} offline_access"
    )
    person.sign_out()
    return program


def test_they_are_counted_with_those_of_the_browser_it_was_let_in_from(own: Program) -> None:
    assert asked(own).status_code == asked(own).status_code == 400
    there = replace(who(own), browser=who(own).browser)
    there.browser.jar.cookies.pop("as_session")
    assert statuses(there, 1) == [200]
    refused = asked(own)
    assert refused.status_code == 429
    assert api.codes(refused) == {}
    wait = int(refused.headers["Retry-After"] or 0)
    assert 0 < wait <= 30
    assert refused.json()["retryAfter"] == wait
    assert refused.json()["title"] == "Too Many Requests"
    assert sign_in(there).status_code == 429, "the right one, too"
    assert asked(own, who(own).password).status_code == 429
    assert sign_in(elsewhere(own)).status_code == 302


def test_strangers_do_not_keep_anybody_from_a_new_password(own: Program) -> None:
    assert statuses(elsewhere(own), FREE + 1)[-1] == 429
    assert asked(own, who(own).password).status_code == 200
    assert api.row(who(own).subject).check_password(NEW)


def test_without_its_session_it_is_a_stranger(enrol: Enrol, someone: Person) -> None:
    program = signed_out(enrol, someone)
    assert [asked(program).status_code for _ in range(FREE + 1)] == [400] * FREE + [429]
    assert statuses(someone.elsewhere(), 1) == [429]
    assert sign_in(someone).status_code == 302, "in their own browser"


def test_a_right_one_begins_the_count_anew(own: Program) -> None:
    for _ in range(3):
        assert [asked(own).status_code for _ in range(FREE - 1)] == [400] * (FREE - 1)
        short = asked(own, who(own).password, new="short")
        assert "password" in api.codes(short), "that one was right, and this is not"
    assert asked(own, who(own).password).status_code == 200


def test_the_wait_ends(own: Program) -> None:
    with time_machine.travel(time.time(), tick=True) as clock:
        assert [asked(own).status_code for _ in range(FREE + 1)] == [400] * FREE + [429]
        clock.shift(timedelta(seconds=31))
        assert asked(own, who(own).password).status_code == 200


def test_no_restart_forgets_them(own: Program) -> None:
    assert [asked(own).status_code for _ in range(FREE)] == [400] * FREE
    counting.forget()
    assert asked(own).status_code == 429


def test_many_at_one_moment_are_no_more(own: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    real = hashers.check_password

    def counted(password: str, *rest: object) -> bool:
        hashed.append(password)
        return bool(real(password, *rest))  # type: ignore[arg-type]

    monkeypatch.setattr(hashers, "check_password", counted)
    monkeypatch.setattr(hashing, "PATIENCE", 30)
    with Crowd() as crowd, environment.replaced(threads=64):
        found = Counter(
            answer.status_code
            for _ in range(3)
            for answer in crowd.run([lambda: asked(own)] * crowd.size)
        )
    assert found == {400: FREE, 429: 3 * crowd.size - FREE}
    assert hashed == [WRONG] * FREE


def test_what_fails_here_is_nobody_s_wrong_password(
    own: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> bool:
        raise hashing.BusyError

    with monkeypatch.context() as patched:
        patched.setattr(hashers, "check_password", busy)
        assert [asked(own).status_code for _ in range(FREE + 2)] == [503] * (FREE + 2)
    assert asked(own, who(own).password).status_code == 200
