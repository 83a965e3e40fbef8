"""ASVS 5.0 §7.4.5, §7.5.2 — people see where they are signed in, and end it; nobody else's."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from accounts import history, participation, people
from accounts.models import Session
from config.models import Delivery
from tests import person as persons
from tests.doors import Door
from tests.parties import Enrol
from tests.person import Person
from tests.rp import RelyingParty
from tests.specs.account_sessions import pages

pytestmark = pytest.mark.spec("ASVS 5.0 §7.4.5")
LISTENS = {"backchannel_logout_uri": "https://app.example/backchannel"}


def noted(someone: Person) -> list[str]:
    return [one.name for one in history.of(someone.subject)]


def told(subject: str) -> list[str]:
    """Return the clients for whom the end of a session of this person waits in the outbox."""
    rows = Delivery.objects.filter(kind="backchannel_logout", payload__contains=subject)
    return sorted(row.target for row in rows)


def test_each_session_is_shown_with_its_applications(
    someone: Person, rp: RelyingParty, other_rp: RelyingParty
) -> None:
    rp.tokens()
    there = pages.elsewhere(someone)
    other_rp.tokens(there)
    here_sid, there_sid = pages.sids(someone)
    assert pages.sids(there) == [there_sid, here_sid]
    text = pages.open_page(someone, "sessions").text
    for seen in (someone, there):
        assert text.count(seen.browser.door.peer) == 1
    for sid in (here_sid, there_sid):
        (app,) = participation.of(sid)
        assert text.count(app.client_name) == 1


def test_one_is_ended_and_its_tokens_and_applications_hear_of_it(
    someone: Person, enrol: Enrol
) -> None:
    pages.enter(someone)
    there = pages.elsewhere(someone)
    listener = enrol(**LISTENS)
    bound = listener.tokens(there)["refresh_token"]
    kept = listener.tokens(someone)["refresh_token"]
    _, sid = pages.sids(someone)
    assert pages.press(someone, sid).status_code == 303
    assert not pages.is_in(there)
    assert pages.is_in(someone)
    assert told(someone.subject) == [listener.client_id]
    assert listener.refresh(bound).json()["error"] == "invalid_grant"
    assert listener.refresh(kept).status_code == 200
    assert noted(someone)[0] == "session_ended"


def test_nobody_ends_the_session_of_somebody_else(someone: Person, somebody_else: Person) -> None:
    pages.enter(someone)
    pages.enter(somebody_else)
    (theirs,) = pages.sids(somebody_else)
    refused = pages.press(someone, theirs)
    unknown = pages.press(someone, "A" * 22)
    assert refused.status_code == unknown.status_code == 404
    assert refused.text.replace(theirs, "") == unknown.text.replace("A" * 22, "")
    assert pages.is_in(somebody_else)
    assert "session_ended" not in noted(someone) + noted(somebody_else)


@pytest.mark.parametrize("which", ["", "x", "\0", "everywhere ", "A" * 5000])
def test_what_is_no_session_is_not_there(someone: Person, which: str) -> None:
    pages.enter(someone)
    assert pages.press(someone, which).status_code in {400, 404}
    assert pages.is_in(someone)


def test_all_others_are_ended(someone: Person, enrol: Enrol) -> None:
    pages.enter(someone)
    listener = enrol(**LISTENS)
    there = [pages.elsewhere(someone) for _ in range(2)]
    listener.tokens(there[0])
    answer = someone.browser.follow(pages.press(someone, "others"))
    assert "2 other sessions are over." in answer.text
    assert [pages.is_in(one) for one in (someone, *there)] == [True, False, False]
    assert told(someone.subject) == [listener.client_id]
    assert noted(someone)[0] == "sessions_ended"


def test_everywhere_is_here_too(someone: Person, enrol: Enrol) -> None:
    listener = enrol(**LISTENS)
    there = pages.elsewhere(someone)
    listener.tokens(there)
    offline = listener.tokens(someone, scope="openid offline_access")["refresh_token"]
    pages.press(someone, "everywhere")
    assert [pages.is_in(one) for one in (someone, there)] == [False, False]
    assert told(someone.subject) == [listener.client_id] * 2
    assert listener.refresh(offline).status_code == 200, "what was allowed for good goes on"
    assert "signed_out_everywhere" in noted(someone)


def test_ending_asks_for_a_proof_that_is_not_old(someone: Person) -> None:
    pages.enter(someone)
    there = pages.elsewhere(someone)
    _, sid = pages.sids(someone)
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=16)):
        answer = pages.press(someone, sid)
        assert answer.status_code in {302, 303}
        assert pages.is_in(there), "an old session alone ends nothing"
        page = someone.prove(someone.browser.follow(answer))
        assert page.status_code == 200
        assert not pages.is_in(there), "what was posted is done once it is proved"


def test_a_session_without_a_cookie_sees_none(way_in: Door) -> None:
    stranger = Person(browser=persons.browser(way_in))
    for path in ("sessions", "history", "profile", "applications"):
        answer = stranger.browser.send("GET", pages.address(path))
        assert (answer.status_code, "/account/login/" in answer.location) == (302, True)


def test_a_session_that_was_cut_off_is_not_listed(someone: Person) -> None:
    pages.enter(someone)
    pages.elsewhere(someone)
    Session.objects.filter(subject=someone.subject).update(expires_at=timezone.now())
    pages.enter(someone)
    assert len(pages.sids(someone)) == 1
    people.disable(someone.subject)
    assert Session.objects.filter(subject=someone.subject).count() == 0


def test_however_many_there_are_the_pages_open(someone: Person) -> None:
    pages.enter(someone)
    (mine,) = Session.objects.filter(subject=someone.subject)
    about = {"subject": someone.subject, "sealed": mine.sealed, "created_at": mine.created_at}
    Session.objects.bulk_create(
        Session(
            key_hash=f"{number}-{mine.sid}",
            sid=f"{number}-{mine.sid[:16]}",  # one that has ended stays so
            expires_at=mine.expires_at,
            **about,
        )
        for number in range(2100)
    )
    pages.open_page(someone, "")
    assert len(pages.sids(someone)) >= 200
    answer = someone.browser.follow(pages.press(someone, "others"))
    assert "2100 other sessions are over." in answer.text


def test_use_is_written_down_once_in_five_minutes(someone: Person) -> None:
    start = timezone.now()
    pages.enter(someone)
    seen = []
    for minutes in (1, 4, 6, 7, 10):
        with time_machine.travel(start + dt.timedelta(minutes=minutes)):
            pages.open_page(someone, "")
            seen.append(Session.objects.get(subject=someone.subject).last_seen_at)
    noted_after = [round((each - start).total_seconds() / 60) for each in seen]
    assert noted_after == [0, 0, 6, 6, 6]
    row = Session.objects.get(subject=someone.subject)
    assert row.created_at - start < dt.timedelta(minutes=1)
