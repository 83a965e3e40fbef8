"""BCP 47 — a person chooses the language of pages and mails, and who else has a say in it."""

import re

import pytest
from django.utils import translation

from accounts import languages, people
from config import environment
from tests import person as anybody
from tests.browser import Page
from tests.doors import Door, Response
from tests.person import Person
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("BCP 47")


def spoken(page: Response) -> tuple[str, str]:
    """Return the language and the direction of a page."""
    found = re.search(r'<html lang="([^"]*)" dir="([^"]*)"', page.text)
    assert found, page.text[:300]
    return found[1], found[2]


def choose(somebody: Person, tag: str, came_from: str = "") -> Response:
    place = f"{environment.current().issuer}/account/language/"
    page = somebody.browser.open(f"{place}?next={came_from}" if came_from else place)
    form = Page(page).form_with(tag)
    assert form
    return somebody.browser.submit(form, tag)


def stranger(door: Door) -> Person:
    return Person(browser=anybody.browser(door))


@pytest.mark.parametrize("tag", languages.COMPLETE)
def test_every_language_can_be_chosen_by_anybody(rp: RelyingParty, tag: str) -> None:
    somebody = stranger(rp.door)
    page = choose(somebody, tag, "/account/login/")
    assert page.url.endswith("/account/login/")
    assert spoken(page) == (tag, "rtl" if tag == "ar" else "ltr")
    assert spoken(somebody.browser.open(f"{environment.current().issuer}/nowhere"))[0] == tag


def test_every_page_leads_there_and_back(rp: RelyingParty) -> None:
    somebody = stranger(rp.door)
    page = somebody.browser.open(
        f"{environment.current().issuer}/account/signup/?next=/account/email/"
    )
    link = Page(page).links["Language: English"]
    referer = {"Referer": page.url}
    sent_on = rp.door.get(link, headers=referer)
    assert sent_on.location.removeprefix(rp.issuer) == (
        "/account/language/?next=%2Faccount%2Fsignup%2F%3Fnext%3D%2Faccount%2Femail%2F"
    )
    there = somebody.browser.open(sent_on.location)
    back = somebody.browser.submit(Page(there).forms[0], "de")
    assert back.url == page.url
    assert spoken(back)[0] == "de"


@pytest.mark.parametrize(
    "referer", ["https://evil.example/account/", "//evil.example", "javascript:alert(1)", "\\\\x"]
)
def test_it_leads_nowhere_else(rp: RelyingParty, referer: str) -> None:
    place = f"{environment.current().issuer}/account/language/"
    assert rp.door.get(place, headers={"Referer": referer}).status_code == 200
    page = choose(stranger(rp.door), "fr", referer)
    assert page.url == f"{environment.current().issuer}/"


def test_what_is_no_language_is_not_taken(rp: RelyingParty) -> None:
    somebody = stranger(rp.door)
    page = somebody.browser.open(f"{environment.current().issuer}/account/language/")
    for wrong in ("xx", "de-AT", "", "../de", "<script>"):
        form = {**Page(page).forms[0].fields, "language": wrong}
        again = somebody.browser.send("POST", page.url, form)
        assert (again.status_code, spoken(again)[0]) == (200, "en")
    headers = {"Cookie": 'as_language="xx"; django_language=de'}
    assert (
        spoken(rp.door.get(f"{environment.current().issuer}/nowhere", headers=headers))[0] == "en"
    )


def test_reading_the_page_changes_nothing(someone: Person) -> None:
    someone.visit(f"{environment.current().issuer}/account/")
    someone.browser.open(f"{environment.current().issuer}/account/language/?language=de")
    assert spoken(someone.browser.open(f"{environment.current().issuer}/account/"))[0] == "en"
    person = people.find(someone.subject)
    assert person
    assert person.locale == ""


def test_a_form_of_another_site_chooses_nothing(someone: Person) -> None:
    someone.visit(f"{environment.current().issuer}/account/")
    place = f"{environment.current().issuer}/account/language/"
    answer = someone.browser.send("POST", place, {"language": "de"}, "https://evil.example")
    assert answer.status_code in {303, 403}
    assert spoken(someone.browser.open(f"{environment.current().issuer}/account/"))[0] == "en"


def test_the_account_remembers_it_and_so_every_browser(rp: RelyingParty, someone: Person) -> None:
    someone.visit(f"{rp.issuer}/account/")
    choose(someone, "ja")
    person = people.find(someone.subject)
    assert person
    assert person.locale == "ja"
    assert people.claims(someone.subject, ["profile"]) == {
        "name": someone.name,
        "locale": "ja",
        "updated_at": int(person.updated_at.timestamp()),
    }
    elsewhere = someone.elsewhere()
    assert spoken(elsewhere.browser.open(f"{rp.issuer}/account/login/"))[0] == "en"
    assert spoken(elsewhere.visit(f"{rp.issuer}/account/"))[0] == "ja"


def test_who_has_the_first_word(rp: RelyingParty, someone: Person) -> None:
    """The page of ours, then the application, then the account, then the browser."""
    login = someone.browser.open(rp.url(rp.asking(ui_locales="de")))
    assert spoken(login)[0] == "de", "the application's hint"
    again = choose(someone, "fr", login.url.removeprefix(rp.issuer).replace("&", "%26"))
    assert spoken(again)[0] == "fr", "said by the person themselves, after it"
    give_locale(someone, "es-MX")
    consent = someone.sign_in(again)
    assert spoken(consent)[0] == "de", "their account says otherwise: who chose here was not they"
    someone.decide(consent, "allow")
    assert spoken(someone.browser.open(f"{rp.issuer}/account/"))[0] == "es"


def give_locale(someone: Person, tag: str) -> None:
    person = people.find(someone.subject)
    assert person
    person.locale = tag
    people.save(person, ["locale"])


@pytest.mark.parametrize("tag", ["tlh", "x-private", "<script>", "a" * 35])
def test_an_account_of_another_tongue_is_no_trouble(
    rp: RelyingParty, someone: Person, tag: str
) -> None:
    give_locale(someone, tag)
    assert spoken(someone.visit(f"{rp.issuer}/account/"))[0] == "en"


def test_arabic_counts_in_six_ways() -> None:
    with translation.override("ar"):
        told = {
            translation.ngettext(
                "It must have at least %(count)d character.",
                "It must have at least %(count)d characters.",
                count,
            )
            for count in (0, 1, 2, 3, 11, 100)
        }
    assert len(told) == 6
