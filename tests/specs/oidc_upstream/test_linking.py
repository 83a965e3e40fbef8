"""OIDC Core §5.7 — whose account it is here: never by an address, only by its owner's own word."""

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.core import mail

from accounts import history, people
from accounts.upstream import identities
from config import outbox, policy
from config.factors import Factors
from tests import idp, person
from tests.browser import Form, Page
from tests.doors import Response
from tests.idp import Idp
from tests.person import Person

pytestmark = pytest.mark.spec("OIDC Core §5.7")
TITLE = "Signing in with other accounts"


def linked(person: Person) -> list[tuple[str, str]]:
    """Return issuer and subject of what a person's account is connected to."""
    return [(one.issuer, one.sub) for one in identities.of(person.subject)]


def connections(person: Person) -> Response:
    """Open the page, signing in on the way."""
    page = idp.page_of(person, "/account/connections/")
    return person.sign_in(page) if Page(page).form_with("login") else page


def form_of(page: Response, name: str, value: str = "") -> Form:
    """Return the form that connects or disconnects."""
    forms = [one for one in Page(page).forms if name in one.fields]
    return next(one for one in forms if value in {"", one.fields[name]})


def connect(person: Person, theirs: Idp) -> Response:
    """Connect an account elsewhere by the page."""
    left = person.browser.submit(form_of(connections(person), "connect", theirs.name))
    return person.browser.open(theirs.arrive(idp.onward(left, theirs)))


def facts(page: Response) -> str:
    """Return what a page says, without what differs from visit to visit."""
    text = re.sub(r'value="[^"]{20,}"|result=[\w%.-]+|result%3D[\w%.-]+', "", page.text)
    return re.sub(r"login_hint=[^\"&]+|email=[^\"&]+", "", text)


class TestAnAddressThatIsSomebodys:
    def test_proven_at_both_ends_still_asks_the_owner(self, someone: Person, theirs: Idp) -> None:
        theirs.email = someone.email
        page = idp.sign_in(someone, theirs)
        assert Page(page).heading == "You have an account here"
        assert linked(someone) == []
        page = someone.browser.open(Page(page).links["Sign in and connect"])
        assert someone.email in page.text, "the address is filled in"
        page = someone.sign_in(page)
        assert Page(page).heading == "Connect this account?"
        assert linked(someone) == [], "looking is not agreeing"
        form = form_of(page, "result")
        page = someone.browser.submit(form, "connect")
        assert linked(someone) == [(theirs.origin, theirs.sub)]
        assert "is connected" in page.text

    def test_who_signed_in_long_ago_proves_it_first(self, someone: Person, theirs: Idp) -> None:
        theirs.email = someone.email
        page = idp.sign_in(someone, theirs)
        connections(someone)  # signed in in another tab, and then away for a while
        with policy.replaced(factors=Factors(fresh_for=timedelta(0))):
            asked = someone.browser.open(page.url)
            assert Page(asked).heading == "Is it still you?"
            form = {"result": idp.query_of(page.url)["result"][0], "decision": "connect"}
            token = csrf_signed_in(someone)
            sent = {**form, "account": someone.subject, "csrfmiddlewaretoken": token}
            assert someone.browser.send("POST", page.url, sent).status_code == 303
        assert linked(someone) == []

    def test_the_owner_may_say_no(self, someone: Person, theirs: Idp) -> None:
        theirs.email = someone.email
        page = someone.browser.open(Page(idp.sign_in(someone, theirs)).links["Sign in and connect"])
        form = form_of(someone.sign_in(page), "result")
        someone.browser.submit(form, "not_now")
        assert linked(someone) == []
        assert someone.browser.submit(form, "connect").status_code == 400, "and no means no"
        assert linked(someone) == []

    def test_unproven_there_tells_nothing_and_links_nothing(
        self, someone: Person, somebody_else: Person, theirs: Idp
    ) -> None:
        theirs.is_verified = False
        theirs.email = someone.email
        known = idp.sign_in(somebody_else, theirs)
        theirs.sub, theirs.email = "nobody", person.address()
        unknown = idp.sign_in(somebody_else.elsewhere(), theirs)
        assert Page(known).heading == Page(unknown).heading == "Are you new here?"
        assert facts(known) == facts(unknown)
        assert len(known.text) - len(unknown.text) == 0
        assert linked(someone) == []

    def test_an_operator_may_believe_no_address(self, someone: Person, theirs: Idp) -> None:
        theirs.settings["is_email_trusted"] = False
        theirs.email = someone.email
        with idp.offered(theirs):
            assert Page(idp.sign_in(someone, theirs)).heading == "Are you new here?"

    def test_a_look_alike_is_no_other_address(self, someone: Person, theirs: Idp) -> None:
        theirs.email = someone.email.upper()
        assert Page(idp.sign_in(someone, theirs)).heading == "You have an account here"
        theirs.email = someone.email.replace("e", "\uff45")  # full width: nobody signs up with it
        assert Page(idp.sign_in(someone, theirs)).heading == "Are you new here?"
        assert linked(someone) == []

    def test_signing_up_afterwards_connects_once_the_address_is_proven(
        self, newcomer: Person, theirs: Idp
    ) -> None:
        theirs.is_verified, theirs.email = False, newcomer.email
        page = idp.sign_in(newcomer, theirs)
        page = newcomer.browser.open(Page(page).links["Create an account"])
        form = Page(page).form_with("password1")
        assert form
        assert form.fields["email"] == newcomer.email
        page = newcomer.browser.submit(form, password1=newcomer.password, name="New")
        assert identities.of(str(people.find_by_email(newcomer.email).pk)) == []  # type: ignore[union-attr]
        code = Page(page).form_with("code")
        assert code
        page = newcomer.browser.submit(code, code=newcomer.mailed_code())
        assert Page(page).heading == "Connect this account?"
        newcomer.browser.submit(form_of(page, "result"), "connect")
        newcomer.subject = str(people.find_by_email(newcomer.email).pk)  # type: ignore[union-attr]
        assert linked(newcomer) == [(theirs.origin, theirs.sub)]

    def test_where_nobody_new_is_wanted_nobody_gets_an_account(
        self, newcomer: Person, theirs: Idp
    ) -> None:
        theirs.settings["is_sign_up_offered"] = False
        with idp.offered(theirs):
            page = idp.sign_in(newcomer, theirs)
            assert "Create an account" not in Page(page).links
            assert Page(page).form_with("create") is None
            form = {"decision": "create", "csrfmiddlewaretoken": csrf(newcomer)}
            assert newcomer.browser.send("POST", page.url, form).status_code == 200
        assert people.find_by_email(theirs.email) is None


