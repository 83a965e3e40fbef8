"""ASVS 5.0 §6.4.3 — a new password by mail: by code or by link, once, and never past a factor."""

import re
import time
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import factors
from accounts import people as directory
from accounts.models import User
from tests import person as people
from tests import second_factors
from tests.browser import Page
from tests.person import Person
from tests.races.crowd import Crowd
from tests.rp import RelyingParty
from tests.specs.account_recovery import mails

pytestmark = pytest.mark.spec("ASVS 5.0 §6.4.3")
NEW = "Another-Horse8battery"
LINK = "account/password/reset/link/"
COMPLETE = mails.account("password/reset/complete/")
GONE = "This link or code is no longer good"


def opened(person: Person, link: str = "") -> Any:
    """Open the link and press its button: the page that asks for a new password."""
    page = person.browser.open(link or mails.link(person, LINK))
    return person.browser.submit(mails.form(page))


def signs_in_with(person: Person, password: str) -> bool:
    """Tell whether a password lets its owner in, in a new browser."""
    other = person.elsewhere()
    page = other.browser.open(mails.account("login/"))
    other.browser.submit(mails.form(page, "login"), login=person.email, password=password)
    return mails.is_in(other.browser)


@pytest.mark.parametrize("way", ["code", "link", "link elsewhere"])
def test_a_code_or_a_link_lets_choose_a_new_password(someone: Person, way: str) -> None:
    page = mails.ask_for_reset(someone)
    here = someone.elsewhere() if way == "link elsewhere" else someone
    if way == "code":
        page = someone.browser.submit(mails.form(page, "code"), code=mails.code(someone))
    else:
        page = opened(here, mails.link(someone, LINK))
    mails.choose(here.browser, page, NEW)
    assert mails.is_in(here.browser)
    assert signs_in_with(someone, NEW)
    assert not signs_in_with(someone, someone.password)


@pytest.mark.spec("OWASP CICD")
def test_whoever_only_looks_uses_nothing(someone: Person) -> None:
    mails.ask_for_reset(someone)
    link = mails.link(someone, LINK)
    scanner = someone.elsewhere()
    for method in ("GET", "HEAD", "GET"):
        assert scanner.browser.send(method, link).status_code == 200
    scanner.browser.open(COMPLETE)
    page = opened(someone, link)
    assert Page(page).form_with("password1")


def test_each_is_used_once_whichever_way(someone: Person) -> None:
    page = mails.ask_for_reset(someone)
    link, code = mails.link(someone, LINK), mails.code(someone)
    thief = someone.elsewhere()
    chosen = opened(thief, link)  # proved twice, and spent once
    page = someone.browser.submit(mails.form(page, "code"), code=code)
    mails.choose(someone.browser, page, NEW)
    late = mails.choose(thief.browser, chosen, "Thieves-Horse8battery")
    assert (late.status_code, Page(late).heading) == (404, GONE)
    assert not mails.is_in(thief.browser)
    assert signs_in_with(someone, NEW)
    assert thief.browser.open(link).status_code == 404


@pytest.mark.parametrize(
    "what", ["signed in", "password", "address", "disabled", "too late", "swept away"]
)
@pytest.mark.parametrize("how_far", ["mailed", "opened"])
def test_what_happens_meanwhile_is_the_end_of_it(someone: Person, what: str, how_far: str) -> None:
    mails.ask_for_reset(someone)
    link = mails.link(someone, LINK)
    page = opened(someone, link) if how_far == "opened" else None
    user = User.objects.get(pk=someone.subject)
    moment = time.time()
    if what == "signed in":
        assert signs_in_with(someone, someone.password)
    elif what == "password":
        directory.set_password(user, "Quite-Other9password")
    elif what == "address":
        user.email = people.address()
        directory.save(user, ["email"])
    elif what == "disabled":
        directory.disable(someone.subject)
        directory.enable(someone.subject)
    elif what == "swept away":
        directory.delete(someone.subject)
    else:
        moment += 15 * 60 + 1
    with time_machine.travel(moment):
        if page is not None:
            answer = mails.choose(someone.browser, page, NEW)
            assert answer.status_code in {200, 404}
        assert someone.browser.open(link).status_code == 404
        assert not mails.is_in(someone.browser)
    assert not signs_in_with(someone, NEW)


def test_nothing_but_the_whole_secret_opens_it(someone: Person, somebody_else: Person) -> None:
    mails.ask_for_reset(someone)
    link = mails.link(someone, LINK)
    swapped = link[:-1] + ("A" if link[-1] != "A" else "B")
    for other in (link[:-1], link + "A", swapped, link.swapcase(), f"{link}%00", f"{link}/"):
        assert someone.browser.open(other).status_code in {400, 404}
    moved = link.replace("password/reset/link/", "confirm-email/link/")
    assert someone.browser.open(moved).status_code == 404, "it is for nothing else"
    moved = link.replace("password/reset/link/", "not-me/")
    assert someone.browser.open(moved).status_code == 404


@pytest.mark.spec("ASVS 5.0 §2.3.1")
def test_no_step_can_be_left_out(someone: Person) -> None:
    page = mails.ask_for_reset(someone)
    token = mails.form(page, "code").fields["csrfmiddlewaretoken"]
    fields = {"csrfmiddlewaretoken": token, "password1": NEW, "password2": NEW, "code": "x"}
    someone.browser.follow(someone.browser.send("POST", COMPLETE, fields))
    someone.browser.send("POST", page.url, {"csrfmiddlewaretoken": token})
    someone.browser.send("POST", page.url, {"csrfmiddlewaretoken": token, "code": ""})
    someone.browser.follow(someone.browser.send("POST", COMPLETE, fields))
    assert not mails.is_in(someone.browser)
    assert not signs_in_with(someone, NEW)
    assert signs_in_with(someone, someone.password)


