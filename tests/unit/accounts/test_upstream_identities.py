"""accounts.upstream.identities: in the administration, and when somebody comes again."""

import secrets

from django.test import RequestFactory

from accounts import history
from accounts.models import UpstreamIdentity, User
from accounts.upstream import identities
from accounts.upstream.account import Account
from tests.unit.accounts import visitor


def connected(user: User) -> Account:
    account = Account(
        provider_id="theirs",
        issuer="https://theirs.example",
        sub=secrets.token_hex(8),
        email="a@theirs.example",
        name="Ada",
    )
    assert identities.connect(user, account, RequestFactory().get("/"))
    return account


def test_what_a_provider_no_longer_says_is_not_forgotten() -> None:
    user = visitor.someone()
    account = connected(user)
    silent = Account(provider_id="theirs", issuer=account.issuer, sub=account.sub)
    identities.used(silent)
    assert [one.label for one in identities.of(str(user.pk))] == ["a@theirs.example"]


def test_nobody_has_it_twice_and_nobody_else_has_it() -> None:
    user, other = visitor.someone(), visitor.someone()
    account = connected(user)
    for one in (user, other):
        assert not identities.connect(one, account, RequestFactory().get("/"))
    assert identities.owner(account) == user


def test_of_a_provider_that_is_not_configured_it_is_no_way_in() -> None:
    user = visitor.someone()
    connected(user)
    assert [one.provider_name for one in identities.of(str(user.pk))] == ["Theirs"]
    assert identities.ways_in(str(user.pk)) == 0


def test_in_the_administration_deleting_one_disconnects_it() -> None:
    boss = visitor.signed_in(visitor.someone(is_staff=True))
    user = visitor.someone()
    connected(user)
    row = UpstreamIdentity.objects.get(person=user)
    base = "/admin/accounts/upstreamidentity/"
    assert "a@theirs.example" in boss.get(f"{base}?q={user.email}").content.decode()
    assert boss.get(f"{base}{row.pk}/change/").status_code == 200
    assert boss.get(f"{base}add/").status_code == 403
    boss.post(f"{base}{row.pk}/delete/", {"post": "yes"})
    assert identities.of(str(user.pk)) == []
    assert "upstream_disconnected" in [one.name for one in history.of(str(user.pk))]


def test_in_the_administration_a_person_goes_with_theirs() -> None:
    boss = visitor.signed_in(visitor.someone(is_staff=True))
    user = visitor.someone()
    account = connected(user)
    boss.post(f"/admin/accounts/user/{user.pk}/delete/", {"post": "yes"})
    assert identities.owner(account) is None
    assert not User.objects.filter(pk=user.pk).exists()
