"""ASVS 5.0 §7.4.1, §7.4.2, §7.4.3 — what ends a session ends it for good, with all it let in."""

import datetime as dt

import pytest
import time_machine
from django.core.cache import cache
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from accounts import history, people
from tests import letters
from tests import person as persons
from tests.browser import Page
from tests.doors import Door, Response
from tests.parties import Enrol
from tests.person import Person
from tests.rp import RelyingParty
from tests.specs.account_sessions import pages
from tests.specs.security_headers.test_routes import filled

pytestmark = pytest.mark.spec("ASVS 5.0 §7.4.1")
NEW = "Entirely-Other8battery"
OPEN = {
    *("create/", "language/", "login/", "login/code/", "logout/", "signup/", "inactive/"),
    *("confirm-email/link/<str:secret>", "not-me/<str:secret>", "delete/asked/"),
    *("password/reset/", "password/reset/done/", "password/reset/complete/"),
    "password/reset/link/<str:secret>",
    *("upstream/<slug:provider_id>/callback", "upstream/<slug:provider_id>/start/"),
    "upstream/finish/",
}
"""Pages under /account/ that somebody who is not signed in may see."""


def cookie(person: Person) -> str:
    return person.browser.jar.cookies["as_session"].value


def with_cookie(value: str, door: Door) -> Person:
    thief = Person(browser=persons.browser(door))
    thief.browser.jar.plant("as_session", value)
    return thief


def change_password(person: Person, **fields: str) -> Response:
    page = person.browser.open(pages.address("password/change"))
    form = pages.form_of(page, "oldpassword")
    usual = {"oldpassword": person.password, "password1": NEW, "password2": NEW}
    return person.browser.submit(form, **{**usual, **fields})


def test_a_cookie_kept_from_before_signing_out_is_nothing(someone: Person, way_in: Door) -> None:
    pages.enter(someone)
    thief = with_cookie(cookie(someone), way_in)
    assert pages.is_in(thief)
    someone.sign_out()
    assert not pages.is_in(thief)
    cache.clear()
    assert not pages.is_in(thief), "no cache remembers it, and none has to be there to forget it"


def test_the_next_person_at_this_browser_begins_anew(
    someone: Person, way_in: Door, rp: RelyingParty
) -> None:
    first = rp.tokens(scope="openid offline_access")
    (old,) = pages.sids(someone)
    old_cookie = cookie(someone)
    someone.sign_out()
    mallory = persons.registered(way_in)
    mallory.browser = someone.browser
    pages.enter(mallory)
    (new,) = pages.sids(mallory)
    assert (new, cookie(mallory)) != (old, old_cookie)
    assert old not in pages.open_page(mallory, "sessions").text
    rp.end_session(mallory, id_token_hint=first["id_token"])
    assert pages.is_in(mallory), "an ID token of the session before ends no other"
    renewed = rp.refresh(first["refresh_token"])
    assert renewed.status_code == 200
    sid = rp.claims(renewed.json().get("id_token", first["id_token"])).get("sid")
    assert sid != new


def test_a_new_password_ends_all_that_the_old_one_let_in(someone: Person, enrol: Enrol) -> None:
    pages.enter(someone)
    there = pages.elsewhere(someone)
    client = enrol(backchannel_logout_uri="https://app.example/backchannel")
    issued_before = [
        client.tokens(who, scope=scope)
        for scope in ("openid", "openid offline_access")
        for who in (someone, there)
    ]
    assert change_password(someone).status_code == 200
    assert [pages.is_in(one) for one in (someone, there)] == [True, False]
    for issued in issued_before:
        assert client.refresh(issued["refresh_token"]).json()["error"] == "invalid_grant"
        assert client.userinfo(issued["access_token"]).status_code == 401
    assert "Your password has changed" in letters.to(someone.email)[-1].subject
    assert "password_changed" in [one.name for one in history.of(someone.subject)]
    someone.password = NEW
    pages.elsewhere(someone)


