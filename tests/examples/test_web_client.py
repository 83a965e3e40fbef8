"""examples/web-client: the whole journey, and every answer it must not take."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

import pytest

from tests.browser import Browser, Page
from tests.doors import Response
from tests.examples.world import Wire, World
from tests.person import Person

pytestmark = pytest.mark.leg("sqlite")
COOKIE = "example_web_client"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A person at the application: one browser, two sites."""

    here: World
    app: Browser
    person: Person

    def to_the_issuer(self) -> str:
        """Press Sign in; return where the application sends the browser."""
        page = self.app.open(f"{self.here.web}/")
        sent = self.app.open(Page(page).links["Sign in"])
        assert sent.location.startswith(f"{self.here.issuer}/oauth2/authorize?")
        return sent.location

    def answer(self, decision: str = "allow") -> dict[str, str]:
        """Sign in at the issuer; return what it sends to the application, unsent."""
        sent = self.person.visit(self.to_the_issuer(), decision)
        where, _, query = sent.location.partition("?")
        assert where == f"{self.here.web}/callback", sent.text
        return dict(parse_qsl(query))

    def bring(self, answer: dict[str, str]) -> Response:
        """Bring an answer to the application."""
        return self.app.open(f"{self.here.web}/callback?{urlencode(answer)}")

    def sign_in(self) -> Page:
        """Sign in; return the page that greets."""
        return Page(self.bring(self.answer()))

    def press(self, page: Page, path: str) -> Response:
        """Press the button whose form goes to a path."""
        form = next(form for form in page.forms if form.action == f"{self.here.web}{path}")
        return self.app.submit(form)

    @property
    def is_signed_in(self) -> bool:
        """Tell whether the application knows the person."""
        return Page(self.app.open(f"{self.here.web}/")).heading.startswith("Hello")


@pytest.fixture
def visitor(here: World) -> Iterator[Visitor]:
    """Yield somebody who has never been here; no page may break what all pages promise."""
    found = Visitor(here=here, app=Browser(Wire(), here.web), person=here.person())
    yield found
    for page in found.app.visited:
        # An access token is a JWT, and refresh tokens and codes have their prefixes.
        assert not re.search(r"eyJ[\w-]+\.eyJ|as_(?:rt|ac)_", page.text), "a token left the server"
        assert page.headers["Cache-Control"] == "no-store"
        assert Page(page).inline == []


def claims(page: Response) -> dict[str, str]:
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page.text))


def refusal(page: Response) -> str:
    assert (page.status_code, Page(page).heading) == (400, "That did not work"), page.text
    return page.text


def test_the_demo_is_registered_where_the_example_listens_by_default(here: World) -> None:
    assert here.registered["redirect_uris"] == ["http://127.0.0.1:8010/callback"]
    assert here.registered["post_logout_redirect_uris"] == ["http://127.0.0.1:8010/"]


def test_a_person_signs_in_sees_who_they_are_refreshes_and_signs_out(visitor: Visitor) -> None:
    greeting = visitor.bring(visitor.answer())
    assert Page(greeting).heading == "Hello, Demo Person"
    seen = claims(greeting)
    assert seen["email"] == visitor.person.email
    assert (seen["iss"], seen["aud"]) == (visitor.here.issuer, "demo-web")
    assert "nonce" in seen

    for _ in range(2):  # a rotated refresh token is kept, or the second time would fail
        greeting = visitor.press(Page(greeting), "/refresh")
        assert Page(greeting).heading == "Hello, Demo Person"
        assert "nonce" not in claims(greeting)

    there = visitor.press(Page(greeting), "/sign-out")
    back = visitor.person.browser.open(there.location)
    assert back.location.startswith(f"{visitor.here.web}/?state=")
    assert Page(visitor.app.open(back.location)).heading == "You are signed out"
    assert not visitor.is_signed_in
    login = Page(visitor.person.browser.open(visitor.to_the_issuer()))
    assert login.form_with("login"), "signed out at the issuer as well"


def test_by_the_other_name_of_this_machine_it_leads_to_its_own(here: World) -> None:
    port = here.web.rpartition(":")[2]
    for path in ("/", "/sign-in?x=y"):
        answer = Wire().send("GET", here.web + path, headers={"Host": f"localhost:{port}"})
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{here.web}/")
        assert answer.headers["Set-Cookie"] is None


def test_it_calls_the_api_both_ways(visitor: Visitor) -> None:
    greeting = visitor.sign_in()
    for label, way in (
        ("Call the API", "locally"),
        ("The same, by introspection", "by-introspection"),
    ):
        said = visitor.app.open(greeting.links[label])
        assert "Status 200" in said.text
        assert claims(said)["checked"] == way


def test_the_login_page_names_the_application(visitor: Visitor) -> None:
    page = visitor.person.browser.open(visitor.to_the_issuer())
    assert "Demo web application" in page.text


