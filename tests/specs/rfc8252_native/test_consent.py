"""RFC 8252 §8.6 — who could be anybody is never answered without the person."""

from typing import Any

import pytest

from authserver import clients, models
from config import policy
from tests.browser import Page
from tests.parties import LOOPBACK, Enrol
from tests.person import Person
from tests.registrations import Newcomer
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 8252 §8.6")

NATIVE: dict[str, Any] = {"application_type": "native", "token_endpoint_auth_method": "none"}
CLAIMABLE = {
    "loopback": LOOPBACK,
    "loopback in IPv6": "http://[::1]/cb",
    "scheme of its own": "com.example.app:/cb",
}
TRUSTED = policy.Responses(danger_native_consent_kept=True)


def _is_asked(rp: RelyingParty, someone: Person) -> bool:
    page = someone.browser.open(rp.url(rp.asking()))
    return page.status_code == 200 and bool(Page(page).form_with("allow"))


@pytest.mark.parametrize("uri", CLAIMABLE.values(), ids=CLAIMABLE)
def test_a_public_native_application_is_asked_about_each_time(
    enrol: Enrol, someone: Person, uri: str
) -> None:
    rp = enrol(**NATIVE, redirect_uris=[uri])
    rp.tokens()
    assert _is_asked(rp, someone)
    assert rp.ask(prompt="none").outcome == "consent_required"
    assert rp.authorize().outcome == "code"


@pytest.mark.parametrize("uri", ["http://127.0.0.1:9999/cb", "http://localhost:9999/cb"])
def test_whoever_registered_itself_cannot_call_itself_a_website(
    newcomer: Newcomer, uri: str
) -> None:
    web = {"application_type": "web", "token_endpoint_auth_method": "none"}
    rp = newcomer.party(newcomer.register(redirect_uris=[uri], **web))
    rp.tokens()
    assert rp.ask(prompt="none").outcome == "consent_required"


@pytest.mark.parametrize("uri", CLAIMABLE.values(), ids=CLAIMABLE)
def test_not_even_a_first_party_is_exempt(enrol: Enrol, someone: Person, uri: str) -> None:
    """Registration refuses to make it one; a row may be older than that rule."""
    rp = enrol(**NATIVE, redirect_uris=[uri])
    models.Client.objects.filter(pk=rp.client_id).update(skip_consent=True)
    clients.evict(rp.client_id)
    rp.tokens()
    assert _is_asked(rp, someone)


@pytest.mark.parametrize("uri", CLAIMABLE.values(), ids=CLAIMABLE)
def test_an_operator_may_take_the_risk(enrol: Enrol, someone: Person, uri: str) -> None:
    rp = enrol(**NATIVE, redirect_uris=[uri])
    with policy.replaced(responses=TRUSTED):
        rp.tokens()
        assert rp.ask(prompt="none").outcome == "code"


@pytest.mark.parametrize(
    "metadata",
    [
        pytest.param({**NATIVE, "redirect_uris": ["https://app.example/cb"]}, id="https"),
        pytest.param({"application_type": "native", "redirect_uris": [LOOPBACK]}, id="a secret"),
        pytest.param(
            {"token_endpoint_auth_method": "none", "redirect_uris": ["https://spa.example/cb"]},
            id="a page",
        ),
    ],
)
def test_who_can_be_told_apart_is_asked_about_once(enrol: Enrol, metadata: dict[str, Any]) -> None:
    rp = enrol(**metadata)
    rp.tokens()
    assert rp.ask(prompt="none").outcome == "code"


@pytest.mark.spec("OIDC Core §3.1.2.4")
def test_a_client_that_registered_itself_is_asked_about_the_first_time(
    enrol: Enrol, someone: Person
) -> None:
    rp = enrol(is_own=True)
    assert rp.ask(prompt="none").outcome == "login_required"
    page = someone.sign_in(someone.browser.open(rp.url(asked := rp.asking())))
    assert Page(page).form_with("allow")
    assert rp.arrival(asked, someone.decide(page, "allow")).outcome == "code"
    assert rp.ask(prompt="none").outcome == "code"
