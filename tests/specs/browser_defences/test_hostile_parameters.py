"""RFC 6749 §10.14 — whatever a parameter holds, a page shows it as text or not at all."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.browser import Page
from tests.doors import Response
from tests.person import Person
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 6749 §10.14")
HOSTILE = "\"'><svg onload=alert(1)>{{9173*7}}{%x%}${9173*7}"
PARAMETERS = [
    *("response_type", "client_id", "redirect_uri", "scope", "state", "response_mode", "nonce"),
    *("code_challenge", "code_challenge_method", "prompt", "max_age", "login_hint", "display"),
    *("id_token_hint", "acr_values", "ui_locales", "claims_locales", "claims", "request"),
    *("request_uri", "registration", "resource", "interaction", "unknown"),
]
PAGES = {
    "/oauth2/logout": ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"],
    "/oauth2/check-session": ["x"],
    "/account/login/": ["next", "login_hint", "ui_locales"],
    "/account/signup/": ["next", "email"],
    "/account/create/": ["next", "login_hint"],
    "/account/switch/": ["next", "again"],
    "/account/language/": ["next", "language"],
    "/account/": ["x"],
    "/account/applications/": ["x"],
    "/account/logout/": ["next"],
    "/account/password/reset/": ["next"],
    "/account/reauthenticate/": ["next"],
    "/client-logo": ["digest"],
    "/": ["x"],
    "/nowhere": ["x"],
}


def judge(response: Response, where: str) -> None:
    """See that what came in is not part of the page's code, and nothing was computed."""
    assert response.status_code < 500, where
    assert response.headers["X-Content-Type-Options"] == "nosniff", where
    assert HOSTILE not in (response.location or ""), where
    if not (response.headers["Content-Type"] or "").startswith("text/html"):
        return
    assert "<svg" not in response.text, where
    assert "64211" not in response.text, where
    assert Page(response).inline == [], where


def everywhere(rp: RelyingParty) -> Iterator[str]:
    for name in PARAMETERS:
        yield rp.url(rp.asking(**{name: HOSTILE}))
        yield rp.url(rp.asking(**{name: HOSTILE, "response_mode": "form_post"}))
    for path, names in PAGES.items():
        for name in names:
            yield f"{rp.issuer}{path}?{name}={quote(HOSTILE)}"
    for path in ("/", "/account/", "/setup/", "/oauth2/", "/static/", "/admin/", "/.well-known/"):
        yield f"{rp.issuer}{path}{quote(HOSTILE)}"


@pytest.mark.parametrize("is_signed_in", [False, True], ids=["nobody", "somebody"])
def test_nothing_of_an_address_runs(rp: RelyingParty, someone: Person, is_signed_in: bool) -> None:
    if is_signed_in:
        rp.authorize()
    for url in everywhere(rp):
        response = someone.browser.send("GET", url)
        judge(response, url)
        judge(someone.browser.follow(response), url)


def test_nothing_of_a_form_runs(rp: RelyingParty, someone: Person) -> None:
    login = someone.browser.open(rp.url(rp.asking()))
    sign_up = someone.browser.open(Page(login).links["Create an account"])
    forgotten = someone.browser.open(Page(login).links["Forgot your password?"])
    for page in (login, sign_up, forgotten):
        form = next(one for one in Page(page).forms if one.method == "POST")
        for name in (*form.fields, "decision", "next", "interaction", "start_over"):
            fields = form.fields | {name: HOSTILE}
            response = someone.browser.send("POST", form.action, fields)
            judge(someone.browser.follow(response), f"{form.action} {name}")


def test_nothing_of_a_consent_runs(rp: RelyingParty, someone: Person) -> None:
    page = someone.sign_in(someone.browser.open(rp.url(rp.asking())))
    form = Page(page).form_with("allow")
    assert form
    for name in (*form.fields, "decision"):
        response = someone.browser.send("POST", form.action, form.fields | {name: HOSTILE})
        judge(someone.browser.follow(response), name)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "HEAD", "BREW"])
def test_other_methods_are_answered_safely(rp: RelyingParty, method: str) -> None:
    for path in (*PAGES, "/oauth2/authorize", "/oauth2/consent", "/.well-known/security.txt"):
        judge(rp.door.send(method, f"{rp.issuer}{path}?x={quote(HOSTILE)}"), f"{method} {path}")


@pytest.mark.spec("RFC 6749 §10.12")
@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_method_cannot_be_overridden(rp: RelyingParty, someone: Person, header: str) -> None:
    rp.authorize()
    cookies = {"Cookie": someone.browser.jar.header(rp.issuer)}
    for path in ("/account/logout/", "/account/switch/", "/account/create/"):
        rp.door.get(f"{rp.issuer}{path}?decision=other", headers={header: "POST", **cookies})
        rp.door.get(f"{rp.issuer}{path}?_method=POST&decision=other", headers=cookies)
    assert rp.ask(prompt="none").outcome == "code"


@pytest.mark.spec("RFC 6749 §10.12")
@pytest.mark.parametrize("kind", ["text/plain", "application/json", "multipart/form-data"])
def test_only_a_form_of_ours_changes_anything(rp: RelyingParty, someone: Person, kind: str) -> None:
    rp.authorize()
    headers = {
        "Cookie": someone.browser.jar.header(rp.issuer),
        "Origin": "https://evil.example",
        "Content-Type": kind,
    }
    paths = ("/account/logout/", "/account/switch/", "/account/create/", "/oauth2/consent")
    for path in (*paths, "/oauth2/logout/confirmed", "/account/applications/"):
        body = b'{"decision": "other", "client_id": "x"}'
        response = rp.door.send("POST", f"{rp.issuer}{path}", headers=headers, body=body)
        assert response.status_code in {303, 400, 403, 405, 415}, path
        assert not response.location.startswith(rp.redirect_uri), path
    assert rp.ask(prompt="none").outcome == "code"
