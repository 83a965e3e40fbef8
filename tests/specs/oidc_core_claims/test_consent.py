"""OIDC Core §3.1.2.4 — nobody is told about without having been asked: single claims included."""

import pytest

from tests.browser import Page
from tests.doors import Door, Response
from tests.parties import Enrol
from tests.person import Person
from tests.rp import RelyingParty
from tests.specs.oidc_core_claims.asking import SCOPES, claims, described

pytestmark = pytest.mark.spec("OIDC Core §3.1.2.4")

LINE = "Know some details about you"


@pytest.fixture
def ada(way_in: Door) -> Person:
    """Return a person of whom everything is known."""
    return described(way_in)


def _page(rp: RelyingParty, person: Person, **changes: str) -> Response:
    """Return the consent page, of a person who may have to sign in first."""
    page = person.browser.open(rp.url(rp.asking(**changes)))
    page = person.sign_in(page) if Page(page).form_with("login") else page
    assert Page(page).form_with("allow"), page.text
    return page


def test_the_page_says_what_is_asked_for_in_plain_words(rp: RelyingParty, ada: Person) -> None:
    asked = claims(userinfo=["nickname", "email"], id_token={"birthdate": {"essential": True}})
    text = _page(rp, ada, scope="openid", claims=asked).text
    assert LINE in text
    for words in ("your nickname", "your e-mail address", "your date of birth"):
        assert words in text
    assert "your gender" not in text


def test_what_a_scope_brings_along_is_not_said_twice(rp: RelyingParty, ada: Person) -> None:
    asked = claims(userinfo=["nickname", "email"])
    text = _page(rp, ada, scope="openid profile", claims=asked).text
    assert "your e-mail address" in text
    assert "your nickname" not in text
    text = _page(rp, ada, scope="openid profile email", claims=asked).text
    assert LINE not in text


def test_what_is_not_told_is_not_asked(enrol: Enrol, ada: Person) -> None:
    rp = enrol(scope="openid profile")
    asked = claims(userinfo=["email", "groups", "nickname#de"], id_token=["phone_number", "sub"])
    assert LINE not in _page(rp, ada, scope="openid", claims=asked).text


@pytest.mark.parametrize("member", ["userinfo", "id_token"])
def test_a_claim_more_is_asked_for_anew(rp: RelyingParty, ada: Person, member: str) -> None:
    one = {"scope": "openid", "claims": claims(**{member: ["nickname"]})}
    two = {"scope": "openid", "claims": claims(**{member: ["nickname", "gender"]})}
    assert rp.authorize(ada, scope="openid").code
    assert rp.ask(ada, **one, prompt="none").outcome == "consent_required"
    assert rp.authorize(ada, **one).code
    assert rp.ask(ada, **one, prompt="none").outcome == "code"
    assert rp.ask(ada, scope="openid", prompt="none").outcome == "code"
    assert rp.ask(ada, **two, prompt="none").outcome == "consent_required"
    assert rp.authorize(ada, **two, decision="deny").outcome == "access_denied"
    assert rp.ask(ada, **two, prompt="none").outcome == "consent_required"
    assert rp.ask(ada, **one, prompt="none").outcome == "code"


def test_agreeing_to_a_scope_agrees_to_its_claims(rp: RelyingParty, ada: Person) -> None:
    assert rp.authorize(ada, scope="openid email").code
    for scope in ("openid email", "openid"):
        beside = {"scope": scope, "claims": claims(id_token=["email"])}
        assert rp.ask(ada, **beside, prompt="none").outcome == "code"
    other = {"scope": "openid", "claims": claims(id_token=["email", "nickname"])}
    assert rp.ask(ada, **other, prompt="none").outcome == "consent_required"


def test_agreeing_to_a_claim_agrees_to_no_scope(rp: RelyingParty, ada: Person) -> None:
    every = [name for names in SCOPES.values() for name in names]
    assert rp.authorize(ada, scope="openid", claims=claims(userinfo=every)).code
    assert rp.ask(ada, scope="openid email", prompt="none").outcome == "consent_required"


def test_where_a_claim_is_told_makes_no_difference(rp: RelyingParty, ada: Person) -> None:
    assert rp.authorize(ada, scope="openid", claims=claims(userinfo=["gender"])).code
    there = {"scope": "openid", "claims": claims(id_token={"gender": {"essential": True}})}
    assert rp.ask(ada, **there, prompt="none").outcome == "code"


def test_the_list_of_applications_says_it_and_withdrawing_ends_it(
    rp: RelyingParty, ada: Person
) -> None:
    asked = {"scope": "openid", "claims": claims(userinfo=["nickname"], id_token=["birthdate"])}
    tokens = rp.tokens(ada, **asked)
    page = ada.browser.open(f"{rp.issuer}/account/applications/")
    assert "your nickname" in page.text
    assert "your date of birth" in page.text
    assert "claim=" not in page.text
    form = Page(page).form_with("client_id")
    assert form
    ada.browser.submit(form)
    assert rp.userinfo(tokens["access_token"]).status_code == 401
    assert rp.refresh(tokens["refresh_token"]).status_code == 400
    assert rp.ask(ada, **asked, prompt="none").outcome == "consent_required"


def test_a_client_that_registered_itself_is_asked_about(enrol: Enrol, ada: Person) -> None:
    rp = enrol(is_own=True)
    page = _page(rp, ada, scope="openid", claims=claims(userinfo=["nickname"]))
    assert "your nickname" in page.text
    assert "registered itself" in page.text


@pytest.mark.spec("RFC 9700 §4.16")
def test_markup_in_the_parameter_never_reaches_a_page(rp: RelyingParty, ada: Person) -> None:
    asked = claims(userinfo={"<script>x</script>": None, "nickname": {"value": "<b>bold</b>"}})
    page = _page(rp, ada, scope="openid", claims=asked)
    assert "<script>x" not in page.text
    assert "<b>bold" not in page.text


@pytest.mark.spec("RFC 9700 §2.3")
def test_an_earlier_consent_enlarges_no_later_token(rp: RelyingParty, ada: Person) -> None:
    rp.tokens(ada, scope="openid")
    rp.tokens(ada, scope="openid email phone offline_access", claims=claims(userinfo=["gender"]))
    tokens = rp.tokens(ada, scope="openid")
    assert tokens["scope"] == "openid"
    assert rp.introspect(tokens["access_token"]).json()["scope"] == "openid"
    assert set(rp.userinfo(tokens["access_token"]).json()) == {"sub"}
    again = rp.refresh(tokens["refresh_token"]).json()
    assert again["scope"] == "openid"
    assert set(rp.userinfo(again["access_token"]).json()) == {"sub"}
