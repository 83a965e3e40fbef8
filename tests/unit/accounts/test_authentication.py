"""When and how somebody signed in: sub-second, of this session, and never after the fact."""

import time
from dataclasses import replace

import pytest
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib.auth import SESSION_KEY
from django.test import Client

from accounts import authentication, people, sessions
from accounts.models import User
from config import policy
from tests.unit.accounts import visitor
from tokens import epochs


def test_a_login_is_stamped() -> None:
    user, before = visitor.someone(), time.time()
    request = visitor.request_of(visitor.signed_in(user))
    who = authentication.signed_in(request)
    assert who is not None
    assert (who.subject, who.amr, who.acr, who.epoch) == (str(user.pk), ("pwd",), "1", 0)
    assert before < who.auth_time < time.time()
    assert who.auth_time % 1  # whole seconds would let a login in the same second pass as fresh
    assert who.session_expires_at == request.session.get_expiry_date()


def test_nobody_is_nobody() -> None:
    assert authentication.signed_in(visitor.request_of(visitor.browser())) is None


def test_signing_up_is_stamped_too() -> None:
    client, email = visitor.browser(), visitor.address()
    client.post("/account/signup/?next=/%3Fx", {"email": email, "password1": visitor.PASSWORD})
    answer = client.post(
        "/account/confirm-email/?next=/%3Fx", {"code": visitor.code_sent_to(email)}
    )
    assert answer.headers["Location"] == "/?x"
    who = authentication.signed_in(visitor.request_of(client))
    assert who is not None
    assert who.amr == ("pwd",)
    assert people.find_by_email(email).email_verified  # type: ignore[union-attr]


def test_proving_oneself_again_moves_auth_time_alone() -> None:
    user = visitor.someone()
    client = visitor.signed_in(user)
    first = authentication.signed_in(visitor.request_of(client))
    url = authentication.fresh_login_url(visitor.request_of(client), "/?again")
    assert client.post(url, {"password": "Wrong-Horse9battery"}).status_code == 200
    answer = client.post(url, {"password": visitor.PASSWORD})
    second = authentication.signed_in(visitor.request_of(client))
    assert first is not None
    assert second is not None
    assert answer.headers["Location"] == "/?again"
    assert second.auth_time > first.auth_time
    assert (second.sid, second.epoch) == (first.sid, first.epoch)


def test_without_a_password_fresh_means_out_and_in() -> None:
    user = visitor.someone(password=None)
    client = visitor.browser()
    client.force_login(user)
    url = authentication.fresh_login_url(visitor.request_of(client), "/?again")
    assert client.get(url).status_code == 200
    answer = client.post(url, {"decision": "continue"})
    assert answer.headers["Location"].startswith("/account/login/?next=%2F%3Fagain")
    assert not visitor.is_signed_in(client)


def test_choosing_the_account_is_noted() -> None:
    user = visitor.someone()
    client = visitor.signed_in(user)
    chosen = {"decision": "continue", "account": str(user.pk)}
    before = time.time()
    answer = client.post("/account/switch/", {"next": "/?on", **chosen})
    who = authentication.signed_in(visitor.request_of(client))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/?on")
    assert who is not None
    assert who.chosen_at > before > who.auth_time
    away = client.post("/account/switch/", {"next": "https://evil.example/", **chosen})
    assert away.headers["Location"] == "/account/"


@pytest.mark.parametrize("change", ["password", "disable", "delete"])
def test_a_change_while_the_password_is_checked_wins(change: str) -> None:
    user = visitor.someone()
    verified = User.objects.get(pk=user.pk)
    match change:
        case "password":
            people.set_password(user, visitor.NEW_PASSWORD)
        case "disable":
            people.disable(str(user.pk))
        case _:
            people.delete(str(user.pk))
    client = visitor.browser()
    with pytest.raises(ImmediateHttpResponse):
        client.force_login(verified)
    assert SESSION_KEY not in client.session


def test_a_password_proven_before_a_reset_does_not_outlive_it() -> None:
    """The login waits for an e-mail code; meanwhile the owner chooses another password."""
    user = visitor.someone(email_verified=False)
    client = visitor.browser()
    client.post("/account/login/", {"login": user.email, "password": visitor.PASSWORD})
    people.set_password(user, visitor.NEW_PASSWORD)
    client.post("/account/confirm-email/", {"code": visitor.code_sent_to(user.email)})
    assert not visitor.is_signed_in(client)


def _change_password(client: Client) -> None:
    answer = client.post(
        "/account/password/change/",
        {
            "oldpassword": visitor.PASSWORD,
            "password1": visitor.NEW_PASSWORD,
            "password2": visitor.NEW_PASSWORD,
        },
    )
    assert answer.status_code == 302, answer.content.decode()


def test_changing_the_password_keeps_this_session_alone() -> None:
    user = visitor.someone()
    here, there = visitor.signed_in(user), visitor.signed_in(user)
    sid, other_sid = here.session[sessions.SID], there.session[sessions.SID]
    _change_password(here)
    assert epochs.read_many([(epochs.SESSION, sid), (epochs.SESSION, other_sid)]) == [0, 1]
    assert epochs.read(epochs.PERSON, str(user.pk)) > 0
    assert visitor.is_signed_in(here)
    assert not visitor.is_signed_in(there)
    assert here.session[sessions.SID] == sid
    assert here.session[sessions.EPOCH] == epochs.read(epochs.PERSON, str(user.pk))


def test_resetting_the_password_ends_every_session() -> None:
    user = visitor.someone()
    old, client = visitor.signed_in(user), visitor.browser()
    client.post("/account/password/reset/?next=/%3Fy", {"email": user.email.upper()})
    client.post("/account/password/reset/confirm/", {"code": visitor.code_sent_to(user.email)})
    new = {"password1": visitor.NEW_PASSWORD, "password2": visitor.NEW_PASSWORD}
    answer = client.post("/account/password/reset/complete/?next=/%3Fy", new)
    assert answer.headers["Location"] == "/?y"
    assert not visitor.is_signed_in(old)
    who = authentication.signed_in(visitor.request_of(client))
    assert who is not None
    assert who.amr == ("otp",)


def test_djangos_own_password_form_cuts_off_too() -> None:
    user = visitor.someone()
    client = visitor.signed_in(user)
    user.set_password(visitor.NEW_PASSWORD)
    user.save()
    assert not visitor.is_signed_in(client)


def test_a_renewed_hash_signs_nobody_out() -> None:
    user = visitor.someone()
    client, old = visitor.signed_in(user), user.password
    with policy.replaced(passwords=replace(policy.current().passwords, argon2_time_cost=2)):
        elsewhere = visitor.signed_in(user)
    user.refresh_from_db()
    assert user.password != old
    assert visitor.is_signed_in(client)
    assert visitor.is_signed_in(elsewhere)