@pytest.mark.spec("ASVS 5.0 §3.5.1")
def test_the_button_of_a_link_needs_the_page_s_own_token(someone: Person) -> None:
    mails.ask_for_reset(someone)
    link = mails.link(someone, LINK)
    foreign = mails.form(someone.elsewhere().browser.open(link)).fields
    for fields in ({}, {"csrfmiddlewaretoken": "x" * 64}, foreign):
        page = someone.browser.follow(someone.browser.send("POST", link, fields))
        assert not Page(page).form_with("password1")
    assert not Page(someone.browser.open(COMPLETE)).form_with("password1")


def test_others_who_try_at_the_same_moment_come_too_late(someone: Person) -> None:
    mails.ask_for_reset(someone)
    page = opened(someone)
    asking = mails.form(page, "password1")
    tried = [f"Horse-number{at}-battery" for at in range(4)]
    cookies = someone.browser.jar.header(asking.action)
    headers = {"Cookie": cookies, "Origin": someone.browser.site}

    def choose(password: str) -> str:
        """Return where it leads: who comes after the session has changed its key begins anew."""
        fields = {**asking.fields, "password1": password, "password2": password}
        answer = someone.browser.door.post(asking.action, fields, headers=headers)
        return answer.location if answer.location != mails.account("password/reset/") else ""

    with Crowd(4) as crowd:
        answers = crowd.run([partial(choose, text) for text in tried])
    winners = [text for text, location in zip(tried, answers, strict=True) if location]
    assert len(winners) <= 1
    if not winners:  # it had to wait too long to be hashed, and so was not spent
        assert choose(tried[0])
        winners = tried[:1]
    assert [text for text in tried if signs_in_with(someone, text)] == winners


def test_it_ends_other_sessions_and_what_applications_hold(
    rp: RelyingParty, someone: Person
) -> None:
    issued = rp.tokens()
    elsewhere = someone.elsewhere()
    elsewhere.sign_in(elsewhere.browser.open(mails.account("login/")))
    assert mails.is_in(elsewhere.browser)
    recovering = someone.elsewhere()
    mails.ask_for_reset(recovering)
    mails.choose(recovering.browser, opened(recovering), NEW)
    assert not mails.is_in(elsewhere.browser)
    assert not mails.is_in(someone.browser)
    assert mails.is_in(recovering.browser)
    assert rp.is_dead(issued["access_token"])
    assert rp.refresh(issued["refresh_token"]).status_code == 400
    text = mails.last(someone)
    assert "A new password was chosen" in text
    assert "signed out" in text


@pytest.mark.spec("ASVS 5.0 §6.3.4")
@pytest.mark.parametrize("way", ["code", "link"])
def test_it_never_skips_the_second_factor(rp: RelyingParty, someone: Person, way: str) -> None:
    second_factors.given_app(someone.subject)
    recovering = someone.elsewhere()
    page = mails.ask_for_reset(recovering)
    if way == "code":
        page = recovering.browser.submit(mails.form(page, "code"), code=mails.code(recovering))
    else:
        page = opened(recovering)
    page = mails.choose(recovering.browser, page, NEW)
    assert not mails.is_in(recovering.browser)
    asked = recovering.browser.open(rp.url(rp.asking()))
    assert "code=" not in asked.url
    assert not mails.is_in(recovering.browser)
    assert factors.of(someone.subject).has_totp, "a new password takes no factor away"


@pytest.mark.parametrize("way", ["code", "link"])
@pytest.mark.parametrize("has_app", [False, True])
def test_it_goes_on_to_where_the_person_was_going(
    rp: RelyingParty, someone: Person, way: str, *, has_app: bool
) -> None:
    app = second_factors.given_app(someone.subject) if has_app else None
    page = someone.browser.open(rp.url(rp.asking()))
    page = someone.browser.open(Page(page).links["Forgot your password?"])
    page = someone.browser.submit(mails.form(page, "email"), email=someone.email)
    if way == "code":
        page = someone.browser.submit(mails.form(page, "code"), code=mails.code(someone))
    else:
        page = opened(someone)
    page = mails.choose(someone.browser, page, NEW)
    if app:
        page = someone.browser.submit(mails.form(page, "code"), code=app.code())
    assert Page(page).form_with("allow"), Page(page).heading


@pytest.mark.spec("ASVS 5.0 §6.3.8")
@pytest.mark.parametrize("path", ["password/reset/", "login/code/", "signup/"])
def test_an_address_nobody_has_costs_as_much(someone: Person, path: str) -> None:
    """As many rows are written, in the same order: the time it takes tells nothing."""
    nobody = replace(someone.elsewhere(), email=people.address())
    written = []
    for person in (someone, nobody):
        page = person.browser.open(mails.account(path))
        fields = {"email": person.email}
        if path == "signup/":
            fields |= {"name": "N", "password1": "Some-Horse9battery"}
        with CaptureQueriesContext(connection) as asking:
            person.browser.press(mails.form(page, "email"), **fields)
        page = person.browser.open(person.browser.visited[-1].location)
        with CaptureQueriesContext(connection) as typing:
            person.browser.press(mails.form(page, "code"), code="BBBB-BBBB")
        written.append([_writes(asking) if path != "signup/" else [], _writes(typing)])
    assert written[0] == written[1]
    assert len(written[0][1]) >= 2, "a try is counted, and the session"


def _writes(context: Any) -> list[str]:
    texts = [one["sql"] for one in context.captured_queries]
    found = [re.match(r'(INSERT INTO|UPDATE|DELETE FROM) "?(\w+)', text) for text in texts]
    return [f"{one[1]} {one[2]}" for one in found if one]