@pytest.mark.parametrize("state", ["", "a" * 43, "é"])
def test_an_answer_with_another_state_is_refused(visitor: Visitor, state: str) -> None:
    answer = visitor.answer()
    assert "No sign-in" in refusal(visitor.bring(answer | {"state": state}))
    assert not visitor.is_signed_in


@pytest.mark.parametrize("iss", [None, "", "http://localhost:8000/", "https://elsewhere.example"])
def test_an_answer_of_another_issuer_is_refused(visitor: Visitor, iss: str | None) -> None:
    answer = visitor.answer()
    changed = {name: value for name, value in answer.items() if name != "iss"}
    changed |= {} if iss is None else {"iss": iss}
    assert "RFC 9207" in refusal(visitor.bring(changed))
    assert not visitor.is_signed_in


def test_an_answer_to_another_browser_is_refused(here: World, visitor: Visitor) -> None:
    answer = visitor.answer()
    victim = Visitor(here=here, app=Browser(Wire(), here.web), person=here.person())
    victim.to_the_issuer()
    refusal(victim.bring(answer))
    assert not victim.is_signed_in


def test_a_code_of_another_sign_in_is_refused(visitor: Visitor) -> None:
    stolen = visitor.answer()["code"]
    assert "invalid_grant" in refusal(visitor.bring(visitor.answer() | {"code": stolen}))
    assert not visitor.is_signed_in


def test_an_answer_counts_once(here: World, visitor: Visitor) -> None:
    answer = visitor.answer()
    assert Page(visitor.bring(answer)).heading == "Hello, Demo Person"
    # The back button brings it again: nothing happens to somebody who is signed in.
    assert Page(visitor.bring(answer)).heading == "Hello, Demo Person"
    other = Visitor(here=here, app=Browser(Wire(), here.web), person=here.person())
    refusal(other.bring(answer))


def test_a_person_may_say_no(visitor: Visitor) -> None:
    where = visitor.to_the_issuer().replace("scope=", "prompt=consent&scope=")
    sent = visitor.person.visit(where, "deny")
    assert "access_denied" in refusal(visitor.app.open(sent.location))
    assert not visitor.is_signed_in


def test_two_sign_ins_may_be_under_way_in_one_browser(visitor: Visitor) -> None:
    first, second = visitor.answer(), visitor.answer()
    assert Page(visitor.bring(second)).heading == "Hello, Demo Person"
    assert Page(visitor.bring(first)).heading == "Hello, Demo Person"


def test_the_cookie_is_its_own_and_changes_at_sign_in(visitor: Visitor) -> None:
    visitor.to_the_issuer()
    before = visitor.app.jar.cookies[COOKIE]
    visitor.sign_in()
    after = visitor.app.jar.cookies[COOKIE]
    assert before.value != after.value
    assert (after["httponly"], after["samesite"], after["path"]) == (True, "Lax", "/")
    planted = Browser(Wire(), visitor.here.web)
    planted.jar.cookies, planted.jar._ends = {COOKIE: before}, {COOKIE: 9e9}
    assert Page(planted.open(f"{visitor.here.web}/")).heading == "Welcome"


@pytest.mark.parametrize("csrf", [None, "", "é", "a" * 43])
@pytest.mark.parametrize("path", ["/sign-out", "/refresh"])
def test_a_form_from_elsewhere_does_nothing(visitor: Visitor, path: str, csrf: str | None) -> None:
    visitor.sign_in()
    form = {} if csrf is None else {"csrf": csrf}
    assert visitor.app.send("POST", f"{visitor.here.web}{path}", form).status_code == 404
    assert visitor.app.send("GET", f"{visitor.here.web}{path}").status_code == 404
    assert visitor.is_signed_in


def test_a_sign_out_form_works_once(visitor: Visitor) -> None:
    greeting = visitor.sign_in()
    assert visitor.press(greeting, "/sign-out").status_code == 303
    assert visitor.press(greeting, "/sign-out").status_code == 404


def test_nobody_is_signed_out_by_a_link(visitor: Visitor) -> None:
    visitor.sign_in()
    for state in ("", "x"):
        page = visitor.app.open(f"{visitor.here.web}/?state={state}")
        assert Page(page).heading == "Hello, Demo Person"


def test_its_pages_may_load_and_send_nothing_else(visitor: Visitor) -> None:
    page = visitor.app.open(f"{visitor.here.web}/")
    policy = page.headers["Content-Security-Policy"] or ""
    assert "default-src 'none'" in policy
    assert f"form-action 'self' {visitor.here.issuer}/" in policy
    assert all(load.startswith(f"{visitor.here.web}/") for load in Page(page).loads)
    for load in Page(page).loads:
        assert visitor.app.door.get(load).status_code == 200
