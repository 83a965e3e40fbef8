"""Resources and scopes: what may be asked for, and what is given when nothing is."""

import secrets

import pytest

from authserver import clients, errors, models, resources
from authserver.clients import Client
from config import environment
from tests.unit.authserver import wire


def client(**metadata: object) -> Client:
    found = clients.find(wire.new_client(**metadata)[0])
    assert found
    return found


def resource() -> str:
    row = models.Resource.objects.create(
        identifier=f"https://{secrets.token_hex(4)}.example", name="R"
    )
    resources.evict()
    return row.identifier


def test_the_api_of_the_issuer_is_the_default() -> None:
    assert resources.default().identifier == f"{environment.current().issuer}/api"
    assert resources.targets(client(), []) == (resources.default(),)


@pytest.mark.spec("RFC 8707 §2")
def test_only_known_and_open_resources_may_be_asked_for() -> None:
    mine, other = resource(), resource()
    bound, free = client(resources=[mine]), client()
    assert [each.identifier for each in resources.targets(bound, [])] == [mine]
    assert [each.identifier for each in resources.targets(free, [mine, other, mine])] == [
        mine,
        other,
    ]
    for who, asked in ((bound, [other]), (free, ["https://unknown.example"]), (free, [mine, ""])):
        with pytest.raises(errors.InvalidTarget):
            resources.targets(who, asked)


@pytest.mark.spec("RFC 6749 §3.3")
def test_scopes_are_those_asked_for_or_the_default_ones() -> None:
    who = client(scope="openid profile", default_scope="profile")
    assert resources.scopes_for(who, "profile openid profile") == ("profile", "openid")
    assert resources.scopes_for(who, None) == ("profile",)
    for asked in ("email", "openid email", "unknown", "openid  profile", " openid", "OPENID"):
        with pytest.raises(errors.InvalidScope):
            resources.scopes_for(who, asked)


@pytest.mark.spec("OIDC Core §5.4")
def test_every_standard_scope_has_words() -> None:
    names = ["openid", "profile", "email", "address", "phone", "offline_access"]
    assert all(title and description for _, title, description in resources.words(names))
    assert resources.words(["gone"]) == [("gone", "gone", "")]


def test_what_is_warm_costs_nothing(django_assert_num_queries: object) -> None:
    resources.default()
    with django_assert_num_queries(0):  # type: ignore[operator]
        resources.default()
        resources.scopes()
