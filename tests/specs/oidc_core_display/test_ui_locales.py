"""OIDC Core §3.1.2.1 — `ui_locales`, `display`: how the pages of an interaction speak and look."""

import re

import pytest

from tests.browser import Page
from tests.doors import Response
from tests.person import Person
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("OIDC Core §3.1.2.1")


def language(page: Response) -> str:
    """Return what the page says of itself; header and element agree."""
    found = re.search(r'<html lang="([^"]*)"', page.text)
    assert found, page.text
    assert page.headers["Content-Language"] == found[1]
    return found[1]


def display(page: Response) -> str:
    found = re.search(r'<html [^>]*data-display="([^"]*)"', page.text)
    return found[1] if found else ""


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ("de", "de"),
        ("fr-CA en", "fr"),
        ("DE-at", "de"),
        ("xx de fr", "de"),
        ("xx-de", "en"),
        ("zh-Hant-x-private de", "de"),
        ("ja", "en"),
        ("*", "en"),
        ("de;q=1", "en"),
        ("<script>", "en"),
        ("x" * 2000, "en"),
    ],
)
def test_the_best_of_those_asked_for(
    rp: RelyingParty, someone: Person, asked: str, spoken: str
) -> None:
    assert language(someone.browser.open(rp.url(rp.asking(ui_locales=asked)))) == spoken


def test_it_holds_for_every_page_of_the_interaction(rp: RelyingParty, someone: Person) -> None:
    asked = rp.asking(ui_locales="de", display="popup")
    login = someone.browser.open(rp.url(asked))
    links = Page(login).links.values()
    pages = [login, *(someone.browser.open(link) for link in links if "next=" in link)]
    assert len(pages) == 4, "sign in, choose an account, forgotten, sign up"
    wrong = someone.browser.submit(Page(login).forms[0], login=someone.email, password="wrong")
    consent = someone.sign_in(login)
    pages += [wrong, consent]
    assert [(language(page), display(page)) for page in pages] == [("de", "popup")] * 6
    someone.decide(consent, "allow")
    choose = someone.browser.open(rp.url(rp.asking(ui_locales="fr", prompt="select_account")))
    assert language(choose) == "fr"


def test_it_ends_with_the_interaction(rp: RelyingParty, someone: Person) -> None:
    rp.authorize(ui_locales="de")
    assert language(someone.browser.open(f"{rp.issuer}/account/")) == "en"
    assert language(someone.browser.open(rp.url(rp.asking(prompt="consent")))) == "en"


def test_two_tabs_speak_each_their_own(rp: RelyingParty, someone: Person) -> None:
    german = someone.browser.open(rp.url(rp.asking(ui_locales="de")))
    french = someone.browser.open(rp.url(rp.asking(ui_locales="fr")))
    again = someone.browser.open(german.url)
    assert [language(page) for page in (german, french, again)] == ["de", "fr", "de"]


def test_without_it_the_browsers_preference_counts(rp: RelyingParty) -> None:
    door, place = rp.door, f"{rp.issuer}/account/login/"
    for header, spoken in [
        ("de", "de"),
        ("nl, fr;q=0.5, de;q=0.7", "de"),
        ("de;q=0, fr;q=0.1", "fr"),
        ("ja, *", "en"),
        ("de;q=x, fr", "fr"),
        ("," * 5000, "en"),
    ]:
        page = door.get(place, headers={"Accept-Language": header})
        assert language(page) == spoken, header[:40]
        assert "Accept-Language" in (page.headers["Vary"] or "")


def test_no_cookie_chooses_a_language(rp: RelyingParty) -> None:
    page = rp.door.get(
        f"{rp.issuer}/account/login/", headers={"Cookie": "django_language=de; as_language=de"}
    )
    assert language(page) == "en"


@pytest.mark.parametrize(
    ("asked", "layout"), [("page", ""), ("popup", "popup"), ("touch", "touch"), ("wap", "")]
)
def test_the_layout_that_was_asked_for(
    rp: RelyingParty, someone: Person, asked: str, layout: str
) -> None:
    assert display(someone.browser.open(rp.url(rp.asking(display=asked)))) == layout


def test_the_login_hint_is_filled_in(rp: RelyingParty, someone: Person) -> None:
    page = someone.browser.open(rp.url(rp.asking(login_hint=someone.email)))
    form = Page(page).form_with("login")
    assert form
    assert form.fields["login"] == someone.email


@pytest.mark.parametrize("hint", ['"><svg onload=alert(1)>', "{{7*7}}", "a\u202eb"])
def test_a_hostile_hint_is_only_text(rp: RelyingParty, someone: Person, hint: str) -> None:
    page = someone.browser.open(rp.url(rp.asking(login_hint=hint)))
    assert "<svg" not in page.text
    assert 'value="49"' not in page.text
    assert Page(page).inline == []
