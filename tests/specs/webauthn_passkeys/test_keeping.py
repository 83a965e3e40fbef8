"""ASVS 5.0 §6.3.7 — passkeys are listed, renamed and removed by their owner, who hears of it."""

import time
import uuid

import pytest
import time_machine

from accounts import history, people
from tests import authenticator, letters
from tests.authenticator import Authenticator
from tests.browser import Page
from tests.person import Person
from tests.specs.webauthn_passkeys import owner

pytestmark = pytest.mark.spec("ASVS 5.0 §6.3.7")


@pytest.fixture
def here(ada: Person) -> Person:
    """Return its owner, signed in."""
    ada.visit(owner.url(""))
    return ada


def press(here: Person, action: str, **fields: str) -> str:
    """Press a button of the passkey's page; return the heading of what comes."""
    page = here.browser.open(owner.link(here, "My phone"))
    form = Page(page).form_with(action)
    assert form
    return Page(here.browser.submit(form, action, **fields)).heading


def happened(here: Person) -> list[tuple[str, str]]:
    """Return what the history says of passkeys, the oldest first."""
    return [
        (one.name, one.detail)
        for one in reversed(history.of(here.subject))
        if one.name.startswith("passkey")
    ]


def test_a_new_name(here: Person) -> None:
    assert press(here, "rename", name=" Old phone ") == "Your passkeys"
    assert owner.names(here) == ["Old phone"]
    assert happened(here)[-1] == ("passkey_renamed", "Old phone")


@pytest.mark.parametrize("name", ["", "  ", "a\u202eb", "x" * 61])
def test_a_name_is_a_line_of_text(here: Person, name: str) -> None:
    press(here, "rename", name=name)
    assert owner.names(here) == ["My phone"]


def test_the_list_says_when_it_was_used(here: Person, device: Authenticator) -> None:
    page = here.browser.open(owner.url("passkeys/"))
    assert "Not used yet." in page.text
    owner.sign_in(here.elsewhere(), device)
    page = here.browser.open(owner.url("passkeys/"))
    assert "Last used on" in page.text
    assert device.name in page.text, "so that a password manager hides those that are gone"


def test_one_that_is_removed_signs_nobody_in(here: Person, device: Authenticator) -> None:
    there = here.elsewhere()
    page = there.browser.open(owner.url("login/"))
    assert press(here, "remove") == "Your passkeys"
    assert owner.names(here) == []
    assert "does not belong" in owner.sign_in(there, device, page).text
    assert not owner.is_signed_in(there)
    assert happened(here)[-1] == ("passkey_removed", "My phone")
    told = letters.to(here.email)[-1]
    assert ("removed" in told.subject, "My phone" in str(told.body)) == (True, True)


def test_removing_the_last_one_ends_the_second_step(here: Person) -> None:
    form = Page(here.browser.open(owner.url("security/"))).form_with("on")
    assert form
    here.browser.submit(form, "on")
    press(here, "remove")
    owner.add(here, Authenticator())
    there = here.elsewhere()
    there.visit(owner.url(""))
    assert owner.is_signed_in(there), "the wish ended with it, and does not come back by itself"


def test_those_of_others_do_not_exist(here: Person, somebody_else: Person) -> None:
    address = owner.link(here, "My phone")
    somebody_else.visit(owner.url(""))
    for number in (address, owner.url(f"passkeys/{uuid.uuid4()}/")):
        page = somebody_else.browser.open(number)
        assert (page.status_code, Page(page).heading) == (404, "There is no such passkey")
    form = Page(here.browser.open(address)).form_with("remove")
    token = Page(somebody_else.browser.open(owner.url("logout/"))).form_with("csrfmiddlewaretoken")
    assert form
    assert token
    form.fields |= {"csrfmiddlewaretoken": token.fields["csrfmiddlewaretoken"]}
    assert somebody_else.browser.press(form, "remove").status_code == 404
    assert owner.names(here) == ["My phone"]


