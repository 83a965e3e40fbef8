"""Django's administration: behind our login, and with the same consequences as everywhere."""

from types import SimpleNamespace

import pytest
from allauth.account.models import EmailAddress
from django.contrib.admin import site
from django.test import RequestFactory

from accounts import consent, people
from accounts.models import Consent, User
from config import console
from tests.unit.accounts import visitor
from tokens import epochs


def test_our_login_is_the_only_door() -> None:
    answer = visitor.browser().get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0].startswith("/account/login/?next=")
    assert visitor.signed_in(visitor.someone()).get("/admin/login/").status_code == 403
    assert visitor.signed_in(visitor.someone(is_staff=True)).get("/admin/").status_code == 200


def test_passwords_change_in_one_place() -> None:
    boss = visitor.signed_in(visitor.someone(is_staff=True))
    answer = boss.get("/admin/password_change/")
    assert answer.headers["Location"] == "/account/password/change/"


@pytest.mark.parametrize("row", ["user", "consent", "session"])
def test_every_list_and_row_opens(row: str) -> None:
    boss = visitor.someone(is_staff=True)
    client = visitor.signed_in(boss)
    consent.give(str(boss.pk), "app", "App", ["openid"])
    pk = {
        "user": boss.pk,
        "consent": Consent.objects.get(user=boss).pk,
        "session": visitor.row(client).pk,
    }[row]
    assert client.get(f"/admin/accounts/{row}/?q={boss.email}").status_code == 200
    page = client.get(f"/admin/accounts/{row}/{pk}/", follow=True)
    assert page.status_code == 200
    assert boss.password not in page.content.decode()
    assert visitor.row(client).sealed not in page.content.decode()


@pytest.mark.parametrize(
    "hidden",
    [
        "accounts/user/?password__startswith=argon2",
        "accounts/user/?password=x",
        "accounts/user/?last_login__gte=2020-01-01",
        "accounts/session/?sealed__startswith=a",
        "accounts/session/?key_hash__startswith=a",
        "accounts/consent/?user__password__startswith=argon2",
        "tokens/signingkey/?sealed__startswith=a",
        "tokens/grant/?nonce__startswith=a",
        "authserver/client/?secrets__value__startswith=a",
        "authserver/client/?jwks__contains=a",
        "authserver/resource/?name__startswith=a",
    ],
)
def test_a_filter_does_not_reach_a_column_that_is_not_offered(hidden: str) -> None:
    client = visitor.signed_in(visitor.someone(is_staff=True))
    assert client.get(f"/admin/{hidden}").status_code == 400


def test_every_list_of_ours_is_so_limited() -> None:
    loose = [
        model
        for model, page in site._registry.items()
        if not isinstance(page, console.ShownFiltersOnly)
    ]
    assert loose == []


@pytest.mark.parametrize("offered", ["is_active__exact=1", "is_staff=1", "q=jane"])
def test_a_filter_that_is_offered_works(offered: str) -> None:
    client = visitor.signed_in(visitor.someone(is_staff=True))
    assert client.get(f"/admin/accounts/user/?{offered}").status_code == 200


def test_disabling_there_cuts_off_but_never_oneself() -> None:
    boss, user = visitor.someone(is_staff=True), visitor.someone()
    client = visitor.signed_in(boss)
    chosen = {"action": "disable", "_selected_action": [str(boss.pk), str(user.pk)]}
    client.post("/admin/accounts/user/", chosen)
    user.refresh_from_db()
    boss.refresh_from_db()
    assert (user.is_active, boss.is_active) == (False, True)
    assert epochs.read(epochs.PERSON, str(user.pk)) == 1
    client.post("/admin/accounts/user/", {**chosen, "action": "enable"})
    user.refresh_from_db()
    assert user.is_active


def test_saving_a_form_does_not_undo_what_happened_while_it_was_open() -> None:
    user, email = visitor.someone(), visitor.address()
    stale, fresh = User.objects.get(pk=user.pk), User.objects.get(pk=user.pk)
    people.disable(str(user.pk))
    people.set_password(fresh, visitor.NEW_PASSWORD)
    User.objects.filter(pk=user.pk).update(is_staff=True)
    fresh.refresh_from_db()
    fresh.email = email
    fresh.save(update_fields=["email"])
    people.agree(fresh)
    stale.name = "Renamed"
    page = site._registry[User]
    page.save_model(RequestFactory().post("/"), stale, SimpleNamespace(changed_data=["name"]), True)
    fresh.refresh_from_db()
    assert (fresh.name, fresh.is_active, fresh.is_staff, fresh.email) == (
        "Renamed",
        False,
        True,
        email,
    )
    assert fresh.check_password(visitor.NEW_PASSWORD)
    assert [one.email for one in EmailAddress.objects.filter(user_id=user.pk)] == [email]


@pytest.mark.parametrize("how", ["row", "action"])
def test_deleting_there_cuts_off(how: str) -> None:
    client, user = visitor.signed_in(visitor.someone(is_staff=True)), visitor.someone()
    subject = str(user.pk)
    if how == "row":
        client.post(f"/admin/accounts/user/{subject}/delete/", {"post": "yes"})
    else:
        chosen = {"action": "delete_selected", "_selected_action": [subject], "post": "yes"}
        client.post("/admin/accounts/user/", chosen)
    assert people.find(subject) is None
    assert epochs.read(epochs.PERSON, subject) > 0


def test_making_and_changing_people_there() -> None:
    client, email = visitor.signed_in(visitor.someone(is_staff=True)), visitor.address()
    form = {"email": email, "address": "{}", "is_staff": "on"}
    answer = client.post("/admin/accounts/user/add/", form)
    assert answer.status_code == 302, answer.content.decode()
    user = User.objects.get(email_key=email)
    assert not user.has_usable_password()
    client.post(f"/admin/accounts/user/{user.pk}/change/", {"email": email, "address": "{}"})
    user.refresh_from_db()
    assert not user.is_staff
    assert epochs.read(epochs.PERSON, str(user.pk)) == 1
    again = client.post("/admin/accounts/user/add/", {"email": email.upper(), "address": "{}"})
    assert visitor.shows(again, "already an account")


def test_deleting_a_consent_there_withdraws_it() -> None:
    boss, user = visitor.someone(is_staff=True), visitor.someone()
    consent.give(str(user.pk), "app", "App", ["openid"])
    pk = Consent.objects.get(user=user).pk
    client = visitor.signed_in(boss)
    client.post(f"/admin/accounts/consent/{pk}/delete/", {"post": "yes"})
    assert not consent.covers(str(user.pk), "app", [])
    assert epochs.read(epochs.CONSENT, epochs.consent_id(str(user.pk), "app")) == 1
