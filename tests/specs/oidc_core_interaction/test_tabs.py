"""OIDC Core §3.1.2.3 — many tabs, the back button, expired pages, other browsers and accounts."""

import time
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
import time_machine

from authserver import registrar
from tests.browser import Form, Page
from tests.doors import Response
from tests.parties import AddApi
from tests.person import Person
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("OIDC Core §3.1.2.3")


def form_of(page: Response, name: str) -> Form:
    form = Page(page).form_with(name)
    assert form, f"{page.status_code} {Page(page).heading}"
    return form


def interaction_url(person: Person) -> str:
    """Return the last address that carries an interaction, as the address bar shows it."""
    for response in reversed(person.browser.visited):
        following = parse_qs(urlsplit(response.url).query).get("next", [""])[0]
        for address in (response.url, urljoin(person.browser.site, following)):
            if "interaction=" in urlsplit(address).query and "next=" not in address:
                return address
    raise AssertionError("no interaction was begun")


def test_two_tabs_begun_before_signing_in_both_arrive(
    rp: RelyingParty, other_rp: RelyingParty, someone: Person
) -> None:
    first, second = rp.asking(), other_rp.asking()
    one = someone.browser.open(rp.url(first))
    two = someone.browser.open(other_rp.url(second))
    assert rp.arrival(first, someone.answer(one)).outcome == "code"
    assert other_rp.arrival(second, someone.answer(two)).outcome == "code"


def test_many_tabs_of_one_application_keep_their_states(rp: RelyingParty, someone: Person) -> None:
    asked = [rp.asking() for _ in range(4)]
    pages = [someone.browser.open(rp.url(each)) for each in asked]
    for each, page in reversed(list(zip(asked, pages, strict=True))):
        arrival = rp.arrival(each, someone.answer(page))
        assert arrival.outcome == "code"
        assert rp.redeem(arrival).status_code == 200


def test_two_consent_pages_may_both_be_answered(rp: RelyingParty, someone: Person) -> None:
    first, second = rp.asking(), rp.asking()
    one = someone.sign_in(someone.browser.open(rp.url(first)))
    two = someone.browser.open(rp.url(second))
    assert rp.arrival(first, someone.decide(one, "allow")).outcome == "code"
    assert rp.arrival(second, someone.decide(two, "deny")).outcome == "access_denied"


def test_back_to_the_sign_in_page_goes_on(rp: RelyingParty, someone: Person) -> None:
    asked = rp.asking()
    page = someone.browser.open(rp.url(asked))
    someone.answer(page)
    again = someone.browser.open(page.url)
    assert rp.arrival(asked, again).outcome == "code"


def test_back_to_the_sign_in_form_and_submitted_again_goes_on(
    rp: RelyingParty, someone: Person
) -> None:
    asked = rp.asking()
    page = someone.browser.open(rp.url(asked))
    someone.answer(page)
    assert rp.arrival(asked, someone.answer(someone.sign_in(page))).outcome == "code"


def test_back_to_the_consent_page_and_pressed_again_goes_on(
    rp: RelyingParty, someone: Person
) -> None:
    asked = rp.asking()
    page = someone.sign_in(someone.browser.open(rp.url(asked)))
    first = rp.arrival(asked, someone.decide(page, "allow"))
    second = rp.arrival(asked, someone.decide(page, "allow"))
    assert first.code != second.code
    assert rp.redeem(first).status_code == 200
    assert rp.redeem(second).status_code == 200


def test_reloading_the_page_on_the_way_is_harmless(rp: RelyingParty, someone: Person) -> None:
    asked = rp.asking()
    page = someone.sign_in(someone.browser.open(rp.url(asked)))
    page = someone.browser.open(interaction_url(someone))
    page = someone.browser.open(interaction_url(someone))
    assert rp.arrival(asked, someone.decide(page, "allow")).outcome == "code"


def test_an_expired_interaction_is_explained(rp: RelyingParty, someone: Person) -> None:
    asked = rp.asking()
    someone.browser.open(rp.url(asked))
    with time_machine.travel(time.time() + 3601):
        page = someone.browser.open(interaction_url(someone))
        assert rp.arrival(asked, page).outcome == "shown"
        assert Page(page).heading == "This page has expired"


def test_an_expired_interaction_can_begin_anew(rp: RelyingParty, someone: Person) -> None:
    asked = rp.asking(resource=rp.issuer + "/api")
    someone.browser.open(rp.url(asked))
    with time_machine.travel(time.time() + 3601):
        page = someone.browser.open(interaction_url(someone))
        page = someone.browser.open(Page(page).links["Start again"])
        answer = someone.decide(someone.sign_in(page), "allow")
        assert rp.arrival(asked, answer).outcome == "code"


def test_an_expired_interaction_begins_anew_by_a_link(
    rp: RelyingParty, someone: Person, add_api: AddApi
) -> None:
    asked = rp.asking(resource=[add_api(), add_api()], response_mode="form_post")
    someone.browser.open(rp.url(asked))
    with time_machine.travel(time.time() + 3601):
        page = someone.browser.open(interaction_url(someone))
        arrival = rp.arrival(asked, someone.visit(Page(page).links["Start again"]))
        assert (arrival.outcome, arrival.mode) == ("code", "form_post")
        assert rp.redeem(arrival).status_code == 200