@pytest.mark.spec("ASVS 5.0 §7.5.1")
@pytest.mark.parametrize("action", ["rename", "remove"])
def test_an_old_session_is_not_enough(here: Person, action: str) -> None:
    address = owner.link(here, "My phone")
    form = Page(here.browser.open(address)).form_with(action)
    assert form
    with time_machine.travel(time.time() + 16 * 60):
        assert Page(here.browser.open(address)).heading == "Is it still you?"
        fields = {"name": "Another"} if action == "rename" else {}
        page = here.browser.submit(form, action, **fields)
        assert Page(page).heading == "Is it still you?"
        assert owner.names(here) == ["My phone"]
        here.prove(page)
        assert owner.names(here) != ["My phone"], "what was posted is done after the proof"


def test_opening_its_page_changes_nothing(here: Person) -> None:
    here.browser.open(f"{owner.link(here, 'My phone')}?action=remove")
    assert owner.names(here) == ["My phone"]


def test_they_go_with_the_person(here: Person, device: Authenticator) -> None:
    people.delete(here.subject)
    assert owner.has(here) == 0
    there = here.elsewhere()
    assert "does not belong" in owner.sign_in(there, device).text


def test_whoever_is_not_signed_in_sees_none(someone: Person) -> None:
    for path in ("passkeys/", "passkeys/add/", "passkeys/offer/", f"passkeys/{uuid.uuid4()}/"):
        assert Page(someone.browser.open(owner.url(path))).heading == "Sign in"


class TestOffer:
    """One is offered after a sign-in: once, and only where the browser could keep it."""

    def ready(self, someone: Person, page: str = "login/", is_ready: str = "1") -> str:
        """Sign in with a browser that says so; return the heading of what comes."""
        form = Page(someone.browser.open(owner.url(page))).form_with("passkey_ready")
        assert form
        fields = {"login": someone.email, "password": someone.password}
        answer = someone.browser.submit(form, passkey_ready=is_ready, **fields)
        return Page(answer).heading

    def test_it_is_made_once(self, someone: Person) -> None:
        assert self.ready(someone) == "Sign in faster next time?"
        assert self.ready(someone.elsewhere()) == "One place to sign in"

    def test_a_browser_that_cannot_is_not_asked(self, someone: Person) -> None:
        assert self.ready(someone, is_ready="") == "One place to sign in"
        assert self.ready(someone.elsewhere()) == "Sign in faster next time?"

    def test_who_has_one_is_not_asked(self, ada: Person) -> None:
        assert self.ready(ada) == "One place to sign in"

    @pytest.mark.parametrize("path", ["passkeys/", "passkeys/add/"])
    def test_who_goes_there_is_not_asked(self, someone: Person, path: str) -> None:
        where = f"login/?next=/account/{path}"
        assert self.ready(someone, where) in {"Your passkeys", "Add a passkey"}

    def test_taken_or_not_it_goes_on_to_where_they_were_going(
        self, someone: Person, somebody_else: Person, device: Authenticator
    ) -> None:
        where = "login/?next=/account/applications/"
        assert self.ready(someone, where) == "Sign in faster next time?"
        page = someone.browser.visited[-1]
        going = Page(page).links["Not now"]
        assert Page(someone.browser.open(going)).heading == "Your applications"
        self.ready(somebody_else, where)
        page = somebody_else.browser.visited[-1]
        answer = device.create(authenticator.options(page, "create"))
        page = somebody_else.browser.submit(authenticator.form(page), credential=answer)
        assert Page(page).heading == "Your applications"
        assert owner.has(somebody_else) == 1

    def test_it_leads_to_no_other_site(self, someone: Person) -> None:
        someone.visit(owner.url(""))
        page = someone.browser.open(owner.url("passkeys/offer/?next=https://evil.test/"))
        assert "evil.test" not in page.text

    def test_a_new_account_is_asked(self, someone: Person) -> None:
        form = Page(someone.browser.open(owner.url("signup/"))).form_with("password1")
        assert form
        address = f"new-{someone.email}"
        page = someone.browser.submit(
            form, passkey_ready="1", name="New", email=address, password1=someone.password
        )
        form = Page(page).form_with("code")
        assert form
        someone.email = address
        page = someone.browser.submit(form, code=someone.mailed_code())
        assert Page(page).heading == "Sign in faster next time?"
