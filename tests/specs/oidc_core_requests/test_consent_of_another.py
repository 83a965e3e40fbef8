"""OIDC Core §3.1.2.3 — a consent form posted by another person than the one who was meant."""

import pytest

from tests.browser import Page
from tests.person import Person
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("OIDC Core §3.1.2.3")


def test_it_does_not_end_in_a_server_error(
    rp: RelyingParty, someone: Person, somebody_else: Person
) -> None:
    hint = rp.tokens(somebody_else, scope="openid")["id_token"]
    asked = rp.asking(id_token_hint=hint, scope="openid email")
    browser = somebody_else.browser
    old = Page(browser.open(rp.url(asked))).form_with("allow")
    assert old
    somebody_else.sign_out()
    someone.browser = browser
    rp.tokens(scope="openid")
    fresh = Page(browser.open(rp.url(rp.asking(prompt="consent")))).form_with("allow")
    assert fresh
    token = fresh.fields["csrfmiddlewaretoken"]
    page = browser.submit(old, "allow", csrfmiddlewaretoken=token)
    assert rp.arrival(asked, page).outcome == "login_required"
