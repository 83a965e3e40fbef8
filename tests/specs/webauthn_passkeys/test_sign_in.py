"""WebAuthn §7.2 — signing in with a passkey: who shows it is in, whatever else is forged is not."""

import pytest

from tests.authenticator import Authenticator
from tests.person import Person
from tests.specs.webauthn_passkeys import owner

pytestmark = pytest.mark.spec("WebAuthn §7.2")


def test_adding_and_signing_in(someone: Person) -> None:
    device = Authenticator()
    owner.add(someone, device, name="My phone")
    assert owner.names(someone) == ["My phone"]
    there = someone.elsewhere()
    owner.sign_in(there, device)
    assert owner.is_signed_in(there)