def csrf(person: Person) -> str:
    """Return a token that a form of this browser would carry."""
    form = Page(idp.page_of(person, "/account/login/")).form_with("login")
    assert form
    return form.fields["csrfmiddlewaretoken"]


class TestTheConnectionsPage:
    def test_connects_and_disconnects_and_says_so(self, someone: Person, theirs: Idp) -> None:
        page = connect(someone, theirs)
        assert Page(page).heading == TITLE
        assert linked(someone) == [(theirs.origin, theirs.sub)]
        page = someone.browser.submit(form_of(connections(someone), "disconnect"))
        assert linked(someone) == []
        names = [one.name for one in history.of(someone.subject)]
        assert {"upstream_connected", "upstream_disconnected"} <= set(names)
        outbox.deliver_due()
        told = [one.subject for one in mail.outbox if someone.email in one.to]
        assert {"Theirs now signs you in", "Theirs no longer signs you in"} <= set(told)

    def test_only_for_who_has_just_proved_who_they_are(self, someone: Person, theirs: Idp) -> None:
        connect(someone, theirs)
        page = connections(someone)
        with time_machine.travel(time.time() + 1000, tick=True):
            asked = someone.browser.submit(form_of(page, "connect"))
            assert Page(asked).heading == "Is it still you?"
            asked = someone.browser.submit(form_of(page, "disconnect"))
            assert Page(asked).heading == "Is it still you?"
            assert len(linked(someone)) == 1
            someone.prove(asked)
        assert linked(someone) == [], "what was asked for is done then"

    def test_a_connection_is_for_the_session_that_asked(self, someone: Person, theirs: Idp) -> None:
        left = someone.browser.submit(form_of(connections(someone), "connect", "theirs"))
        url = theirs.arrive(idp.onward(left, theirs))
        someone.sign_out()
        connections(someone)
        assert someone.browser.open(url).status_code == 400
        assert linked(someone) == []

    def test_a_session_that_has_grown_old_connects_nothing(
        self, someone: Person, theirs: Idp
    ) -> None:
        left = someone.browser.submit(form_of(connections(someone), "connect", "theirs"))
        url = theirs.arrive(idp.onward(left, theirs))
        with policy.replaced(factors=Factors(fresh_for=timedelta(0))):
            assert someone.browser.open(url).status_code == 400
        assert linked(someone) == []

    def test_somebody_elses_stays_somebody_elses(
        self, someone: Person, somebody_else: Person, theirs: Idp
    ) -> None:
        connect(someone, theirs)
        page = connect(somebody_else, theirs)
        assert "another account here" in page.text
        assert (linked(someone), linked(somebody_else)) == ([(theirs.origin, theirs.sub)], [])
        form = form_of(connections(someone), "disconnect")
        stolen = form_of(connections(somebody_else), "connect")
        fields = {**stolen.fields, "disconnect": form.fields["disconnect"]}
        del fields["connect"]
        somebody_else.browser.send("POST", stolen.action, fields)
        assert linked(someone) == [(theirs.origin, theirs.sub)]

    def test_the_last_way_in_stays(self, newcomer: Person, theirs: Idp, other: Idp) -> None:
        form = form_of(idp.sign_in(newcomer, theirs), "result")
        newcomer.browser.submit(form, "create")
        newcomer.subject = str(people.find_by_email(theirs.email).pk)  # type: ignore[union-attr]
        page = connections(newcomer)
        assert "your only way to sign in" in page.text
        only = identities.of(newcomer.subject)[0].id
        fields = {**form_of(page, "connect").fields, "disconnect": only, "connect": ""}
        newcomer.browser.send("POST", page.url, fields)
        assert len(linked(newcomer)) == 1
        connect(newcomer, other)
        page = connections(newcomer)
        both = [one.fields["disconnect"] for one in Page(page).forms if "disconnect" in one.fields]
        assert len(both) == 2
        token = {**form_of(page, "connect").fields, "connect": ""}

        def end(one: str) -> int:
            sent = newcomer.browser.send("POST", page.url, {**token, "disconnect": one})
            return sent.status_code

        with ThreadPoolExecutor(2) as crowd:
            assert set(crowd.map(end, both)) <= {302, 303}
        assert len(linked(newcomer)) == 1, "two tabs cannot take both"

    def test_of_a_provider_switched_off_is_no_way_in(
        self, newcomer: Person, theirs: Idp, other: Idp
    ) -> None:
        form = form_of(idp.sign_in(newcomer, theirs), "result")
        newcomer.browser.submit(form, "create")
        newcomer.subject = str(people.find_by_email(theirs.email).pk)  # type: ignore[union-attr]
        connect(newcomer, other)
        other.settings["is_enabled"] = False
        with idp.offered(theirs, other):
            page = connections(newcomer)
            assert "does not offer it any more" in page.text
            first = next(one for one in identities.of(newcomer.subject) if one.is_usable)
            assert first.id not in json.dumps([one.fields for one in Page(page).forms])


