"""OIDC Core §3.1.2.1 — `ui_locales`, `display`: how the pages of an interaction speak and look."""

import html
import re
from html.parser import HTMLParser

import pytest

from tests import letters, messages
from tests import person as people
from tests.browser import Page
from tests.doors import Response
from tests.person import Person
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("OIDC Core §3.1.2.1")
ACCOUNT = (
    *("", "applications/", "email/", "password/change/", "switch/", "create/", "logout/"),
    *("security/", "authenticator/", "recovery-codes/", "browsers/", "passkeys/", "passkeys/add/"),
    *("profile/", "sessions/", "history/", "export/", "delete/", "connections/", "language/"),
)
ENGLISH = re.compile(r"[A-Za-z]{2,}(?: [A-Za-z]{2,})+")
NAMES = {"Ada Example", "OAuth", "OpenID Connect"}


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
        ("ja", "ja"),
        ("es-419 fr", "es"),
        ("ar-EG", "ar"),
        ("zh ko", "en"),
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
    assert len(pages) == 5, "sign in, choose an account, a code, forgotten, sign up"
    wrong = someone.browser.submit(Page(login).forms[0], login=someone.email, password="wrong")
    consent = someone.sign_in(login)
    pages += [wrong, consent]
    assert [(language(page), display(page)) for page in pages] == [("de", "popup")] * 7
    someone.decide(consent, "allow")
    choose = someone.browser.open(rp.url(rp.asking(ui_locales="fr", prompt="select_account")))
    assert language(choose) == "fr"


@pytest.mark.parametrize("tag", messages.LANGUAGES)
def test_no_page_is_half_in_another_language(rp: RelyingParty, someone: Person, tag: str) -> None:
    """Whatever English text has a translation does not stand on a page of that language."""
    english = [text for name in messages.PACKAGES for text in untranslated(name, tag)]
    login = someone.browser.open(rp.url(rp.asking(ui_locales=tag)))
    pages = [someone.browser.open(link) for link in Page(login).links.values() if "next=" in link]
    pages += [login, someone.sign_in(login)]
    for path in ("", "nowhere", *(f"account/{each}" for each in ACCOUNT)):
        pages.append(someone.browser.send("GET", f"{rp.issuer}/{path}?ui_locales={tag}"))
    for page in pages:
        assert language(page) == tag, page.url
        found = [text for text in english if f">{text}<" in page.text]
        assert found == [], page.url
        if tag == "ar":  # what no catalogue knows shows where nothing else is in Latin letters
            words = {each for each in ENGLISH.findall(Words(page).text) if each not in NAMES}
            assert words == set(), page.url


class Words(HTMLParser):
    """What is to be read on a page, without what is to be typed or picked."""

    def __init__(self, page: Response) -> None:
        super().__init__()
        self.text = self._tag = ""
        self.feed(page.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tag = tag

    def handle_data(self, data: str) -> None:
        self.text += f"{data}\n" if self._tag not in {"code", "option"} else ""


def untranslated(package: str, tag: str) -> list[str]:
    known = messages.translated(package, tag)
    return [html.escape(text) for text, told in known.items() if told != text]


def test_mail_is_in_the_language_of_its_page(rp: RelyingParty) -> None:
    somebody = Person(browser=people.browser(rp.door))
    page = somebody.browser.open(rp.url(rp.asking(ui_locales="de", prompt="create")))
    form = Page(page).form_with("password1")
    assert form
    fields = {"name": "x", "email": somebody.email, "password1": somebody.password}
    page = somebody.browser.submit(form, **fields)
    assert language(page) == "de"
    [sent] = [one for one in letters.delivered() if somebody.email in one.to]
    assert sent.subject.startswith("Ihr Code ist ")
    assert "Haben Sie um nichts gebeten" in sent.body


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
        ("ko, *", "en"),
        ("de;q=x, fr", "fr"),
        ("," * 5000, "en"),
    ]:
        page = door.get(place, headers={"Accept-Language": header})
        assert language(page) == spoken, header[:40]
        assert "Accept-Language" in (page.headers["Vary"] or "")


@pytest.mark.spec("OIDC RP-Initiated Logout §2")
def test_signing_out_by_an_application_speaks_it_to_the_end(
    rp: RelyingParty, someone: Person
) -> None:
    rp.authorize()
    page = rp.end_session(client_id=rp.client_id, ui_locales="fr de")
    assert language(page) == "fr"
    assert language(someone.decide(page, "sign_out")) == "fr"


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
