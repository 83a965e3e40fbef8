"""People: one account an address, and to an application what was asked for and is there."""

import datetime as dt
import uuid

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import IntegrityError

from accounts import consent, notices, people, signals
from accounts.models import Session, User
from tests import letters
from tests.unit.accounts import visitor
from tokens import epochs


def test_an_address_is_unique_however_it_is_written() -> None:
    local = visitor.address().partition("@")[0]
    user = visitor.someone(email=f"Kirk.{local}@Example.com")
    assert user.email == f"Kirk.{local}@Example.com"
    for spelling in (f"kirk.{local}@EXAMPLE.com", f"\uff4birk.{local}@example.com"):
        assert people.find_by_email(spelling) == user
        with pytest.raises((IntegrityError, ValueError)):
            visitor.someone(email=spelling)


@pytest.mark.parametrize("is_verified", [True, False])
def test_allauth_agrees_about_the_address(is_verified: bool) -> None:
    user = visitor.someone(email=visitor.address().upper(), email_verified=is_verified)
    resting = EmailAddress.objects.get(user_id=user.pk)
    assert (resting.email, resting.primary, resting.verified) == (user.email_key, True, is_verified)


def test_a_new_address_counts_once_it_is_proven() -> None:
    user, new = visitor.someone(), visitor.address()
    client = visitor.signed_in(user)
    answer = client.post("/account/email/", {"action_add": "1", "email": new}, follow=True)
    client.post(answer.redirect_chain[-1][0], {"password": visitor.PASSWORD})
    client.post("/account/email/", {"action_add": "1", "email": new})
    user.refresh_from_db()
    assert user.email != new
    client.post("/account/confirm-email/", {"code": visitor.code_sent_to(new)})
    user.refresh_from_db()
    assert (user.email, user.email_key, user.email_verified) == (new, new, True)
    assert list(EmailAddress.objects.filter(user_id=user.pk).values_list("email", flat=True)) == [
        new
    ]


def test_claims_by_scope() -> None:
    user = visitor.someone(
        name="Jane Roe",
        given_name="Jane",
        birthdate=dt.date(1980, 2, 3),
        phone_number="+49 30 1234",
        address={"locality": "Berlin", "region": ""},
    )
    subject = str(user.pk)
    assert people.claims(subject, {"openid"}) == {}
    assert people.claims(subject, {"email"}) == {"email": user.email, "email_verified": True}
    phone = {"phone_number": "+49 30 1234", "phone_number_verified": False}
    assert people.claims(subject, ["phone", "unknown"]) == phone
    assert people.claims(subject, {"address"}) == {"address": {"locality": "Berlin"}}
    assert people.claims(subject, {"profile"}) == {
        "name": "Jane Roe",
        "given_name": "Jane",
        "birthdate": "1980-02-03",
        "updated_at": int(user.updated_at.timestamp()),
    }
    every = people.claims(subject, {"profile", "email", "phone", "address"})
    assert every is not None
    assert set(every) < people.CLAIMS


def test_no_phone_is_no_claim_about_one() -> None:
    assert people.claims(str(visitor.someone().pk), {"phone", "address"}) == {}


@pytest.mark.parametrize("subject", ["", "nobody", str(uuid.uuid4()), "\x00"])
def test_nobody_has_no_claims(subject: str) -> None:
    assert people.claims(subject, {"profile"}) is None
    assert not people.disable(subject)
    assert not people.delete(subject)


def test_disabling_cuts_off_and_enabling_does_not_undo_it() -> None:
    user, heard = visitor.someone(), []

    def listen(**news: object) -> None:
        heard.append((news["subject"], news["why"]))

    signals.person_cut_off.connect(listen)
    subject = str(user.pk)
    assert people.disable(subject)
    assert heard == [(subject, "disabled")]
    assert people.claims(subject, {"profile"}) is None
    assert people.enable(subject)
    assert epochs.read(epochs.PERSON, subject) == 1


@pytest.mark.parametrize("how", ["people", "row", "rows"])
def test_deleting_cuts_off_through_every_door(how: str) -> None:
    user = visitor.someone()
    subject = str(user.pk)
    visitor.signed_in(user)
    consent.give(subject, "client", "A client", ["openid"])
    match how:
        case "people":
            people.delete(subject)
            assert not Session.objects.filter(subject=subject).exists()
        case "row":
            user.delete()
        case _:
            User.objects.filter(pk=user.pk).delete()
    assert epochs.read(epochs.PERSON, subject) > 0
    assert not consent.covers(subject, "client", [])


def test_administrators_may_do_everything_and_others_nothing() -> None:
    boss, user = visitor.someone(is_staff=True), visitor.someone()
    assert boss.has_perm("accounts.change_user")
    assert people.administers(str(boss.pk))
    assert people.has_administrator()
    assert not user.has_module_perms("accounts")
    people.appoint(str(boss.pk), is_staff=False)
    assert not people.administers(str(boss.pk))
    assert epochs.read(epochs.PERSON, str(boss.pk)) == 1


def test_a_disabled_administrator_may_do_nothing() -> None:
    boss = visitor.someone(is_staff=True)
    people.disable(str(boss.pk))
    boss.refresh_from_db()
    assert not people.administers(str(boss.pk))
    assert not boss.has_perm("accounts.change_user")
    assert not boss.has_perms(["accounts.change_user"])
    assert not boss.has_module_perms("accounts")


def test_reuse_is_told_by_mail() -> None:
    user = visitor.someone()
    notices.tokens_reused(str(user.pk), "Tom & Jerry's\nApp")
    notices.tokens_reused(str(uuid.uuid4()), "Nobody's")
    assert [one for one in mail.outbox if one.to == [user.email]] == []
    sent = [one for one in letters.delivered() if one.to == [user.email]]
    assert len(sent) == 1
    assert "Tom & Jerry's" in sent[0].body
    assert str(sent[0].subject).startswith("We ended an application")
