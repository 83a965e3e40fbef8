"""RFC 9700 §4.7 — a callback counts once, in the browser that asked, from where it went to."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import time_machine

from accounts import people
from accounts.upstream import identities
from tests import idp
from tests.browser import Form, Page
from tests.idp import Idp
from tests.person import Person

pytestmark = pytest.mark.spec("RFC 9700 §4.7")
FAILED = "This did not work"
TITLE = "Signing in with other accounts"


@pytest.fixture
def connected(someone: Person, theirs: Idp) -> Person:
    """Return somebody whose account is connected already, at a browser where they are not."""
    theirs.email = ""
    someone.sign_in(idp.page_of(someone, "/account/login/?next=/account/connections/"))
    page = idp.page_of(someone, "/account/connections/")
    form = next(one for one in Page(page).forms if one.fields.get("connect") == "theirs")
    url = idp.onward(someone.browser.submit(form), theirs)
    assert Page(someone.browser.open(theirs.arrive(url))).heading == TITLE
    return someone.elsewhere()


def is_in(person: Person) -> bool:
    """Tell whether somebody is signed in in this browser."""
    return Page(idp.page_of(person, "/account/email/")).form_with("login") is None


def button(person: Person, name: str) -> Form:
    """Return the form of a provider's button on the sign-in page."""
    forms = Page(idp.page_of(person)).forms
    return next(one for one in forms if one.action.endswith(f"/upstream/{name}/start/"))


def refused(person: Person, url: str, caplog: pytest.LogCaptureFixture) -> str:
    """Come back and be refused; return the reason that is logged."""
    caplog.clear()
    with caplog.at_level(logging.INFO):
        page = person.browser.open(url)
    assert (page.status_code, Page(page).heading) == (400, FAILED)
    assert not is_in(person)
    said = [one for one in caplog.records if one.getMessage() == "upstream_refused"]
    assert len(said) == 1
    return str(said[0].__dict__["fields"]["reason"])


def test_the_right_one_signs_in(connected: Person, theirs: Idp) -> None:
    idp.sign_in(connected, theirs)
    assert is_in(connected)


def test_a_callback_of_another_browser_is_refused(
    connected: Person, somebody_else: Person, theirs: Idp, caplog: pytest.LogCaptureFixture
) -> None:
    url = theirs.arrive(idp.leave(connected, theirs))  # the attacker's code and state
    assert "No visit of this browser" in refused(somebody_else, url, caplog)
    idp.leave(somebody_else, theirs)  # a visit of their own under way does not help
    assert "No visit of this browser" in refused(somebody_else, url, caplog)
    connected.browser.open(url)
    assert is_in(connected), "and it costs the one it belongs to nothing"


def test_a_state_counts_once(
    connected: Person, theirs: Idp, caplog: pytest.LogCaptureFixture
) -> None:
    url = theirs.arrive(idp.leave(connected, theirs))
    connected.browser.open(url)
    connected.sign_out()
    assert "No visit" in refused(connected, url, caplog)


def test_of_many_callbacks_at_once_one_counts(connected: Person, theirs: Idp) -> None:
    url = theirs.arrive(idp.leave(connected, theirs))
    with ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(lambda _: connected.browser.send("GET", url), range(8)))
    assert sorted(one.status_code for one in answers) == [302, *[400] * 7]
    assert theirs.asked.count("/token") == 2, "one to connect, one to sign in"


def test_a_visit_ends_by_itself(
    connected: Person, theirs: Idp, caplog: pytest.LogCaptureFixture
) -> None:
    url = theirs.arrive(idp.leave(connected, theirs))
    with time_machine.travel(time.time() + 601, tick=True):
        assert "No visit" in refused(connected, url, caplog)


@pytest.mark.parametrize(
    "query", ["", "state=x", "code=x", "code=a&state=%00", "code=a&state=" + "x" * 5000]
)
def test_who_never_left_is_refused(newcomer: Person, theirs: Idp, query: str) -> None:
    page = idp.page_of(newcomer, f"/account/upstream/theirs/callback?{query}")
    assert page.status_code == 400
    assert not is_in(newcomer)
    assert theirs.asked == []


@pytest.mark.spec("RFC 9207 §2.4")
class TestMixUp:
    def test_a_state_of_one_provider_at_anothers_callback(
        self, connected: Person, theirs: Idp, other: Idp, caplog: pytest.LogCaptureFixture
    ) -> None:
        url = theirs.arrive(idp.leave(connected, theirs))
        swapped = url.replace("/upstream/theirs/", "/upstream/other/")
        assert "another provider" in refused(connected, swapped, caplog)
        assert "/token" not in other.asked, "no code of one is shown to the other"

    @pytest.mark.parametrize("iss", ["other", "prefix", "empty", "missing"])
    def test_an_answer_that_names_another_issuer(
        self, connected: Person, theirs: Idp, other: Idp, caplog: pytest.LogCaptureFixture, iss: str
    ) -> None:
        named = {"other": other.origin, "prefix": f"{theirs.origin}/", "empty": "", "missing": ""}
        url = theirs.arrive(idp.leave(connected, theirs), iss=named[iss])
        url = url.replace("&iss=", "") if iss == "missing" else url
        assert "another issuer" in refused(connected, url, caplog)
        assert theirs.asked.count("/token") == 1, "the one that connected it"

    def test_a_code_of_another_provider(
        self, connected: Person, theirs: Idp, other: Idp, caplog: pytest.LogCaptureFixture
    ) -> None:
        foreign = idp.query_of(other.arrive(idp.leave(connected, other)))["code"][0]
        url = theirs.arrive(idp.leave(connected, theirs), code=foreign)
        assert "token endpoint" in refused(connected, url, caplog)

    def test_an_answer_that_says_something_twice(
        self, connected: Person, theirs: Idp, caplog: pytest.LogCaptureFixture
    ) -> None:
        url = theirs.arrive(idp.leave(connected, theirs))
        assert "twice" in refused(connected, f"{url}&code=another", caplog)

    @pytest.mark.parametrize("issuer", ["other", "prefix", "missing"])
    def test_metadata_of_another_issuer(
        self, newcomer: Person, theirs: Idp, other: Idp, issuer: str
    ) -> None:
        said = {"other": other.origin, "prefix": f"{theirs.origin}/", "missing": None}
        theirs.metadata = {"issuer": said[issuer]}
        form = button(newcomer, "theirs")
        assert newcomer.browser.submit(form).status_code == 400