def test_switching_somebody_off_ends_everything_at_once(someone: Person, rp: RelyingParty) -> None:
    tokens = rp.tokens(scope="openid offline_access")
    people.disable(someone.subject)
    assert not pages.is_in(someone)
    assert rp.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert rp.userinfo(tokens["access_token"]).status_code == 401
    people.enable(someone.subject)
    assert not pages.is_in(someone), "and nothing of it comes back"
    assert rp.userinfo(tokens["access_token"]).status_code == 401
    names = [one.name for one in history.of(someone.subject)]
    assert names[:2] == ["enabled", "disabled"]


@pytest.mark.spec("ASVS 5.0 §6.2.3")
@pytest.mark.parametrize("current", ["", "Wrong-Horse7battery", NEW])
def test_no_password_changes_without_the_one_there_is(someone: Person, current: str) -> None:
    pages.enter(someone)
    there = pages.elsewhere(someone)
    page = change_password(someone, oldpassword=current)
    assert Page(page).title.startswith("Error:")
    form = pages.form_of(page, "oldpassword")
    sent = {key: value for key, value in form.fields.items() if key == "csrfmiddlewaretoken"}
    bare = {**sent, "password1": NEW, "password2": NEW, "password": NEW, "new_password": NEW}
    for path in ("password/change", "password/set", "profile", "email"):
        someone.browser.send("POST", pages.address(path), bare)
    assert pages.is_in(there)
    pages.elsewhere(someone)  # with the password there was


@pytest.mark.spec("ASVS 5.0 §7.5.1")
@pytest.mark.parametrize("path", ["email", "export", "delete", "sessions"])
def test_an_old_session_alone_changes_nothing_grave(someone: Person, path: str) -> None:
    pages.enter(someone)
    there = pages.elsewhere(someone)
    before = people.find(someone.subject)
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=16)):
        form = pages.form_of(pages.open_page(someone, "profile"), "csrfmiddlewaretoken")
        sent = {"csrfmiddlewaretoken": form.fields["csrfmiddlewaretoken"]}
        sent |= {"email": "new@example.com", "action_add": "", "sure": "on", "which": "others"}
        answer = someone.browser.send("POST", pages.address(path), sent)
        assert "/account/reauthenticate/" in answer.location
    after = people.find(someone.subject)
    assert before
    assert after
    assert (after.email, after.is_active) == (before.email, True)
    assert pages.is_in(there)
    assert len(letters.to("new@example.com")) == 0


def account_routes() -> list[str]:
    """Return every address under /account/, as it is written."""
    found: list[str] = []

    def walk(patterns: list[URLPattern | URLResolver], before: str) -> None:
        for each in patterns:
            here = before + str(each.pattern).lstrip("^").removesuffix("$").removesuffix(r"\Z")
            if isinstance(each, URLResolver):
                walk(each.url_patterns, here)
            else:
                found.append(here)

    walk(get_resolver().url_patterns, "")
    return [each.removeprefix("account/") for each in found if each.startswith("account/")]


@pytest.mark.spec("ASVS 5.0 §8.3.1")
def test_every_page_of_the_account_is_its_owners(someone: Person, way_in: Door) -> None:
    pages.enter(someone)
    expired = cookie(someone)
    someone.sign_out()
    open_to_all: list[str] = []
    closed: list[str] = []
    for route in account_routes():
        for visitor in (Person(browser=persons.browser(way_in)), with_cookie(expired, way_in)):
            page = visitor.browser.send("GET", pages.address("")[:-1] + filled(f"/{route}")[1:])
            is_closed = page.status_code in {302, 303} and "/login/" in page.location
            (closed if is_closed else open_to_all).append(route)
    assert {"", "profile/", "sessions/", "history/", "export/", "delete/"} <= set(closed)
    assert sorted(set(open_to_all) - OPEN) == []
