"""RFC 9700 §4.16 — no page of ours can be framed, whatever its status."""

import pytest

from tests import parties
from tests import person as people
from tests.doors import Response
from tests.person import Person
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 9700 §4.16")
PRIVATE = {"same-origin", "no-referrer", "strict-origin"}
PATHS = {
    "/": 200,
    "/account/login/": 200,
    "/account/signup/": 200,
    "/account/password/reset/": 200,
    "/account/": 200,
    "/account/applications/": 200,
    "/account/switch/": 200,
    "/account/language/": 200,
    "/account/create/": 200,
    "/account/logout/": 200,
    "/account/email/": 200,
    "/account/password/change/": 200,
    "/oauth2/logout": 200,
    "/oauth2/authorize": 400,
    "/oauth2/authorize?interaction=x": 400,
    "/oauth2/consent": 405,
    "/oauth2/logout?id_token_hint=x": 400,
    "/setup/x": 404,
    "/nowhere": 404,
    "/admin/": 403,
    "/account/login/?next=%00": 400,
}


def judge(response: Response, where: str) -> None:
    rules = response.headers["Content-Security-Policy"] or ""
    assert "frame-ancestors 'none'" in rules, where
    assert response.headers["X-Frame-Options"] == "DENY", where
    assert "unsafe" not in rules, where
    assert "default-src 'none'" in rules, where
    assert response.headers["X-Content-Type-Options"] == "nosniff", where
    assert response.headers["Referrer-Policy"] in PRIVATE, where
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin", where
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin", where
    assert not any(part.isdigit() for part in response.headers["Server"] or ""), where


@pytest.mark.parametrize("is_signed_in", [False, True], ids=["nobody", "somebody"])
def test_whatever_the_status(rp: RelyingParty, someone: Person, is_signed_in: bool) -> None:
    if is_signed_in:
        rp.authorize()
    for path, status in PATHS.items():
        response = someone.browser.send("GET", f"{rp.issuer}{path}")
        assert response.status_code in {status, 302, 303}, path
        judge(response, path)


def test_the_way_back_to_an_application_too(rp: RelyingParty, someone: Person) -> None:
    asked = rp.asking()
    consent = someone.sign_in(someone.browser.open(rp.url(asked)))
    judge(consent, "consent")
    judge(someone.decide(consent, "allow"), "the redirect")
    judge(rp.ask(response_mode="form_post").response, "the form that goes out by itself")


def test_each_machine_answer_too(rp: RelyingParty) -> None:
    for name in ("token", "introspection", "revocation", "userinfo"):
        answer = rp.door.post(rp.address(name), {})
        assert answer.headers["X-Frame-Options"] == "DENY", name
        assert "frame-ancestors 'none'" in (answer.headers["Content-Security-Policy"] or ""), name
        assert answer.headers["X-Content-Type-Options"] == "nosniff", name


@pytest.mark.spec("RFC 6749 §10.13")
def test_one_click_on_a_planted_page_agrees_to_nothing(
    rp: RelyingParty, someone: Person, somebody_else: Person
) -> None:
    """A form of another person's browser is nobody's yes."""
    page = someone.sign_in(someone.browser.open(rp.url(rp.asking())))
    theirs = somebody_else.sign_in(somebody_else.browser.open(rp.url(rp.asking())))
    mine, other = people._form(page, "allow"), people._form(theirs, "allow")
    fields = mine.fields | {
        "csrfmiddlewaretoken": other.fields["csrfmiddlewaretoken"],
        "decision": "allow",
    }
    answer = someone.browser.send("POST", mine.action, fields)
    assert not answer.location.startswith(parties.CALLBACK)
    assert rp.ask(prompt="none").outcome == "consent_required"


@pytest.mark.spec("RFC 6749 §10.12")
def test_a_yes_counts_once_and_not_after_signing_out(rp: RelyingParty, someone: Person) -> None:
    first = rp.asking()
    page = someone.sign_in(someone.browser.open(rp.url(first)))
    form = people._form(page, "allow")
    arrivals = [rp.arrival(first, someone.browser.press(form, "allow")) for _ in range(2)]
    answers = [rp.redeem(arrival).status_code for arrival in arrivals if arrival.outcome == "code"]
    assert answers[:1] == [200]
    someone.sign_out()
    late = rp.arrival(first, someone.browser.press(form, "allow"))
    assert late.outcome == "page", "and the person is asked to sign in"
