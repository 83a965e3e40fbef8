"""RFC 9106 §4 — passwords wait for each other; tokens wait for no password."""

import secrets
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import people as directory
from authserver import client_secrets
from config import hashing
from tests.api import Program
from tests.browser import Page
from tests.credentials import Basic
from tests.parties import MACHINE, Enrol
from tests.person import Person
from tests.rp import RelyingParty
from tests.specs.sign_in_protection.signing import WRONG, here, nobody_like, sign_in, statuses
from tests.specs.sign_in_protection.test_new_passwords import sign_up

pytestmark = pytest.mark.spec("RFC 9106 §4")


@contextmanager
def full(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let every turn and every place in the line of people be taken."""
    release, began = threading.Event(), threading.Semaphore(0)

    def work() -> None:
        began.release()
        release.wait(60)

    at_once, line = hashing.room()
    with monkeypatch.context() as patched, ThreadPoolExecutor(at_once + line) as threads:
        patched.setattr(hashing, "PATIENCE", 60)
        held = [threads.submit(hashing.run, work) for _ in range(at_once + line)]
        for _ in range(at_once):
            assert began.acquire(timeout=10)
        while hashing._gates[False, at_once, line].places._value:
            threading.Event().wait(0.001)
        try:
            yield
        finally:
            release.set()
            for each in held:
                each.result()


def test_who_comes_when_the_line_is_full_is_asked_to_come_back(
    someone: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, unknown, newcomer = (someone.elsewhere(), nobody_like(someone), nobody_like(someone))
    with full(monkeypatch):
        refused = [sign_in(known), sign_in(known, WRONG), sign_in(unknown), sign_up(newcomer)]
        for one in refused:
            assert (one.status_code, one.headers["Retry-After"]) == (503, "1")
            assert Page(one).heading == "Many people are here just now"
            assert one.text == refused[0].text
    assert directory.find_by_email(newcomer.email) is None
    assert sign_in(known).status_code == 302
    assert sign_up(newcomer).status_code == 302


def test_being_refused_reads_no_row_and_opens_no_session(
    someone: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = Page(someone.browser.open(here("login/"))).form_with("login")
    assert form
    with full(monkeypatch), CaptureQueriesContext(connection) as asked:
        refused = someone.browser.press(form, login=someone.email, password=WRONG)
    assert refused.status_code == 503
    assert refused.headers["Content-Length"] == str(len(refused.body))
    assert not refused.headers.get_all("Set-Cookie")
    assert asked.captured_queries == []


def test_nothing_of_it_counts_as_a_wrong_password(
    someone: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = someone.elsewhere()
    with full(monkeypatch):
        assert statuses(stranger, 12) == [503] * 12
    assert sign_in(stranger).status_code == 302


def test_every_page_and_the_api_wait_in_it(
    someone: Person, own: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    someone.visit(here(""))
    new = {"password1": "Another-Horse7b", "password2": "Another-Horse7b"}
    change = Page(someone.browser.open(here("password/change/"))).form_with("oldpassword")
    again = Page(someone.browser.open(here("reauthenticate/"))).form_with("password")
    assert change
    assert again
    with full(monkeypatch):
        press = someone.browser.press
        assert press(change, oldpassword=someone.password, **new).status_code == 503
        assert press(again, password=someone.password).status_code == 503
        changed = {"password": "Another-Horse8battery", "currentPassword": someone.password}
        refused = own.patch("/me", changed)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
        assert refused.json()["title"] == "Service Unavailable"


def test_tokens_do_not_wait(
    rp: RelyingParty, enrol: Enrol, someone: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = enrol(**MACHINE)
    tokens = rp.tokens()
    with full(monkeypatch):
        assert machine.client_credentials().status_code == 200
        assert rp.refresh(tokens["refresh_token"]).status_code == 200
        assert rp.tokens()["access_token"]
        assert rp.userinfo(tokens["access_token"]).status_code == 200


def test_a_client_with_a_slow_secret_has_a_line_of_its_own(
    enrol: Enrol, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = f"weak words {secrets.token_hex(4)}"
    weak = enrol(**MACHINE, client_secret=secret)
    weak = replace(weak, credentials=Basic(client_id=weak.client_id, secret=secret))
    with full(monkeypatch):
        client_secrets._remembered.clear()
        assert weak.client_credentials().status_code == 200
