"""What a person finds in their mail: codes and links, and what they do with them."""

import re

from config import environment
from tests import letters
from tests.browser import Browser, Form, Page
from tests.doors import Response
from tests.person import Person

CODE = re.compile(r"^ {4}(\S+)$", re.MULTILINE)


def account(path: str) -> str:
    """Return the address of an account page."""
    return f"{environment.current().issuer}/account/{path}"


def last(person: Person) -> str:
    """Return the text of the last mail to a person."""
    sent = letters.to(person.email)
    assert sent, f"no mail to {person.email}"
    return str(sent[-1].body)


def code(person: Person) -> str:
    """Return the code of the last mail that has one."""
    texts = [str(one.body) for one in letters.to(person.email)]
    found = [CODE.search(text) for text in texts]
    return next(one[1] for one in reversed(found) if one)


def link(person: Person, path: str = "account/") -> str:
    """Return the last address of ours below a path in a person's mail."""
    here = re.escape(f"{environment.current().issuer}/{path}")
    texts = [str(one.body) for one in letters.to(person.email)]
    found = [re.search(rf"^({here}\S+)$", text, re.MULTILINE) for text in texts]
    return next(one[1] for one in reversed(found) if one)


def form(page: Response, name: str = "csrfmiddlewaretoken") -> Form:
    """Return the form with this field."""
    found = Page(page).form_with(name)
    assert found, f"no {name} on {page.url}: {page.status_code} {Page(page).heading}"
    return found


def asked(browser: Browser, path: str, email: str) -> Response:
    """Fill in a page that asks for an address, and return the next one."""
    page = browser.open(account(path))
    return browser.submit(form(page, "email"), email=email)


def ask_for_reset(person: Person) -> Response:
    """Say that the password is forgotten; the answer is the page that asks for the code."""
    return asked(person.browser, "password/reset/", person.email)


def ask_to_sign_in(person: Person) -> Response:
    """Ask for a code to sign in with; the answer is the page that asks for it."""
    return asked(person.browser, "login/code/", person.email)


def choose(browser: Browser, page: Response, password: str) -> Response:
    """Fill in a new password."""
    fields = form(page, "password1")
    return browser.submit(fields, password1=password, password2=password)


def is_in(browser: Browser) -> bool:
    """Tell whether somebody is signed in."""
    page = browser.open(account(""))
    return page.status_code == 200 and page.url == account("")


def form_fields(page: Response) -> dict[str, str]:
    """Return the hidden fields of the first form of a page, if it has one."""
    return next((dict(one.fields) for one in Page(page).forms), {})
