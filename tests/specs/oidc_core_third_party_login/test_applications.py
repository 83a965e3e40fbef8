"""OIDC Core §4 — a person opens an application from the list of theirs."""

import re
import secrets
from urllib.parse import parse_qsl, urlsplit

import pytest

from accounts import consent
from authserver import clients, models
from tests.doors import Response
from tests.parties import Enrol
from tests.person import Person
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("OIDC Core §4")


def start_of(rp: RelyingParty) -> str:
    return f"https://app.example/{rp.client_id}"


def start_at(rp: RelyingParty, uri: str, **columns: object) -> None:
    """Register (or plant) where an application begins a sign-in."""
    models.Client.objects.filter(pk=rp.client_id).update(initiate_login_uri=uri, **columns)
    clients.evict(rp.client_id)


def listed(rp: RelyingParty, someone: Person) -> Response:
    return someone.browser.open(f"{rp.issuer}/account/applications/")


def opened(page: Response, rp: RelyingParty) -> list[str]:
    """Return where the Open button of this application leads; others are there for all."""
    tags = re.findall(r"<a [^>]*>Open</a>", page.text)
    assert all('rel="noreferrer"' in tag for tag in tags)
    found = [tag.split('href="')[1].split('"')[0].replace("&amp;", "&") for tag in tags]
    return [address for address in found if rp.client_id in address]


def test_it_leads_to_the_registered_address_and_says_who_we_are(
    rp: RelyingParty, someone: Person
) -> None:
    start_at(rp, start_of(rp))
    rp.authorize()
    [address] = opened(listed(rp, someone), rp)
    assert address.startswith(f"{start_of(rp)}?")
    assert dict(parse_qsl(urlsplit(address).query)) == {"iss": rp.issuer}


def test_the_application_then_signs_the_person_in(rp: RelyingParty, someone: Person) -> None:
    start_at(rp, start_of(rp))
    rp.authorize()
    [address] = opened(listed(rp, someone), rp)
    issuer = dict(parse_qsl(urlsplit(address).query))["iss"]
    assert issuer == rp.metadata["issuer"], "so the application can compare and discover"
    assert rp.ask().outcome == "code"


def test_a_query_of_its_own_is_kept(rp: RelyingParty, someone: Person) -> None:
    start_at(rp, f"{start_of(rp)}?tenant=7")
    rp.authorize()
    [address] = opened(listed(rp, someone), rp)
    assert address.startswith(f"{start_of(rp)}?tenant=7&iss=")


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "http://app.example/{}",
        "javascript:alert('{}')",
        "data:text/html,{}",
        "com.example.app:/{}",
        "http://[::1{}",
    ],
)
def test_any_other_address_gets_no_button(rp: RelyingParty, someone: Person, uri: str) -> None:
    start_at(rp, uri.format(rp.client_id))
    rp.authorize()
    page = listed(rp, someone)
    assert page.status_code == 200
    assert opened(page, rp) == []
    assert "Disconnect" in page.text


def test_the_operators_own_are_there_without_a_consent(enrol: Enrol, someone: Person) -> None:
    name = f"Own {secrets.token_hex(4)}"
    rp = enrol(skip_consent=True, client_name=name)
    start_at(rp, start_of(rp))
    rp.authorize()
    page = listed(rp, someone)
    assert name in page.text
    assert len(opened(page, rp)) == 1
    assert consent.of(someone.subject) == []


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param({"initiate_login_uri": ""}, id="cannot be opened"),
        pytest.param({"skip_consent": False}, id="not agreed to"),
        pytest.param({"is_self_registered": True}, id="registered itself"),
        pytest.param({"is_active": False}, id="switched off"),
    ],
)
def test_no_other_one_is(enrol: Enrol, someone: Person, columns: dict[str, object]) -> None:
    name = f"Other {secrets.token_hex(4)}"
    rp = enrol(skip_consent=True, client_name=name)
    start_at(rp, start_of(rp))
    models.Client.objects.filter(pk=rp.client_id).update(**columns)
    clients.evict(rp.client_id)
    someone.visit(f"{rp.issuer}/account/")
    assert name not in listed(rp, someone).text


def test_an_application_that_is_no_more_can_still_be_disconnected(
    rp: RelyingParty, someone: Person
) -> None:
    start_at(rp, start_of(rp))
    rp.authorize()
    models.Client.objects.filter(pk=rp.client_id).update(is_active=False)
    clients.evict(rp.client_id)
    page = listed(rp, someone)
    assert opened(page, rp) == []
    assert rp.client_id in page.text


def test_only_the_person_sees_the_list(rp: RelyingParty, someone: Person) -> None:
    page = someone.browser.send("GET", f"{rp.issuer}/account/applications/")
    assert page.status_code == 302
    assert "/account/login/" in page.location