class TestWhoDidNotAsk:
    def test_a_callback_from_a_flow_of_a_stranger_connects_nothing(
        self, someone: Person, somebody_else: Person, theirs: Idp
    ) -> None:
        connections(someone)
        url = theirs.arrive(idp.leave(somebody_else, theirs))
        assert someone.browser.open(url).status_code == 400
        left = somebody_else.browser.submit(
            form_of(connections(somebody_else), "connect", "theirs")
        )
        url = theirs.arrive(idp.onward(left, theirs))
        assert someone.browser.open(url).status_code == 400
        assert linked(someone) == []

    def test_looking_at_the_page_with_a_provider_in_the_address_changes_nothing(
        self, someone: Person, theirs: Idp
    ) -> None:
        connections(someone)
        someone.browser.open(f"{someone.browser.site}/account/connections/?connect=theirs")
        assert theirs.asked == []

    def test_a_form_shown_for_somebody_else_asks_again(
        self, someone: Person, somebody_else: Person, theirs: Idp
    ) -> None:
        page = idp.sign_in(someone, theirs)
        page = someone.browser.open(Page(page).links["I already have an account"])
        form = form_of(someone.sign_in(page), "result")
        someone.sign_out()
        other_tab = idp.page_of(someone, "/account/login/")
        login = Page(other_tab).form_with("login")
        assert login
        someone.browser.submit(login, login=somebody_else.email, password=somebody_else.password)
        form.fields["csrfmiddlewaretoken"] = csrf_signed_in(someone)
        page = someone.browser.submit(form, "connect")
        assert Page(page).heading == "Connect this account?"
        assert (linked(someone), linked(somebody_else)) == ([], [])


def csrf_signed_in(person: Person) -> str:
    """Return a token that a form of this browser would carry."""
    return form_of(idp.page_of(person, "/account/connections/"), "connect").fields[
        "csrfmiddlewaretoken"
    ]