@pytest.mark.parametrize(
    "metadata",
    [
        {"id_token_signing_alg_values_supported": ["none", "HS256"]},
        {"token_endpoint": "http://127.0.0.1:1/token"},
        {"jwks_uri": "https://192.168.0.1/jwks"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"userinfo_endpoint": "file:///etc/passwd"},
        {"token_endpoint": None},
        {"jwks_uri": ["https://a.example"]},
    ],
    ids=str,
)
def test_metadata_that_cannot_be_leads_nowhere(
    newcomer: Person, theirs: Idp, metadata: dict[str, Any]
) -> None:
    theirs.metadata = metadata
    assert newcomer.browser.submit(button(newcomer, "theirs")).status_code == 400


class TestSwitchedOff:
    def test_is_nowhere(self, connected: Person, theirs: Idp, other: Idp) -> None:
        form = button(connected, "theirs")
        under_way = theirs.arrive(idp.leave(connected, theirs))
        theirs.settings["is_enabled"] = False
        with idp.offered(theirs, other):
            assert "/upstream/theirs/" not in idp.page_of(connected).text
            assert connected.browser.submit(form).status_code == 404
            assert connected.browser.open(form.action).status_code == 404
            assert connected.browser.open(under_way).status_code == 404
            page = connected.browser.send("POST", under_way, {"code": "x"})
            assert page.status_code in {303, 404, 405}
            assert not is_in(connected)
            assert identities.ways_in(connected.subject) == 0

    def test_who_waits_for_an_account_gets_none(
        self, newcomer: Person, theirs: Idp, other: Idp
    ) -> None:
        other.email = newcomer.email
        form = Page(idp.sign_in(newcomer, other)).form_with("create")
        assert form
        other.settings["is_enabled"] = False
        with idp.offered(theirs, other):
            assert newcomer.browser.submit(form, "create").status_code == 400
        assert people.find_by_email(newcomer.email) is None

    def test_is_refused_under_another_issuer(
        self, connected: Person, theirs: Idp, other: Idp
    ) -> None:
        under_way = theirs.arrive(idp.leave(connected, theirs))
        theirs.settings["issuer"] = other.origin
        with idp.offered(theirs, other):
            assert connected.browser.open(under_way).status_code == 400
        assert other.asked == [], "no code of one is shown to the other"


class TestTheHandleOfWhoArrived:
    @pytest.fixture
    def waiting(self, newcomer: Person, other: Idp, theirs: Idp) -> str:
        """Return the page where somebody is asked whether to make an account."""
        del theirs
        other.email = newcomer.email
        return idp.sign_in(newcomer, other).url

    def test_counts_once(self, newcomer: Person, waiting: str) -> None:
        form = Page(newcomer.browser.open(waiting)).form_with("create")
        assert form
        newcomer.browser.submit(form, "create")
        newcomer.sign_out()
        assert newcomer.browser.open(waiting).status_code == 400

    def test_counts_in_its_browser_only(
        self, newcomer: Person, somebody_else: Person, other: Idp, waiting: str
    ) -> None:
        assert somebody_else.browser.open(waiting).status_code == 400
        idp.leave(somebody_else, other)
        assert somebody_else.browser.open(waiting).status_code == 400
        assert newcomer.browser.open(waiting).status_code == 200

    def test_ends_by_itself(self, newcomer: Person, waiting: str) -> None:
        form = Page(newcomer.browser.open(waiting)).form_with("create")
        assert form
        with time_machine.travel(time.time() + 901, tick=True):
            assert newcomer.browser.submit(form, "create").status_code == 400
        assert people.find_by_email(newcomer.email) is None

    def test_of_many_at_once_one_makes_an_account(self, newcomer: Person, waiting: str) -> None:
        form = Page(newcomer.browser.open(waiting)).form_with("create")
        assert form
        fields = {**form.fields, "decision": "create"}
        path = f"{newcomer.browser.site}{urlsplit(waiting).path}"
        with ThreadPoolExecutor(6) as crowd:
            list(crowd.map(lambda _: newcomer.browser.send("POST", path, fields), range(6)))
        user = people.find_by_email(newcomer.email)
        assert user is not None
        assert len(identities.of(str(user.pk))) == 1


def test_where_one_goes_on_to_is_here(newcomer: Person, theirs: Idp) -> None:
    for evil in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        query = urlencode({"next": evil})
        page = idp.page_of(newcomer, f"/account/upstream/theirs/start/?{query}")
        form = Page(page).form_with("next")
        assert form
        assert form.fields["next"] == "/account/"
