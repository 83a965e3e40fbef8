"""How many SQL statements it costs that each browser is counted by itself."""

from tests.browser import Page
from tests.budgets.statements import Counted, counted
from tests.person import Person
from tests.specs.sign_in_protection.signing import here, known


def _signed_in(person: Person) -> Counted:
    form = Page(person.browser.open(here("login/"))).form_with("login")
    assert form
    with counted() as found:
        page = person.browser.press(form, login=person.email, password=person.password)
    assert page.status_code == 302
    return found


def _of_browsers(found: Counted) -> list[str]:
    return [sql.split(None, 1)[0] for sql in found.all if "tokens_browser" in sql]


def test_a_new_browser_is_written_down_once(someone: Person) -> None:
    assert _of_browsers(_signed_in(someone.elsewhere())) == ["INSERT"]


def test_a_known_one_is_looked_up_once_and_no_more(someone: Person) -> None:
    found = _signed_in(known(someone))
    assert _of_browsers(found) == ["SELECT"]
    tries = [sql.split(None, 1)[0] for sql in found.all if "tokens_tries" in sql]
    assert tries == ["INSERT", "DELETE"]
    asked = [sql for sql in found.all if not sql.startswith(("BEGIN", "SAVEPOINT", "RELEASE"))]
    assert (len(asked), len(found.writes)) == (21, 7)
