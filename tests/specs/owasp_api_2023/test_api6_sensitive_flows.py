"""OWASP API6:2023 — nobody has this server write mail at will, or try passwords at will."""

from dataclasses import replace

import pytest

from config import policy, rates
from tests import api, letters, person
from tests.api import Program

pytestmark = pytest.mark.spec("OWASP API6")


def test_one_address_gets_few_codes(own: Program) -> None:
    victim = person.address()
    limits = replace(policy.current().throttle, password_reset=rates.parse("3/h"))
    with policy.replaced(throttle=limits):
        statuses = [own.patch("/me", {"email": victim}).status_code for _ in range(6)]
    assert statuses == [400, 400, 400, 429, 429, 429]
    assert sum(victim in one.to for one in letters.delivered()) == 3


def test_passwords_are_not_tried(own: Program) -> None:
    assert own.person is not None
    limits = replace(policy.current().throttle, reauthentication=rates.parse("3/10m"))
    guess = {"password": "Another-Horse8battery", "currentPassword": "Guess-Horse7battery"}
    with policy.replaced(throttle=limits):
        statuses = [own.patch("/me", guess).status_code for _ in range(5)]
    assert statuses == [400, 400, 400, 429, 429]


def test_who_is_made_by_a_service_still_has_to_prove_their_address(service: Program) -> None:
    made = service.post(api.new_user()).json()
    assert made["emailVerified"] is False
