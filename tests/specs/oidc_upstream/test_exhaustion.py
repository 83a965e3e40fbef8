"""OWASP API10:2023 — a provider that answers too much, too slowly or not at all costs little."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from accounts.upstream import discovery
from config import policy
from config.policy import Outgoing
from tests import idp, jose, person
from tests.browser import Page
from tests.doors import Door
from tests.idp import KEY, Idp
from tests.person import Person
from tests.throttling import permitting

pytestmark = pytest.mark.spec("OWASP API10:2023")


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/jwks", "/token"])
@pytest.mark.parametrize("status", [200, 302, 500])
def test_an_answer_of_no_use_is_a_page_that_says_so(
    newcomer: Person, theirs: Idp, path: str, status: int
) -> None:
    theirs.answers[path] = (status, b"x" * 10_000_000 if status == 200 else b"")
    page = idp.page_of(newcomer)
    form = next(one for one in Page(page).forms if one.action.endswith("/theirs/start/"))
    page = newcomer.browser.submit(form)
    if page.status_code == 200:
        page = newcomer.browser.open(theirs.arrive(idp.onward(page, theirs)))
    assert (page.status_code, Page(page).heading) == (400, "This did not work")


def test_of_very_many_keys_the_first_are_read(newcomer: Person, theirs: Idp) -> None:
    right = jose.public_jwk(KEY, kid="theirs")
    many = {"keys": [right, *({"kty": "oct", "k": "AA", "kid": str(n)} for n in range(500))]}
    theirs.answers["/jwks"] = (200, json.dumps(many).encode())
    assert idp.sign_in(newcomer, theirs).status_code == 200


def test_while_one_is_slow_others_sign_in(way_in: Door, theirs: Idp, someone: Person) -> None:
    people = [person.Person(browser=person.browser(way_in)) for _ in range(12)]
    urls = [theirs.arrive(idp.leave(one, theirs)) for one in people]
    theirs.gate.clear()
    with (
        policy.replaced(outgoing=Outgoing(deadline=timedelta(seconds=30))),
        ThreadPoolExecutor(len(people)) as crowd,
    ):
        coming = [
            crowd.submit(one.browser.open, url) for one, url in zip(people, urls, strict=True)
        ]
        someone.sign_in(idp.page_of(someone))
        assert Page(idp.page_of(someone, "/account/email/")).form_with("login") is None
        assert not all(one.done() for one in coming), "some still wait"
        theirs.gate.set()
        found = [one.result().status_code for one in coming]
    assert set(found) == {200, 400}, "few wait, all others are told at once"


def test_keys_and_metadata_are_read_once(newcomer: Person, theirs: Idp) -> None:
    for _ in range(3):
        idp.sign_in(newcomer.elsewhere(), theirs)
    assert theirs.asked.count("/jwks") == 1
    assert theirs.asked.count("/.well-known/openid-configuration") == 1


def test_a_new_key_is_found_and_a_made_up_one_asks_seldom(newcomer: Person, theirs: Idp) -> None:
    idp.sign_in(newcomer.elsewhere(), theirs)
    theirs.key = jose.private_key("RS256")
    for _ in range(3):
        assert idp.sign_in(newcomer.elsewhere(), theirs).status_code == 400
    assert theirs.asked.count("/jwks") <= 2


def test_a_provider_that_is_away_for_a_moment_is_known_on(newcomer: Person, theirs: Idp) -> None:
    idp.sign_in(newcomer.elsewhere(), theirs)
    theirs.answers["/jwks"] = theirs.answers["/.well-known/openid-configuration"] = (500, b"")
    assert idp.sign_in(newcomer.elsewhere(), theirs).status_code == 200
    discovery.forget()
    form = next(one for one in Page(idp.page_of(newcomer)).forms if "theirs" in one.action)
    assert newcomer.browser.submit(form).status_code == 400


def test_who_starts_very_often_has_to_wait(newcomer: Person, theirs: Idp) -> None:
    form = next(one for one in Page(idp.page_of(newcomer)).forms if "theirs" in one.action)
    with permitting(upstream="2/h"):
        found = [newcomer.browser.submit(form).status_code for _ in range(3)]
    assert found == [200, 200, 429]
