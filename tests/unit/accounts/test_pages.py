"""The pages of sign-in: who asks is named, stale tabs go on, nobody learns who has an account."""

import re
import time
from urllib.parse import quote

import pytest
from django.test import Client

from accounts import authentication
from accounts.models import Session, User
from accounts.pages import csrf, home
from tests import letters
from tests.unit.accounts import visitor
from tokens import interactions
from tokens.records import Interaction

ASKING = "Example & Söhne"


def _next(*, seconds: float = 600) -> str:
    now = time.time()
    text = interactions.put(
        Interaction(
            client_name=ASKING,
            redirect_uri="https://app.example:8443/back?x=1",
            browser="",
            started_at=now,
            expires_at=now + seconds,
        )
    )
    return f"/oauth2/authorize?interaction={text}"


def _token(client: Client, page: str) -> str:
    found = re.search(r'csrfmiddlewaretoken" value="([^"]+)', client.get(page).content.decode())
    assert found
    return found.group(1)


@pytest.mark.parametrize("page", ["login", "signup", "password/reset", "switch"])
def test_a_page_on_the_way_names_the_application(page: str) -> None:
    client = visitor.signed_in(visitor.someone()) if page == "switch" else visitor.browser()
    answer = client.get(f"/account/{page}/", {"next": _next()})
    assert visitor.shows(answer, ASKING)
    assert (
        "form-action 'self' https://app.example:8443;" in answer.headers["Content-Security-Policy"]
    )
    assert (
        quote("/oauth2/authorize?interaction=", safe="") in answer.content.decode()
        or page == "switch"
    )


def test_reauthentication_names_the_application() -> None:
    client = visitor.signed_in(visitor.someone())
    answer = client.get("/account/reauthenticate/", {"next": _next()})
    assert visitor.shows(answer, ASKING)


def test_a_page_shown_again_still_names_the_application() -> None:
    form = {"login": visitor.address(), "password": "Wrong-Horse9battery", "next": _next()}
    assert visitor.shows(visitor.browser().post("/account/login/", form), ASKING)


def test_coming_back_to_a_waiting_code_still_names_the_application() -> None:
    client = visitor.browser()
    form = {"email": visitor.address(), "password1": visitor.PASSWORD, "next": _next()}
    client.post("/account/signup/", form)
    assert visitor.shows(client.get("/account/login/", follow=True), ASKING)


def test_an_expired_interaction_is_said_and_admits_nothing() -> None:
    answer = visitor.browser().get("/account/login/", {"next": _next(seconds=-1)})
    assert visitor.shows(answer, "request has expired.")
    assert "app.example" not in answer.headers["Content-Security-Policy"]


def test_next_is_kept_from_signing_up_to_the_code() -> None:
    """For an address that is taken, too: the page must not tell them apart."""
    shown = []
    for email in (visitor.address(), visitor.someone().email):
        client, target = visitor.browser(), _next()
        form = {"email": email, "password1": visitor.PASSWORD, "next": target}
        answer = client.post("/account/signup/", form, follow=True)
        assert visitor.shows(answer, ASKING)
        policy = answer.headers["Content-Security-Policy"]
        assert "https://app.example:8443" in policy
        text = answer.content.decode().replace(email, "E").replace(quote(target, safe=""), "N")
        text = re.sub(r'value="[^"]{64}"|interaction=[\w-]+', "", text)
        shown.append((answer.status_code, text))
    assert shown[0] == shown[1]
    assert "There is one already" in str(letters.delivered()[-1].body)


def test_a_wrong_password_reads_like_an_unknown_address() -> None:
    known, texts = visitor.someone(), []
    for email in (known.email, visitor.address()):
        form = {"login": email, "password": "Wrong-Horse9battery"}
        text = visitor.browser().post("/account/login/", form).content.decode()
        texts.append(re.sub(r'(?:value|data-options)="[^"]*"', "", text))
    assert texts[0] == texts[1]


def test_a_tab_from_before_somebody_signed_in_goes_on() -> None:
    user = visitor.someone()
    client = visitor.browser(enforce_csrf_checks=True)
    form = {"login": user.email, "password": visitor.PASSWORD}
    old = _token(client, "/account/login/")
    client.post(
        "/account/login/", {**form, "csrfmiddlewaretoken": _token(client, "/account/login/")}
    )
    stale = client.post("/account/login/", {**form, "next": "/?on", "csrfmiddlewaretoken": old})
    assert (stale.status_code, stale.headers["Location"]) == (
        303,
        "/account/login/?next=%2F%3Fon&retry=1",
    )
    assert client.get(stale.headers["Location"]).headers["Location"] == "/?on"


def test_failing_twice_explains_cookies() -> None:
    client = visitor.browser(enforce_csrf_checks=True)
    first = client.post("/account/login/?next=/%3Fon", {"login": "a@example.com"})
    assert first.status_code == 303
    second = client.post(first.headers["Location"], {"login": "a@example.com"})
    assert second.status_code == 403
    assert visitor.shows(second, "cookie")


