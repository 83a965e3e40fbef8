"""A person with a browser: signs up, signs in, agrees, refuses and signs out by reading the pages.

They know no address of the server but those they are sent to, and the links and forms they see.
"""

import re
import secrets
from dataclasses import dataclass, field, replace
from typing import Any

from accounts import people
from config import environment
from tests import letters, peers, second_factors
from tests.browser import Browser, Form, Page
from tests.doors import Door, Response
from tests.second_factors import App

PASSWORD = "Correct-Horse7battery"
MOST_PAGES = 8


def address() -> str:
    """Return an e-mail address that nobody has."""
    return f"{secrets.token_hex(8)}@example.com"


def browser(door: Door) -> Browser:
    """Return a new browser with a network address of its own."""
    peer = peers.somewhere()
    return Browser(Door(name=door.name, peer=peer), environment.current().issuer_origin)


@dataclass(slots=True, kw_only=True)
class Person:
    """Somebody. `subject` is '' until they have an account."""

    browser: Browser
    email: str = field(default_factory=address)
    password: str = PASSWORD
    name: str = "Ada Example"
    subject: str = ""
    app: App | None = None

    def sign_in(self, page: Response) -> Response:
        """Fill in the sign-in page."""
        form = _form(page, "login")
        return self.browser.submit(form, login=self.email, password=self.password)

    def prove(self, page: Response) -> Response:
        """Give the password once more."""
        return self.browser.submit(_form(page, "password"), password=self.password)

    def second_step(self, page: Response, code: str = "", **more: str) -> Response:
        """Type the code that the app shows."""
        assert self.app, "there is no app"
        form = _form(page, "code")
        form.fields |= more  # boxes that are not ticked are none of a form's fields
        return self.browser.submit(form, code=code or self.app.code())

    def sign_up(self, page: Response) -> Response:
        """Go from the sign-in page to a new account, up to the code that was mailed."""
        page = self.browser.open(Page(page).links["Create an account"])
        form = _form(page, "password1")
        page = self.browser.submit(form, name=self.name, email=self.email, password1=self.password)
        return self.browser.submit(_form(page, "code"), code=self.mailed_code())

    def mailed_code(self) -> str:
        """Return the code of the last mail to this person."""
        texts = [str(one.body) for one in letters.delivered() if self.email in one.to]
        found = re.search(r"^ {4}(\S+)$", texts[-1], re.MULTILINE) if texts else None
        assert found, f"no code was mailed to {self.email}, but {texts}"
        return found[1]

    def decide(self, page: Response, decision: str) -> Response:
        """Press a button: allow, deny, continue, other, sign_out, stay."""
        return self.browser.submit(_form(page, decision), decision)

    def sign_out(self) -> Response:
        """Sign out by the account pages."""
        page = self.browser.open(f"{environment.current().issuer}/")
        page = self.browser.open(Page(page).links["Sign out"])
        return self.browser.submit(_form(page, "csrfmiddlewaretoken"))

    def answer(self, page: Response, decision: str = "allow") -> Response:
        """Do what the pages ask, until the browser leaves the server or there is nothing to do."""
        for _ in range(MOST_PAGES):
            shown = Page(page) if page.status_code == 200 else None
            if shown is None or any(not self._is_ours(form) for form in shown.forms):
                return page
            if shown.form_with("allow"):
                page = self.decide(page, decision)
            elif shown.form_with("continue"):
                page = self.decide(page, "continue")
            elif shown.form_with("login"):
                page = self.sign_in(page)
            elif shown.form_with("password"):
                page = self.prove(page)
            elif self.app and shown.form_with("with"):
                page = self.second_step(page)
            else:
                return page
        raise AssertionError(f"{MOST_PAGES} pages lead nowhere, now at {page.url}")

    def visit(self, url: str, decision: str = "allow") -> Response:
        """Open an address and do what the pages ask."""
        return self.answer(self.browser.open(url), decision)

    def elsewhere(self) -> "Person":
        """Return the same person at another browser, where they are not signed in."""
        fresh = browser(self.browser.door)
        return replace(self, browser=fresh)

    def _is_ours(self, form: Form) -> bool:
        return form.action.startswith(f"{self.browser.site}/")


def careful(door: Door) -> Person:
    """Return a person with an account and an authenticator app."""
    someone = registered(door)
    someone.app = second_factors.given_app(someone.subject)
    return someone


def registered(door: Door, *, name: str = "Ada Example", **profile: Any) -> Person:
    """Return a person with an account, not signed in anywhere."""
    someone = Person(browser=browser(door), name=name)
    user = people.create(email=someone.email, password=someone.password, name=name, **profile)
    someone.subject = str(user.pk)
    return someone


def _form(page: Response, name: str) -> Form:
    form = Page(page).form_with(name)
    assert form, f"no form with {name} on {page.url}: {page.status_code} {Page(page).heading}"
    return form