def test_an_expired_sign_in_page_still_signs_in(rp: RelyingParty, someone: Person) -> None:
    page = someone.browser.open(rp.url(rp.asking()))
    with time_machine.travel(time.time() + 3601):
        page = someone.browser.open(page.url)
        assert "request has expired" in page.text
        assert Page(someone.sign_in(page)).heading == "This page has expired"
        assert rp.ask(prompt="none").outcome == "consent_required"


def test_an_expired_consent_page_grants_nothing(rp: RelyingParty, someone: Person) -> None:
    asked = rp.asking()
    page = someone.sign_in(someone.browser.open(rp.url(asked)))
    with time_machine.travel(time.time() + 3601):
        answer = someone.decide(page, "allow")
        assert rp.arrival(asked, answer).outcome == "shown"
        assert rp.ask(prompt="none").outcome == "consent_required"


@pytest.mark.spec("RFC 9700 §4.7")
def test_an_interaction_is_not_resumed_in_another_browser(
    rp: RelyingParty, someone: Person, somebody_else: Person
) -> None:
    """Neither in one that has begun nothing, nor in one whose person is signed in and agreed."""
    asked = rp.asking()
    someone.browser.open(rp.url(asked))
    address = interaction_url(someone)
    fresh = somebody_else.browser.open(address)
    assert rp.arrival(asked, fresh).outcome == "shown"
    assert Page(fresh).heading == "This sign-in began in another browser"
    rp.authorize(somebody_else)
    assert rp.arrival(asked, somebody_else.browser.open(address)).outcome == "shown"


@pytest.mark.spec("RFC 9700 §4.7")
def test_a_consent_form_is_not_answered_in_another_browser(
    rp: RelyingParty, someone: Person, somebody_else: Person
) -> None:
    asked, theirs = rp.asking(), rp.asking()
    mine = form_of(someone.sign_in(someone.browser.open(rp.url(asked))), "allow")
    page = somebody_else.sign_in(somebody_else.browser.open(rp.url(theirs)))
    stolen = form_of(page, "allow")
    stolen.fields["interaction"] = mine.fields["interaction"]
    answer = somebody_else.browser.submit(stolen, "allow")
    assert rp.arrival(asked, answer).outcome == "shown"
    assert rp.ask(somebody_else, prompt="none").outcome == "consent_required"


@pytest.mark.parametrize("text", ["", "x", "as_ix_x", "as_ac_x", "ix_x", "\u00fc", "a" * 9000])
def test_a_made_up_interaction_is_explained(rp: RelyingParty, someone: Person, text: str) -> None:
    page = someone.browser.open(rp.url(rp.asking()))
    url = f"{rp.address('authorization')}?interaction={text}"
    page = someone.browser.open(url)
    assert rp.arrival(rp.asking(), page).outcome == "shown"
    assert page.status_code == 400


def test_what_is_added_to_an_interaction_has_no_effect(rp: RelyingParty, someone: Person) -> None:
    asked = rp.asking(scope="openid")
    someone.sign_in(someone.browser.open(rp.url(asked)))
    address = f"{interaction_url(someone)}&scope=openid+email&state=evil&prompt=none"
    page = someone.browser.open(f"{address}&redirect_uri=https%3A%2F%2Fevil.example%2F")
    assert "See your e-mail address" not in page.text
    arrival = rp.arrival(asked, someone.decide(page, "allow"))
    assert arrival.outcome == "code"
    assert rp.redeem(arrival).json()["scope"] == "openid"


def test_a_client_removed_on_the_way_gets_nothing(rp: RelyingParty, someone: Person) -> None:
    asked = rp.asking()
    page = someone.browser.open(rp.url(asked))
    registrar.remove(rp.client_id)
    page = someone.sign_in(page)
    assert rp.arrival(asked, page).outcome == "shown"


def test_switching_accounts_on_the_way_asks_the_new_one(
    rp: RelyingParty, someone: Person, somebody_else: Person
) -> None:
    """An old consent page never agrees for whoever is signed in by now."""
    asked = rp.asking()
    page = someone.sign_in(someone.browser.open(rp.url(asked)))
    someone.sign_out()
    somebody_else.browser = someone.browser
    other = rp.asking(scope="openid")
    rp.arrival(other, somebody_else.visit(rp.url(other), "deny"))
    page = someone.decide(page, "allow")
    assert Page(page).form_with("allow")
    assert somebody_else.email in page.text
    tokens = rp.redeem(rp.arrival(asked, somebody_else.decide(page, "allow"))).json()
    assert rp.claims(tokens["id_token"])["sub"] == somebody_else.subject


def test_signed_out_on_the_way_the_person_signs_in_again(rp: RelyingParty, someone: Person) -> None:
    asked = rp.asking()
    page = someone.sign_in(someone.browser.open(rp.url(asked)))
    someone.sign_out()
    page = someone.decide(page, "allow")
    assert Page(page).form_with("login")
    assert rp.arrival(asked, someone.answer(page)).outcome == "code"


def test_signing_up_on_the_way_goes_on(rp: RelyingParty, somebody_else: Person) -> None:
    newcomer = Person(browser=somebody_else.browser)
    asked = rp.asking()
    page = newcomer.sign_up(newcomer.browser.open(rp.url(asked)))
    arrival = rp.arrival(asked, newcomer.answer(page))
    shown = rp.userinfo(rp.redeem(arrival).json()["access_token"]).json()
    assert (shown["email"], shown["email_verified"]) == (newcomer.email, True)
    assert shown["name"] == newcomer.name
