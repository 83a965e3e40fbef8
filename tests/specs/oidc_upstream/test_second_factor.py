"""RFC 9470 §1 — an account elsewhere is one factor, unless the operator says that it was more."""

import time
from typing import Any

import pytest
import time_machine

from accounts import people
from accounts.upstream import identities
from accounts.upstream.account import Account
from tests import idp, second_factors
from tests.browser import Page
from tests.idp import Idp
from tests.parties import Enrol
from tests.person import Person
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 9470 §1")


def known(theirs: Idp) -> Account:
    """Return the account elsewhere as it is known here."""
    return Account(provider_id=theirs.name, issuer=theirs.origin, sub=theirs.sub)


@pytest.fixture
def app(someone: Person, theirs: Idp) -> second_factors.App:
    """Return the authenticator app of somebody whose account is connected."""
    user = people.find(someone.subject)
    assert user is not None
    idp.connected(user, known(theirs))
    return second_factors.given_app(someone.subject)


@pytest.fixture
def rp(enrol: Enrol) -> RelyingParty:
    """Return a client."""
    return enrol()


def test_the_second_step_is_asked_for(
    someone: Person, theirs: Idp, app: second_factors.App, rp: RelyingParty
) -> None:
    began = rp.ask(someone)
    page = idp.sign_in(someone, theirs, someone.browser.follow(began.response))
    assert Page(page).heading == "The second step"
    between = rp.arrival(began.asked, someone.browser.open(rp.url(began.asked)))
    assert between.outcome == "page", "no code between the steps"
    silent = rp.authorize(someone, prompt="none")
    assert silent.error == "login_required"
    page = someone.browser.open(f"{someone.browser.site}/account/login/second/")
    form = Page(page).form_with("code")
    assert form
    page = someone.browser.submit(form, code=app.code())
    arrival = rp.arrival(began.asked, someone.answer(page))
    claims = rp.claims(rp.redeem(arrival).json()["id_token"])
    assert (claims["acr"], set(claims["amr"])) == ("2", {"fed", "otp", "mfa"})


@pytest.mark.parametrize(
    ("said", "is_enough"),
    [("urn:two", True), ("urn:one", False), (None, False), (["urn:two"], False), ("", False)],
)
def test_a_provider_that_asked_for_enough_spares_it(
    someone: Person, theirs: Idp, app: second_factors.App, said: Any, *, is_enough: bool
) -> None:
    del app
    theirs.settings["second_factor_acr"] = ("urn:two", "urn:three")
    theirs.claims = {"acr": said}
    with idp.offered(theirs):
        url = idp.leave(someone, theirs)
        assert idp.query_of(url)["acr_values"] == ["urn:two urn:three"]
        page = someone.browser.open(theirs.arrive(url))
    assert (Page(page).heading == "The second step") is not is_enough


def test_what_one_provider_is_believed_another_is_not(
    someone: Person, theirs: Idp, app: second_factors.App
) -> None:
    del app
    theirs.claims = {"acr": "2"}  # our own name for it means nothing from elsewhere
    assert Page(idp.sign_in(someone, theirs)).heading == "The second step"


@pytest.mark.parametrize("asked", [{"prompt": "login"}, {"max_age": "0"}, {}])
def test_an_application_that_wants_a_new_proof_has_the_provider_ask(
    someone: Person, theirs: Idp, rp: RelyingParty, asked: dict[str, str]
) -> None:
    user = people.find(someone.subject)
    assert user is not None
    idp.connected(user, known(theirs))
    page = someone.browser.follow(rp.ask(someone, **asked).response)
    url = idp.leave(someone, theirs, page)
    wanted = (["login"], ["0"]) if asked else (None, None)
    assert (idp.query_of(url).get("prompt"), idp.query_of(url).get("max_age")) == wanted
    theirs.claims = {"auth_time": int(time.time()) - 3600}
    page = someone.browser.open(theirs.arrive(url))
    assert (page.status_code == 400) is bool(asked), "an old proof is no new one"


def test_who_has_no_password_proves_it_by_signing_in_again(
    newcomer: Person, theirs: Idp, other: Idp
) -> None:
    form = Page(idp.sign_in(newcomer, theirs)).form_with("create")
    assert form
    newcomer.browser.submit(form, "create")
    page = idp.page_of(newcomer, "/account/connections/")
    form = next(one for one in Page(page).forms if one.fields.get("connect") == other.name)
    with time_machine.travel(time.time() + 1000, tick=True):
        page = newcomer.browser.submit(form)
        assert Page(page).heading == "Please sign in again"
        page = newcomer.decide(page, "other")
        page = idp.sign_in(newcomer, theirs, page)
        assert Page(page).heading == "Signing in with other accounts"


def test_who_says_not_me_is_rid_of_what_a_thief_connected(someone: Person, theirs: Idp) -> None:
    user = people.find(someone.subject)
    assert user is not None
    idp.connected(user, known(theirs))
    people.lock_out(someone.subject)
    assert identities.of(someone.subject) == []
    assert Page(idp.sign_in(someone, theirs)).heading != "Your account"


def test_who_may_not_sign_in_may_not_from_elsewhere(someone: Person, theirs: Idp) -> None:
    user = people.find(someone.subject)
    assert user is not None
    idp.connected(user, known(theirs))
    people.disable(someone.subject)
    idp.sign_in(someone, theirs)
    assert Page(idp.page_of(someone, "/account/email/")).form_with("login")


def test_who_is_deleted_is_nobody_elsewhere_either(someone: Person, theirs: Idp) -> None:
    user = people.find(someone.subject)
    assert user is not None
    idp.connected(user, known(theirs))
    people.delete(someone.subject)
    assert identities.owner(known(theirs)) is None
