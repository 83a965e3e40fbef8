"""A person's own pages, by what they see and press."""

from config import environment
from tests.browser import Form, Page
from tests.doors import Response
from tests.person import Person


def address(path: str) -> str:
    """Return the address of one of a person's own pages: `sessions`, or '' for the account."""
    return f"{environment.current().issuer}/account/{path}{'/' if path else ''}"


def enter(person: Person) -> Person:
    """Sign in, and stay on the account."""
    page = person.sign_in(person.browser.open(address("")))
    assert page.status_code == 200, page.text
    assert is_in(person)
    return person


def elsewhere(person: Person) -> Person:
    """Return the same person, signed in at another browser."""
    return enter(person.elsewhere())


def is_in(person: Person) -> bool:
    """Tell whether the browser gets to see the account."""
    return person.browser.send("GET", address("")).status_code == 200


def open_page(person: Person, path: str) -> Response:
    """Open one of the person's own pages, which is there."""
    page = person.browser.open(address(path))
    assert page.status_code == 200, page.text
    return page


def form_of(page: Response, name: str) -> Form:
    """Return the form with a field or a button's value of this name."""
    form = Page(page).form_with(name)
    assert form, f"no form with {name} on {page.url}"
    return form


def sids(person: Person) -> list[str]:
    """Return what the buttons of the list would end: this browser's session comes first."""
    page = Page(open_page(person, "sessions"))
    return [form.fields["which"] for form in page.forms if "which" in form.fields]


def press(person: Person, which: str) -> Response:
    """End a session, `others` or `everywhere`, whatever the page itself offers; follow nothing."""
    token = form_of(open_page(person, "sessions"), "csrfmiddlewaretoken")
    fields = {"csrfmiddlewaretoken": token.fields["csrfmiddlewaretoken"], "which": which}
    return person.browser.send("POST", address("sessions"), fields)
