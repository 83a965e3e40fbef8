"""WebAuthn §13.4.3 — one answer of a passkey signs in one browser, however many send it at once."""

import functools
from collections import Counter

import pytest

from accounts import ceremonies, passkeys, webauthn
from accounts.ceremonies import Ceremony, Purpose
from accounts.webauthn import RefusedError
from tests.authenticator import Authenticator
from tests.races.crowd import THREADS, Crowd
from tests.unit.accounts import visitor

pytestmark = [pytest.mark.spec("WebAuthn §13.4.3"), pytest.mark.usefixtures("database")]
ROUNDS = 10
SIGNING_IN = Ceremony(purpose=Purpose.SIGN_IN, browser="b")


def added(device: Authenticator) -> str:
    """Give somebody a passkey; return who it is."""
    subject = str(visitor.someone().pk)
    adding = Ceremony(purpose=Purpose.ADD, browser="b", subject=subject)
    asked = ceremonies.creation_options(adding, email="e", name="n", known=())
    passkeys.add(subject, webauthn.made(device.create(asked), adding), name="", otherwise="x")
    return subject


def outcome(answer: str) -> str:
    """Return who was signed in, or why nobody was."""
    try:
        return str(passkeys.prove(answer, SIGNING_IN).pk)
    except RefusedError as refusal:
        return refusal.why.value


def test_one_answer_is_taken_once() -> None:
    device = Authenticator()
    subject = added(device)
    with Crowd() as crowd:
        for _ in range(ROUNDS):
            answer = device.get(ceremonies.request_options(SIGNING_IN))
            found = Counter(crowd.run([functools.partial(outcome, answer)] * THREADS))
            assert found == {subject: 1, "stale": THREADS - 1}


def test_one_count_is_taken_once() -> None:
    """Copies of a device that count alike: of all who come at once, one is the first."""
    device = Authenticator()
    subject = added(device)
    with Crowd() as crowd:
        for count in range(1, ROUNDS):
            asked = [ceremonies.request_options(SIGNING_IN) for _ in range(THREADS)]
            answers = [device.get(one, counter=count) for one in asked]
            found = Counter(crowd.run([functools.partial(outcome, each) for each in answers]))
            assert found == {subject: 1, "copied": THREADS - 1}
