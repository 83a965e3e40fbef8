"""RFC 6749 §6 — what a client may no longer ask for, its refresh tokens no longer give."""

import pytest

from authserver import registrar
from tests.parties import Enrol

pytestmark = pytest.mark.spec("RFC 6749 §6")


def test_a_scope_taken_from_the_client_is_taken_from_its_refreshes(enrol: Enrol) -> None:
    rp = enrol()
    tokens = rp.tokens(scope="openid profile offline_access")
    shown = {
        "client_id": rp.client_id,
        "redirect_uris": [rp.redirect_uri],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid offline_access",
    }
    assert registrar.update(rp.client_id, shown)
    fresh = rp.refresh(tokens["refresh_token"]).json()
    assert fresh["scope"].split() == ["openid", "offline_access"]
