"""RFC 6265bis §5.6.7 — a POST from another site, which browsers send without our cookies."""

import pytest

from tests.browser import Browser, Jar
from tests.doors import Response
from tests.parties import Enrol
from tests.person import Person
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 6265bis §5.6.7")

HOME = "https://app.example/bye"


def from_another_site(browser: Browser, url: str, fields: dict[str, str]) -> Response:
    """Post as a form of another site does: without cookies; then go on as the browser does."""
    kept, browser.jar = browser.jar, Jar()
    answer = browser.send("POST", url, fields)
    browser.jar = kept
    browser.jar.keep(answer)
    return answer


def test_a_sign_out_from_another_site_really_signs_out(enrol: Enrol, someone: Person) -> None:
    app = enrol(post_logout_redirect_uris=[HOME])
    hint = app.tokens(someone)["id_token"]
    where, fields = app.address("end_session"), {"id_token_hint": hint}
    answer = from_another_site(someone.browser, where, fields | {"post_logout_redirect_uri": HOME})
    assert answer.location.startswith(f"{where}?")
    answer = someone.browser.send("GET", answer.location)
    assert (answer.status_code, answer.location) == (303, HOME)
    assert app.ask(someone, prompt="none").outcome == "login_required"


def test_a_request_from_another_site_finds_who_is_signed_in(
    rp: RelyingParty, someone: Person
) -> None:
    rp.authorize(someone)
    asked = rp.asking(prompt="none")
    fields = {name: str(value) for name, value in asked.parameters.items()}
    answer = from_another_site(someone.browser, rp.address("authorization"), fields)
    assert rp.arrival(asked, someone.browser.send("GET", answer.location)).outcome == "code"


def test_a_request_from_another_site_leaves_a_sign_in_under_way_alone(
    rp: RelyingParty, someone: Person
) -> None:
    asked = rp.asking()
    page = someone.browser.open(rp.url(asked))
    other = {name: str(value) for name, value in rp.asking().parameters.items()}
    from_another_site(someone.browser, rp.address("authorization"), other)
    answer = someone.decide(someone.sign_in(page), "allow")
    assert rp.arrival(asked, answer).outcome == "code"