def test_a_stale_form_starts_over_here_only() -> None:
    client = visitor.browser(enforce_csrf_checks=True)
    form = {csrf.START_OVER: "/oauth2/authorize?interaction=x"}
    assert client.post("/oauth2/consent", form).headers["Location"] == form[csrf.START_OVER]
    form = {csrf.START_OVER: "https://evil.example/"}
    assert client.post("/oauth2/consent", form).headers["Location"] == "/oauth2/consent?retry=1"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"]
)
def test_next_never_leads_elsewhere(target: str) -> None:
    user = visitor.someone()
    form = {"login": user.email, "password": visitor.PASSWORD, "next": target}
    answer = visitor.browser().post("/account/login/", form)
    assert answer.headers["Location"] == "/"


def test_the_address_is_remembered_from_the_hint() -> None:
    page = visitor.browser().get(authentication.login_url("/?x", hint="jane@example.com"))
    assert visitor.shows(page, "jane@example.com")


def test_a_look_alike_address_gets_no_code() -> None:
    """U+017F is an `s` to whoever folds case: the mail must go where it always went."""
    user = visitor.someone(email=f"s{visitor.address()}")
    visitor.browser().post("/account/password/reset/", {"email": "\u017f" + user.email[1:]})
    assert letters.delivered()[-1].to == [user.email]


def test_an_address_nobody_has_gets_no_mail_from_whoever_types_it() -> None:
    before = len(letters.delivered())
    answer = visitor.browser().post("/account/password/reset/", {"email": visitor.address()})
    assert answer.headers["Location"].startswith("/account/password/reset/")
    assert len(letters.delivered()) == before


def test_two_sign_ups_of_one_address_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    user, client = visitor.someone(), visitor.browser()
    monkeypatch.setattr(
        "allauth.account.internal.flows.manage_email.assess_unique_email", lambda *_a, **_k: True
    )
    form = {"email": user.email, "password1": visitor.PASSWORD}
    answer = client.post("/account/signup/", form)
    assert answer.headers["Location"] == "/account/confirm-email/"
    assert User.objects.filter(email_key=user.email_key).count() == 1


PAGES = ["/", "/account/login/", "/account/signup/", "/account/password/reset/", "/nothing-here"]
OWN_PAGES = [
    "/account/",
    "/account/applications/",
    "/account/email/",
    "/account/password/change/",
    "/account/logout/",
    "/account/reauthenticate/",
    "/account/switch/",
]


@pytest.mark.parametrize("page", PAGES + OWN_PAGES)
def test_every_page_is_whole_without_script_and_reads_well(page: str) -> None:
    client = visitor.signed_in(visitor.someone()) if page in OWN_PAGES else visitor.browser()
    text = client.get(page).content.decode()
    assert '<html lang="en" dir="ltr">' in text
    assert len(re.findall("<h1", text)) == 1
    assert "<main" in text
    assert not re.search(r"<script(?! src=)|<style|\sstyle=|\son\w+=", text)
    for field in re.findall(r"<input [^>]*>", text):
        if 'type="hidden"' not in field and 'aria-hidden="true"' not in field:
            name = re.search(r'id="([^"]+)"', field)
            assert name, field
            assert f'<label for="{name.group(1)}"' in text
            assert "autocomplete=" in field
            assert "placeholder" not in field


def test_errors_are_listed_and_lead_to_their_fields() -> None:
    text = visitor.browser().post("/account/signup/", {"password1": "x"}).content.decode()
    assert "<title>Error: " in text
    assert re.search(r'role="alert" tabindex="-1" autofocus', text)
    assert '<a href="#id_email">' in text
    assert 'aria-describedby="id_password1_helptext id_password1_error"' in text
    assert 'aria-invalid="true"' in text


def test_other_floors_add_to_the_home_page() -> None:
    def section(_request: object) -> home.Section:
        return home.Section(title="Demo", badge="demo", lines=(("Client", "web <1>", "/x"),))

    home.register(section)
    try:
        assert visitor.shows(visitor.browser().get("/"), "web <1>")
    finally:
        home.SECTIONS.remove(section)


def test_signing_out_wants_a_button() -> None:
    client = visitor.signed_in(visitor.someone())
    assert client.get("/account/logout/").status_code == 200
    assert visitor.is_signed_in(client)


def test_a_disabled_person_is_told_only_with_the_right_password() -> None:
    user = visitor.someone()
    User.objects.filter(pk=user.pk).update(is_active=False)
    right = {"login": user.email, "password": visitor.PASSWORD}
    answer = visitor.browser().post("/account/login/", right)
    assert answer.headers["Location"] == "/account/inactive/"
    wrong = {"login": user.email, "password": "Wrong-Horse9battery"}
    assert visitor.browser().post("/account/login/", wrong).status_code == 200


def test_no_code_rests_readable() -> None:
    email = visitor.address()
    visitor.browser().post("/account/signup/", {"email": email, "password1": visitor.PASSWORD})
    code = visitor.code_sent_to(email)
    assert not any(code in row.sealed for row in Session.objects.all())
