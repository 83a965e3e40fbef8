"""The numbers of RFC 6238, and that each of them counts once."""

import base64
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.db import connections

from accounts import people, recovery_codes, totp
from accounts.models import AuthenticatorApp
from config import policy
from config.factors import Factors
from tests import person, second_factors

pytestmark = pytest.mark.spec("RFC 6238 §5.2")
VECTORS = {59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"}
THREADS = 20


def _someone() -> str:
    user = people.create(email=person.address(), password=person.PASSWORD)
    return str(user.pk)


@pytest.mark.spec("RFC 6238 appendix B")
@pytest.mark.parametrize(("moment", "code"), VECTORS.items())
def test_the_vectors(moment: int, code: str) -> None:
    secret = base64.b32encode(b"12345678901234567890").decode()
    with time_machine.travel(moment, tick=False):
        assert totp.code(secret, totp.now()) == code
        assert totp.matching(secret, code) == totp.now()


def test_one_step_off_is_right_and_two_are_wrong() -> None:
    secret = totp.new_secret()
    with time_machine.travel(1_900_000_000, tick=False):
        here = totp.now()
        found = [totp.matching(secret, totp.code(secret, here + off)) for off in range(-2, 3)]
        assert found == [None, here - 1, here, here + 1, None]
        with policy.replaced(factors=Factors(drift=0)):
            assert totp.matching(secret, totp.code(secret, here - 1)) is None


def test_a_step_counts_once_and_no_earlier_one_after_it() -> None:
    subject = _someone()
    app = second_factors.given_app(subject)
    here = totp.now()
    assert totp.verify(subject, totp.code(app.secret, here))
    assert not totp.verify(subject, totp.code(app.secret, here))
    assert not totp.verify(subject, totp.code(app.secret, here - 1))
    assert totp.verify(subject, totp.code(app.secret, here + 1))


def test_the_code_that_set_the_app_up_signs_nobody_in() -> None:
    subject, secret = _someone(), totp.new_secret()
    code = totp.code(secret, totp.now())
    assert totp.add(subject, secret, code)
    assert not totp.verify(subject, code)


def test_of_twenty_at_once_one_is_taken() -> None:
    subject = _someone()
    app = second_factors.given_app(subject)
    code = totp.code(app.secret, totp.now())

    def verify() -> bool:
        try:
            return totp.verify(subject, code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        assert [one.result() for one in [pool.submit(verify) for _ in range(THREADS)]].count(
            True
        ) == 1


def test_a_secret_rests_sealed_for_its_owner() -> None:
    ann, bob = _someone(), _someone()
    app = second_factors.given_app(ann)
    row = AuthenticatorApp.objects.get(user_id=ann)
    for form in (app.secret.encode(), base64.b32decode(app.secret)):
        assert form not in bytes(row.sealed)
    AuthenticatorApp.objects.create(
        user_id=bob, sealed=row.sealed, last_step=0, created_at=row.created_at
    )
    assert not totp.verify(bob, app.code())


@pytest.mark.spec("NIST SP 800-38D")
def test_a_new_root_key_takes_both_along() -> None:
    subject = _someone()
    second_factors.given_app(subject)
    recovery_codes.make(subject)
    assert totp.reseal() == 0
    assert recovery_codes.reseal() == 0


def test_the_address_names_server_person_and_everything_an_app_needs() -> None:
    address = totp.address("ABCD", "ada+x@example.com")
    assert address.startswith("otpauth://totp/authserver:ada%2Bx@example.com?")
    for part in ("secret=ABCD", "issuer=authserver", "digits=6", "period=30", "algorithm=SHA1"):
        assert part in address
    picture = totp.picture(address, "<title>")
    assert picture.startswith("<svg")
    assert "style=" not in picture
    assert "<title>&lt;title&gt;</title>" in picture
