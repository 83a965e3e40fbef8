"""OIDC Core §3.1.2.4 — login, sign-up and consent show who asks, and load nothing else."""

import hashlib
import re
import secrets
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from authserver import clients, models
from tests.browser import Page
from tests.doors import Response
from tests.parties import AddApi, Enrol
from tests.person import Person
from tests.rp import RelyingParty
from tokens import encoding

pytestmark = pytest.mark.spec("OIDC Core §3.1.2.4")
LINKS = {
    "client_uri": "https://www.notebook.example/about",
    "policy_uri": "https://notebook.example/privacy",
    "tos_uri": "https://notebook.example/terms",
}
PIXEL = b"\x89PNG\r\n\x1a\n" + b"x" * 40


def shown(rp: RelyingParty, person: Person, **changes: str) -> Iterator[tuple[str, Response]]:
    """Walk from the login page by the sign-up page to the consent page."""
    login = person.browser.open(rp.url(rp.asking(**changes)))
    yield "login", login
    links = Page(login).links.values()  # their texts are in the page's language
    yield "sign-up", person.browser.open(next(link for link in links if "/signup/" in link))
    yield "consent", person.sign_in(login)


def change(rp: RelyingParty, **columns: object) -> None:
    models.Client.objects.filter(pk=rp.client_id).update(**columns)
    clients.evict(rp.client_id)


def anchors(page: Response) -> dict[str, str]:
    return dict(re.findall(r'<a href="(https://[^"]*)"([^>]*)>', page.text))


def test_name_and_links_of_the_application(enrol: Enrol, someone: Person) -> None:
    rp = enrol(client_name="Notebook", **LINKS)
    for name, page in shown(rp, someone):
        assert "Notebook" in page.text, name
        assert "www.notebook.example" in page.text, name
        found = anchors(page)
        assert set(LINKS.values()) <= set(found), name
        for address in LINKS.values():
            assert found[address] == ' rel="noopener noreferrer"', name


@pytest.mark.parametrize("member", LINKS)
@pytest.mark.parametrize("uri", ["http://notebook.example/x", "javascript:alert(1)", "data:,x"])
def test_only_https_becomes_a_link(
    rp: RelyingParty, someone: Person, member: str, uri: str
) -> None:
    change(rp, **{member: uri})
    for name, page in shown(rp, someone):
        assert f'href="{uri}"' not in page.text, name


def test_the_logo_comes_from_our_origin(enrol: Enrol, someone: Person) -> None:
    rp = enrol(client_name="Notebook")
    change(rp, logo_uri="https://cdn.notebook.example/logo.png")
    models.Logo.objects.create(
        client_id=rp.client_id,
        digest=encoding.b64(hashlib.sha256(PIXEL + rp.client_id.encode()).digest()),
        content_type="image/png",
        body=PIXEL,
    )
    sources: list[str] = []
    for name, page in shown(rp, someone):
        sources = re.findall(r'<img class="tile[^"]*" src="([^"]*)"', page.text)
        assert len(sources) == 1, name
        assert all(urlsplit(load).netloc == urlsplit(rp.issuer).netloc for load in Page(page).loads)
        assert "cdn.notebook.example" not in page.text, name
    picture = rp.door.get(f"{rp.issuer}{sources[0].replace('&amp;', '&')}")
    assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/png")


def test_without_a_logo_there_is_a_letter(enrol: Enrol, someone: Person) -> None:
    rp = enrol(client_name="Notebook", logo_uri="https://cdn.notebook.example/logo.png")
    for name, page in shown(rp, someone):
        assert "cdn.notebook.example" not in page.text, name
        assert re.search(r'aria-hidden="true">N</span>', page.text), name


def test_one_that_registered_itself_is_not_verified(enrol: Enrol, someone: Person) -> None:
    rp = enrol(is_own=True, client_name="Your bank", client_uri="https://bank.example/")
    for name, page in shown(rp, someone, scope="openid"):
        assert "not verified" in page.text, name
        assert "<strong>app.example</strong>" in page.text, name


def test_one_of_the_operators_is_not_marked(rp: RelyingParty, someone: Person) -> None:
    for name, page in shown(rp, someone):
        assert "not verified" not in page.text, name


@pytest.mark.spec("OIDC Registration §2.1")
def test_names_and_links_in_the_persons_language(enrol: Enrol, someone: Person) -> None:
    rp = enrol(client_name="Notebook", **LINKS)
    change(
        rp,
        localized={
            "client_name": {"de": "Notizbuch", "nl": "Schrift"},
            "tos_uri": {"de": "https://notebook.example/agb"},
        },
    )
    for name, page in shown(rp, someone, ui_locales="de-AT fr"):
        assert "Notizbuch" in page.text, name
        assert "https://notebook.example/agb" in anchors(page), name
        assert LINKS["policy_uri"] in anchors(page), name
    somebody = someone.elsewhere()
    for name, page in shown(rp, somebody, ui_locales="nl"):
        assert "Schrift" in page.text, f"{name}: though the page itself speaks no Dutch"


def test_all_that_matters_stands_on_the_consent_page(
    enrol: Enrol, add_api: AddApi, someone: Person
) -> None:
    name, api = f"Notebook {secrets.token_hex(4)}", add_api()
    rp = enrol(client_name=name, scope=f"openid email offline_access {api}", resources=[api])
    asked = rp.asking(scope=f"openid email offline_access {api}", resource=api)
    page = someone.sign_in(someone.browser.open(rp.url(asked)))
    for words in (
        name,
        "Know who you are",
        "Your identifier here, so that it recognises you next time.",
        "See your e-mail address",
        "Stay connected while you are away",
        "It keeps its access after you sign out, until you withdraw it.",
        "Use the API",
        "An API",
        "<strong>app.example</strong>",
        f"<strong>{someone.email}</strong>",
        "Not you?",
    ):
        assert words in page.text
    assert "Use another account" in Page(page).links


def test_an_application_without_a_web_address_is_named_by_its_scheme(
    enrol: Enrol, someone: Person
) -> None:
    rp = enrol(redirect_uris=["com.example.app:/cb"], application_type="native")
    page = someone.sign_in(someone.browser.open(rp.url(rp.asking())))
    assert "<strong>com.example.app:</strong>" in page.text


@pytest.mark.parametrize("member", ["client_uri", "policy_uri", "tos_uri"])
def test_a_link_cannot_leave_its_quotes(rp: RelyingParty, someone: Person, member: str) -> None:
    change(rp, **{member: 'https://x.example/"><svg onload=alert(1)>'})
    for name, page in shown(rp, someone):
        assert "<svg" not in page.text, name
        assert Page(page).inline == [], name
