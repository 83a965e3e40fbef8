"""OIDC Core §3.1.2.4 — what a person allowed stays in their sight, in plain words, to take back."""

import pytest

from accounts import history
from tests.browser import Page
from tests.parties import Enrol
from tests.person import Person
from tests.rp import RelyingParty
from tests.specs.account_sessions import pages

pytestmark = pytest.mark.spec("OIDC Core §3.1.2.4")


def disconnect(person: Person, client_id: str) -> None:
    form = pages.form_of(pages.open_page(person, "applications"), "client_id")
    form.fields["client_id"] = client_id
    person.browser.submit(form)


def test_it_says_what_was_allowed_as_it_was_asked(someone: Person, enrol: Enrol) -> None:
    client = enrol(client_name="Plain Words")
    client.tokens(scope="openid email offline_access")
    text = pages.open_page(someone, "applications").text
    for words in ("Know who you are", "See your e-mail address", "Stay connected while you are"):
        assert words in text
    assert "See your postal address" not in text
    assert "Allowed on" in text
    assert "last used on" in text


def test_taking_it_back_ends_its_access_and_nobody_elses(
    someone: Person, somebody_else: Person, rp: RelyingParty, other_rp: RelyingParty
) -> None:
    mine = rp.tokens(scope="openid offline_access")
    other = other_rp.tokens(scope="openid offline_access")
    theirs = rp.tokens(somebody_else, scope="openid offline_access")
    disconnect(someone, rp.client_id)
    assert rp.refresh(mine["refresh_token"]).json()["error"] == "invalid_grant"
    assert rp.userinfo(mine["access_token"]).status_code == 401
    assert other_rp.refresh(other["refresh_token"]).status_code == 200
    assert rp.refresh(theirs["refresh_token"]).status_code == 200
    assert history.of(someone.subject)[0].name == "application_disconnected"
    assert len(Page(pages.open_page(someone, "applications")).forms) == 1


def test_what_is_not_connected_cannot_be_disconnected(
    someone: Person, somebody_else: Person, rp: RelyingParty, other_rp: RelyingParty
) -> None:
    rp.tokens()
    theirs = other_rp.tokens(somebody_else, scope="openid offline_access")
    for name in (other_rp.client_id, "", "no-such-client", "x" * 5000):
        disconnect(someone, name)
    assert other_rp.refresh(theirs["refresh_token"]).status_code == 200
    assert "application_disconnected" not in [one.name for one in history.of(someone.subject)]
