"""ASVS 5.0 §6.1.1 — each known browser counts by itself: nobody keeps an owner out of theirs."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from accounts import familiar
from accounts import people as directory
from accounts.models import User
from config import policy
from config.patience import Codes, Guesses
from tests import letters, second_factors
from tests import person as people
from tests.authenticator import Authenticator
from tests.browser import Page
from tests.doors import Door
from tests.person import Person
from tests.specs.account_recovery import mails
from tests.specs.account_sessions import pages
from tests.specs.sign_in_protection.signing import copied, here, known, sign_in, statuses
from tests.specs.webauthn_passkeys import owner
from tokens import browsers, encoding, models, sweep

pytestmark = pytest.mark.spec("ASVS 5.0 §6.1.1")
NEW = "Another-Horse8battery"
FREE = 3


def used_up(person: Person, free: int = FREE) -> None:
    """Guess wrong until this browser has to wait."""
    assert statuses(person, free + 1) == [200] * free + [429]


def test_who_was_let_into_one_keeps_nobody_out_of_another(someone: Person) -> None:
    theirs, mine = known(someone), known(someone)
    with time_machine.travel(time.time()) as clock:
        for _ in range(9):
            assert statuses(theirs, 12)[-1] == 429
            clock.shift(timedelta(hours=1))
        statuses(theirs, 1)
        assert statuses(theirs, 1) == [429]
        assert sign_in(mine).status_code == 302


def test_nor_from_their_second_step(way_in: Door) -> None:
    bob = people.careful(way_in)
    theirs, mine = bob.elsewhere(), bob.elsewhere()
    for one in (theirs, mine):
        one.visit(here(""))
        one.sign_out()

    def wrong(one: Person) -> int:
        form = Page(one.browser.open(here("login/second/"))).form_with("code")
        assert form
        assert one.app
        return one.browser.press(form, code=one.app.wrong()).status_code

    with policy.replaced(codes=Codes(free=FREE)):
        theirs.browser.follow(sign_in(theirs))
        assert [wrong(theirs) for _ in range(FREE + 1)] == [200] * FREE + [429]
        mine.browser.follow(sign_in(mine))
        assert wrong(mine) == 200


def test_a_copy_of_the_cookie_is_the_same_browser(someone: Person) -> None:
    one = known(someone)
    copies = [copied(one) for _ in range(FREE + 1)]
    with policy.replaced(guesses=Guesses(free=FREE)):
        assert [statuses(copy, 1)[0] for copy in copies] == [200] * FREE + [429]
        assert statuses(one, 1) == [429]
        used_up(someone.elsewhere())


def test_a_copy_from_before_somebody_came_knows_nothing_of_them(
    someone: Person, somebody_else: Person
) -> None:
    """One computer for all: a cookie knows the accounts that were used when it was copied."""
    desk = replace(somebody_else, browser=someone.browser)
    assert sign_in(desk).status_code == 302
    early = copied(desk)
    desk.sign_out()
    assert sign_in(someone).status_code == 302
    someone.sign_out()
    with policy.replaced(guesses=Guesses(free=FREE)):
        used_up(someone.elsewhere())
        assert statuses(replace(someone, browser=early.browser), 1) == [429]
        used_up(someone)


def test_all_of_them_together_have_so_many_guesses(someone: Person) -> None:
    """With ever new sign-ins one gets from place to place, each as it was left."""
    device = Authenticator()
    owner.add(someone, device)
    mine = [known(someone) for _ in range(browsers.MOST + 3)]
    with policy.replaced(guesses=Guesses(free=FREE)):
        found = [status for one in [*mine, someone.elsewhere()] for status in statuses(one, 5)]
        assert found.count(200) == FREE * (browsers.MOST + 1)
        for _ in range(browsers.MOST + 1):
            another = someone.elsewhere()
            owner.sign_in(another, device)
            assert owner.is_signed_in(another)
            another.sign_out()
            assert statuses(another, 1) == [429]
    assert models.Browser.objects.filter(subject=someone.subject).count() == browsers.MOST


def test_the_one_that_was_not_used_for_the_longest_gives_way(someone: Person) -> None:
    with time_machine.travel(time.time()) as clock, policy.replaced(guesses=Guesses(free=FREE)):
        mine = []
        for _ in range(browsers.MOST):
            mine.append(known(someone))
            clock.shift(timedelta(days=2))
        assert sign_in(mine[0]).status_code == 302
        mine[0].sign_out()
        mine.append(known(someone))
        used_up(someone.elsewhere())
        assert [statuses(one, 1)[0] for one in mine] == [200, 429, *[200] * (browsers.MOST - 1)]


def test_after_a_year_without_a_sign_in_none_is_known(someone: Person) -> None:
    """Though the cookie were kept."""
    with time_machine.travel(time.time()) as clock, policy.replaced(guesses=Guesses(free=FREE)):
        mine = known(someone)
        clock.shift(browsers.KEPT_FOR + timedelta(days=1))
        mine = copied(mine)
        used_up(someone.elsewhere())
        assert statuses(mine, 1) == [429]
        sweep.run()
        assert not models.Browser.objects.filter(subject=someone.subject).exists()


def _changed(person: Person) -> Person:
    page = person.browser.open(here("password/change/"))
    fields = {"oldpassword": person.password, "password1": NEW, "password2": NEW}
    person.browser.submit(mails.form(page, "oldpassword"), **fields)
    return replace(person, password=NEW)


def _reset(person: Person) -> Person:
    page = mails.ask_for_reset(fresh := person.elsewhere())
    page = fresh.browser.submit(mails.form(page, "code"), code=mails.code(person))
    mails.choose(fresh.browser, page, NEW)
    return replace(person, password=NEW)


def _not_me(person: Person) -> Person:
    page = person.browser.open(mails.link(person, "account/not-me/"))
    page = person.browser.submit(mails.form(page))
    page = person.browser.submit(mails.form(page, "code"), code=mails.code(person))
    mails.choose(person.browser, page, NEW)
    return replace(person, password=NEW)


def _pressed(which: str) -> Callable[[Person], Person]:
    def press(person: Person) -> Person:
        pages.press(person, which)
        return person

    return press


def _with_a_factor(person: Person) -> Person:
    second_factors.given_app(person.subject)
    form = mails.form(person.browser.open(here("authenticator/")), "remove")
    form.fields["others"] = "on"  # a box that is not ticked is none of a form's fields
    person.browser.submit(form, "remove")
    return person


def _by_the_desk(person: Person) -> Person:
    directory.sign_out(person.subject)
    return person


def _by_a_command(person: Person) -> Person:
    directory.set_password(User.objects.get(pk=person.subject), NEW)
    return replace(person, password=NEW)


def _switched_off_and_on(person: Person) -> Person:
    directory.disable(person.subject)
    directory.enable(person.subject)
    return person


CUTS: dict[str, Callable[[Person], Person]] = {
    "a new password": _changed,
    "a forgotten one": _reset,
    "one by a command": _by_a_command,
    "this was not me": _not_me,
    "signed out everywhere": _pressed("everywhere"),
    "signed out elsewhere": _pressed("others"),
    "signed out elsewhere with a factor": _with_a_factor,
    "signed out by the desk": _by_the_desk,
    "switched off and on": _switched_off_and_on,
}
HERE = {"a new password", "signed out elsewhere", "signed out elsewhere with a factor"}
"""After these the browser where it was done is still known."""


@pytest.mark.parametrize("cut", CUTS)
def test_what_ends_all_sessions_makes_the_others_unknown(someone: Person, cut: str) -> None:
    mine, theirs = known(someone), known(someone)
    assert sign_in(mine).status_code == 302
    changed = CUTS[cut](mine)
    theirs = replace(theirs, password=changed.password)
    with policy.replaced(guesses=Guesses(free=FREE)):
        used_up(replace(someone.elsewhere(), password=changed.password))
        assert statuses(theirs, 1) == [429]
        if cut in HERE:
            changed.sign_out()
            used_up(changed)


@pytest.mark.parametrize("cut", CUTS)
def test_and_their_owner_hears_of_the_next_sign_in(someone: Person, cut: str) -> None:
    mine, theirs = known(someone), known(someone)
    assert sign_in(mine).status_code == 302
    theirs = replace(theirs, password=CUTS[cut](mine).password)

    def told() -> int:
        return sum("new sign-in" in one.subject for one in letters.to(someone.email))

    before = told()
    assert sign_in(theirs).status_code == 302
    assert told() == before + 1
    theirs.sign_out()
    assert sign_in(theirs).status_code == 302
    assert told() == before + 1, "and once is enough"


def test_who_is_deleted_leaves_none(someone: Person) -> None:
    known(someone)
    directory.delete(someone.subject)
    assert not models.Browser.objects.filter(subject=someone.subject).exists()


def test_what_rests_names_no_browser(someone: Person) -> None:
    known(someone)
    [row] = models.Browser.objects.filter(subject=someone.subject)
    for text in (bytes(row.digest).hex(), encoding.b64(bytes(row.digest))):
        assert familiar.whence_of(someone.subject, text) == familiar.NEW
