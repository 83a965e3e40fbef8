"""OIDC RP-Initiated Logout §2 — a code on its way ends with the session it came from."""

import pytest

from tests.person import Person
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("OIDC RP-Initiated Logout §2")


def test_a_code_for_offline_access_does_not_outlive_its_session(
    rp: RelyingParty, someone: Person
) -> None:
    arrival = rp.authorize(someone, scope="openid offline_access")
    someone.sign_out()
    assert rp.redeem(arrival).json()["error"] == "invalid_grant"
