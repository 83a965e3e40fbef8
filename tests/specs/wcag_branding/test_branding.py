"""WCAG 2.2 §1.4.11 — a brand on the pages: structured data, its colour from a sheet of our own."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from accounts import brand
from config import colours, pictures, policy
from config.branding import Branding, Words
from tests.doors import Door, Response
from tests.parties import Enrol
from tests.registrations import Newcomer
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("WCAG 2.2 §1.4.11")

SHEET = re.compile(r'<link rel="stylesheet" href="([^"]*/brand\.css\?accent=(\w{6})[^"]*)">')
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
SHOP = {
    "accent": "#7A1FA2",
    "tagline": "Books <by> mail",
    "support_url": "https://shop.example/help",
    "locales": {"de": {"tagline": "Bücher per Post"}},
}


@pytest.fixture
def acme(tmp_path: Path) -> Iterator[Branding]:
    logo = tmp_path / "logo.png"
    logo.write_bytes(PNG)
    branding = Branding(
        name="Acme",
        accent="#ffe100",
        logo=str(logo),
        tagline="All of Acme",
        imprint_url="https://acme.example/imprint",
        locales=(("de", Words(name="Acme-Konto")),),
    )
    with policy.replaced(branding=branding):
        yield branding


def accent_of(page: Response) -> str:
    found = SHEET.search(page.text)
    return f"#{found[2]}" if found else ""


def sheet_of(page: Response) -> str:
    found = SHEET.search(page.text)
    assert found
    return found[1].replace("&amp;", "&")


def login(rp: RelyingParty) -> Response:
    assert rp.person
    return rp.person.browser.follow(rp.ask().response)


def test_without_a_brand_there_is_no_further_sheet(rp: RelyingParty) -> None:
    page = login(rp)
    assert accent_of(page) == ""
    assert "authserver</a>" in page.text


def test_every_page_is_the_deployments(acme: Branding, rp: RelyingParty) -> None:
    page = login(rp)
    assert accent_of(page) == acme.accent
    assert " Acme</title>" in page.text
    assert 'href="https://acme.example/imprint"' in page.text
    assert acme.tagline in page.text
    logo = re.search(r'<img src="([^"]*client-logo[^"]*)"', page.text)
    assert logo
    answer = rp.door.get(rp.issuer + logo[1])
    assert (answer.status_code, answer.body) == (200, PNG)
    assert answer.headers["Content-Type"] == "image/png"


def test_a_person_reads_it_in_their_language(acme: Branding, way_in: Door) -> None:
    assert acme.locales
    page = way_in.get("/account/login/", headers={"Accept-Language": "de-AT, en;q=0.5"})
    assert " Acme-Konto</title>" in page.text
    assert brand.words(["de"]).tagline == "All of Acme", "what is not said is said in general"
    assert brand.words(["fr"]).name == "Acme"


def test_an_application_lends_its_colour(acme: Branding, enrol: Enrol) -> None:
    rp = enrol(branding=SHOP)
    page = login(rp)
    assert accent_of(page) == "#7a1fa2"
    assert " Acme</title>" in page.text, "whose password it is stays the deployment's"
    assert "Books &lt;by&gt; mail" in page.text
    assert 'href="https://shop.example/help"' in page.text
    refused = rp.ask(redirect_uri="https://nowhere.example/").response
    assert accent_of(refused) == "#7a1fa2"
    assert rp.person
    question = rp.person.sign_in(page)
    assert accent_of(question) == "#7a1fa2"
    assert accent_of(enrol(client_id=f"{rp.client_id}-2").ask(client_id="nobody").response) == (
        acme.accent
    )


def test_its_words_are_in_the_pages_language(enrol: Enrol) -> None:
    page = login_in(enrol(branding=SHOP), "de")
    assert "Bücher per Post" in page.text


def login_in(rp: RelyingParty, language: str) -> Response:
    assert rp.person
    return rp.person.browser.follow(rp.ask(ui_locales=language).response)


def test_the_sheet_is_colours_and_kept_for_good(acme: Branding, rp: RelyingParty) -> None:
    address = sheet_of(login(rp))
    answer = rp.door.get(rp.issuer + address)
    assert answer.status_code == 200
    assert answer.text == colours.stylesheet(acme.accent)
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in str(answer.headers["Cache-Control"])
    other = rp.door.get(rp.issuer + address.replace("digest=", "digest=0"))
    assert other.headers["Cache-Control"] == "no-store", "another one by that name is not kept"


@pytest.mark.parametrize("accent", ["", "fff", "FFFFFF", "12345g", "red;}*{", "%00%00%00"])
def test_nothing_else_gets_into_a_sheet(way_in: Door, accent: str) -> None:
    answer = way_in.get(f"/brand.css?accent={accent}")
    assert answer.status_code == 400
    assert "css" not in str(answer.headers["Content-Type"])


WRONG = {
    "no object": "red",
    "css": {"css": "*{}"},
    "a colour by name": {"accent": "red"},
    "more than a colour": {"accent": "#ffffff;}*{"},
    "no text": {"tagline": 3},
    "a text that turns round": {"tagline": "a\u202eb"},
    "plain http": {"support_url": "http://shop.example/"},
    "a script": {"support_url": "javascript:alert(1)"},
    "no language": {"locales": {"d0": {}}},
    "a colour by language": {"locales": {"de": {"accent": "#ffffff"}}},
    "no tables": {"locales": ["de"]},
}


@pytest.mark.parametrize("branding", WRONG.values(), ids=WRONG)
def test_free_css_is_nothing_a_client_can_have(enrol: Enrol, branding: object) -> None:
    with pytest.raises(Exception, match="branding"):
        enrol(branding=branding)


def test_a_client_that_registers_itself_brands_nothing(newcomer: Newcomer) -> None:
    told = newcomer.register(branding=SHOP)
    assert "branding" not in told


def test_a_picture_is_read_once(tmp_path: Path) -> None:
    logo = tmp_path / "logo.png"
    logo.write_bytes(PNG)
    first = pictures.read(logo)
    logo.write_bytes(b"")
    assert pictures.read(logo) is first
