"""ASVS 5.0 §6.3.8 — whether somebody has an account is told by no status, text or work."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import hashers
from accounts import people as directory
from tests import letters
from tests import person as people
from tests.browser import Page
from tests.doors import Response
from tests.person import Person
from tests.specs.sign_in_protection.signing import WRONG, here, nobody_like, sign_in

pytestmark = pytest.mark.spec("ASVS 5.0 §6.3.8")
SECRETS = re.compile(r'value="[^"]{20,}"|challenge[^,"]*|as_[a-z]{2}_[\w-]+|data-options="[^"]*"')
# An account that is made takes rows that one that is here has already; nobody asks often enough to
# see that beside a hash: limits allow an address five mails an hour.
TOLERATED = {"sign in": 1, "sign up": 14}
VARYING = {"Set-Cookie", "X-Request-Id", "Date", "Content-Length", "Content-Security-Policy"}
NAMES = re.compile(r"([^=;, ]+)=")


def typed(person: Person, path: str, **fields: str) -> list[Response]:
    """Fill in the form of a page, and return every answer up to the page it leads to."""
    form = Page(person.browser.open(here(path))).form_with(next(iter(fields)))
    assert form
    before = len(person.browser.visited)
    person.browser.submit(form, **fields)
    return person.browser.visited[before:]


def sign_in_wrongly(person: Person) -> list[Response]:
    return [sign_in(person, WRONG) for _ in range(12)]


def reset(person: Person) -> list[Response]:
    answers = typed(person, "password/reset/", email=person.email)
    return [*answers, *wrong_codes(person)]


def sign_in_by_code(person: Person) -> list[Response]:
    answers = typed(person, "login/code/", email=person.email)
    return [*answers, *wrong_codes(person)]


def sign_up(person: Person) -> list[Response]:
    fields = {"password1": person.password, "name": person.name, "email": person.email}
    return [*typed(person, "signup/", **fields), *wrong_codes(person)]


def wrong_codes(person: Person) -> Iterator[Response]:
    """Type wrong codes on the page that one is on, as long as it asks, and ask for another."""
    for _ in range(7):
        last = person.browser.visited[-1]
        form = Page(last).form_with("code") if last.status_code == 200 else None
        if form is None:
            return
        before = len(person.browser.visited)
        person.browser.submit(form, code="BBBB-BBBB")
        yield from person.browser.visited[before:]
        for other in Page(last).forms:
            if other.fields.get("action") == "resend":
                before = len(person.browser.visited)
                person.browser.submit(other)
                yield from person.browser.visited[before:]


FLOWS: dict[str, Callable[[Person], list[Response]]] = {
    "sign in": sign_in_wrongly,
    "reset": reset,
    "sign in by code": sign_in_by_code,
    "sign up": sign_up,
}


def told(answer: Response, email: str) -> tuple[Any, ...]:
    """Return what an answer tells, without what is random in it."""
    headers = sorted((name, value) for name, value in answer.headers.items() if name not in VARYING)
    cookies = sorted(
        (*NAMES.findall(one)[:1], "Max-Age=0" in one)
        for one in answer.headers.get_all("Set-Cookie")
    )
    text = SECRETS.sub("", answer.text.replace(email, "E"))
    return (answer.status_code, re.sub(r"\d+", "N", str(headers)), cookies, text, len(text))


@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("who", ["active", "switched off", "without a password", "unproven"])
def test_who_is_here_reads_as_who_is_not(someone: Person, flow: str, who: str) -> None:
    if who != "active":
        made = directory.create(
            email=people.address(),
            password=None if who == "without a password" else someone.password,
            email_verified=who != "unproven",
        )
        if who == "switched off":
            directory.disable(str(made.pk))
        someone = replace(someone, email=made.email)
    known, unknown = someone.elsewhere(), nobody_like(someone)
    found = [told(one, known.email) for one in FLOWS[flow](known)]
    assert len(found) > 1
    assert found == [told(one, unknown.email) for one in FLOWS[flow](unknown)]


@contextmanager
def work(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Count the hashes and the statements of a block."""
    counts = [0, 0]
    with monkeypatch.context() as patched, CaptureQueriesContext(connection) as asked:
        for name in ("encode", "verify"):
            real = getattr(hashers.Argon2id, name)

            def counted(self: Any, *args: Any, real: Any = real) -> Any:
                counts[0] += 1
                return real(self, *args)

            patched.setattr(hashers.Argon2id, name, counted)
        yield counts
        counts[1] = len(asked)


@pytest.mark.parametrize("flow", ["sign in", "reset", "sign in by code", "sign up"])
def test_it_takes_the_same_work(
    someone: Person, flow: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = {"reset": "password/reset/", "sign in by code": "login/code/", "sign up": "signup/"}
    fields = {"sign up": ("password1", "name", "email")}.get(flow, ("email",))
    costs = []
    for person in (someone.elsewhere(), nobody_like(someone)):
        of_person = {"password1": person.password, "name": person.name, "email": person.email}
        page = person.browser.open(here(paths.get(flow, "login/")))
        form = Page(page).form_with("login" if flow == "sign in" else fields[0])
        assert form
        with work(monkeypatch) as cost:
            if flow == "sign in":
                person.browser.press(form, login=person.email, password=WRONG)
            else:
                person.browser.press(form, **{name: of_person[name] for name in fields})
        costs.append(cost)
    (hashes, asked), (other_hashes, other_asked) = costs
    assert hashes == other_hashes
    assert abs(asked - other_asked) <= TOLERATED.get(flow, 0), costs


def test_only_whoever_is_here_has_mail(someone: Person) -> None:
    unknown = nobody_like(someone)
    for flow in ("reset", "sign in by code"):
        before = len(letters.to(someone.email))
        FLOWS[flow](someone.elsewhere())
        FLOWS[flow](unknown)
        assert len(letters.to(someone.email)) > before
        assert letters.to(unknown.email) == []
