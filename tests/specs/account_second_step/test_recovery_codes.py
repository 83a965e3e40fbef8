"""Recovery codes: each once, hashed, shown once, and void when there are new ones."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from accounts import history, people, recovery_codes
from accounts.models import RecoveryCode
from config import environment
from tests import letters, person, second_factors
from tests.browser import Page
from tests.doors import Door, Response
from tests.person import Person
from tests.specs.account_second_step.test_ways_in import is_in
from tokens import vault

pytestmark = pytest.mark.spec("ASVS 5.0 §6.5.1")
THREADS = 10  # each holds a connection meanwhile
SHAPE = re.compile(r"<li><code>([0-9A-Z-]{19})</code></li>")


@pytest.fixture
def bob() -> Person:
    """Return somebody with an app."""
    return person.careful(Door(name="front"))


def _here(path: str) -> str:
    return environment.current().issuer + path


def _with_code(bob: Person, code: str) -> Response:
    page = bob.sign_in(bob.browser.open(_here("/account/login/")))
    page = bob.browser.open(Page(page).links["Use a recovery code"])
    form = Page(page).form_with("code")
    assert form
    return bob.browser.submit(form, code=code)


def test_a_code_signs_in_once_and_its_owner_hears_of_it(bob: Person) -> None:
    codes = second_factors.given_codes(bob.subject)
    _with_code(bob, codes[0].lower().replace("-", " "))
    assert is_in(bob)
    mail = next(one for one in letters.to(bob.email) if one.subject == "A recovery code was used")
    assert "9 codes are left." in str(mail.body)
    assert not any(code in str(mail.body) for code in codes)
    again = _with_code(bob.elsewhere(), codes[0])
    assert "used already" in again.text
    assert "recovery_code_used" in {one.name for one in history.of(bob.subject)}


def test_few_are_warned_of(bob: Person) -> None:
    codes = second_factors.given_codes(bob.subject)
    for code in codes[:6]:
        assert recovery_codes.use(bob.subject, code)
    page = _with_code(bob, codes[6])
    assert "You have 3 recovery codes left." in page.text
    assert "You have 3 recovery codes left." in bob.browser.open(_here("/account/security/")).text


def test_of_many_at_once_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them have found the code unused before any of them uses it up."""
    subject = str(people.create(email=person.address()).pk)
    code = second_factors.given_codes(subject)[0]
    together, look = threading.Barrier(THREADS), vault.open

    def looked(purpose: str, row_id: str, sealed: bytes) -> bytes | None:
        found = look(purpose, row_id, sealed)
        if purpose == "recovery_code":
            together.wait(timeout=30)
        return found

    monkeypatch.setattr(vault, "open", looked)

    def use() -> bool:
        try:
            return recovery_codes.use(subject, code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        taken = [one.result() for one in [pool.submit(use) for _ in range(THREADS)]]
    assert taken.count(True) == 1


def test_new_ones_void_the_old_and_are_shown_once(bob: Person) -> None:
    old = second_factors.given_codes(bob.subject)
    bob.answer(bob.browser.open(_here("/account/login/")))
    page = bob.browser.open(_here("/account/recovery-codes/"))
    assert not SHAPE.search(page.text)
    page = bob.browser.submit(Page(page).forms[-1])
    new = SHAPE.findall(page.text)
    assert len(set(new)) == 10
    assert "no-store" in (page.headers["Cache-Control"] or "")
    assert not SHAPE.search(bob.browser.open(_here("/account/recovery-codes/")).text)
    assert not any(recovery_codes.use(bob.subject, code) for code in old)
    assert recovery_codes.use(bob.subject, new[0])


def test_they_come_as_a_file(bob: Person) -> None:
    second_factors.given_codes(bob.subject)
    bob.answer(bob.browser.open(_here("/account/login/")))
    page = bob.browser.open(_here("/account/recovery-codes/"))
    page = bob.browser.submit(Page(page).forms[-1])
    form = Page(page).form_with("codes")
    assert form
    file = bob.browser.submit(form)
    assert file.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert file.headers["Content-Disposition"] == 'attachment; filename="recovery-codes.txt"'
    for code in SHAPE.findall(page.text):
        assert code in file.text
    assert bob.email in file.text
    form.fields["codes"] = "<script>alert(1)</script>"
    assert Page(bob.browser.submit(form)).heading == "Recovery codes"


@pytest.mark.spec("ASVS 5.0 §6.5.2")
def test_what_rests_is_no_code(bob: Person) -> None:
    codes = second_factors.given_codes(bob.subject)
    rows = RecoveryCode.objects.filter(user_id=bob.subject)
    resting = b"".join(bytes(row.sealed) for row in rows)
    for code in codes:
        assert code.encode() not in resting
        assert code.replace("-", "").encode() not in resting
    other = str(people.create(email=person.address()).pk)
    row = rows[0]
    row.pk, row.user_id = None, other
    row.save(force_insert=True)
    assert not recovery_codes.use(other, codes[0])


@pytest.mark.parametrize("typed", ["", " ", "0", "-" * 19, "\x00" * 16, "ÄÖÜ" * 6, "A" * 10_000])
def test_what_is_no_code_is_wrong(bob: Person, typed: str) -> None:
    second_factors.given_codes(bob.subject)
    assert not recovery_codes.use(bob.subject, typed)


def test_letters_that_look_like_digits_are_read_as_such() -> None:
    assert recovery_codes.normalised(" o1iL-abcd ") == "0111ABCD"
