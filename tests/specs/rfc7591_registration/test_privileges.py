"""RFC 7591 §5 — nobody gives themselves what an operator gives; the answer proves it."""

import secrets
from typing import Any

import pytest

from authserver import members, models, own_members, resources
from config import policy
from tests import registrations
from tests.parties import AddApi
from tests.registrations import Newcomer

pytestmark = pytest.mark.spec("RFC 7591 §5")

GREEDY: dict[str, Any] = {
    "skip_consent": True,
    "trusted": True,
    "first_party": True,
    "is_active": True,
    "is_demo": True,
    "is_self_registered": False,
    "is_staff": True,
    "tenant": "other",
    "owner": "root",
    "roles": ["admin"],
    "may_introspect": True,
    "token_lifetimes": {"access_token": 315_360_000},
    "rotation": False,
    "pkce_required": False,
    "danger_token_endpoint_audience": True,
    "default_scope": "openid",
    "native_sso_group": "publisher",
    "branding": {"accent": "#ff0000"},
    "cors_origins": ["https://evil.example"],
    "created_at": "1999-01-01T00:00:00Z",
    "unused_until": "2999-01-01T00:00:00Z",
    "registration_token_digest": "x",
    "settled": ["name"],
    "id": 1,
    "pk": 1,
    "client_id": "admin",
    "client_secret": "chosen-by-the-client-itself-0123456789abcdef",
    "name": "Not a member",
    "localized": {"client_name": {"de": "Bank"}},
}


def test_what_an_operator_gives_is_ignored(newcomer: Newcomer) -> None:
    told = newcomer.register(**GREEDY)
    for name, value in GREEDY.items():
        assert told.get(name) != value, name
    assert not {"skip_consent", "may_introspect", "token_lifetimes", "name"} & set(told)
    row = models.Client.objects.get(pk=told["client_id"])
    assert row.client_id != "admin"
    assert (row.is_self_registered, row.is_demo, row.skip_consent) == (True, False, False)
    assert (row.rotation, row.pkce_required, row.danger_token_endpoint_audience) == (
        True,
        True,
        False,
    )
    assert (row.may_introspect, row.token_lifetimes, row.cors_origins) == ([], {}, [])
    assert (row.settled, row.localized, row.branding, row.name) == ([], {}, {}, "")
    assert row.unused_until is not None


def test_a_member_is_an_operators_unless_it_is_known_to_be_a_clients() -> None:
    operators = {
        *("client_id", "client_secret", "name", "localized", "cors_origins", "default_scope"),
        *("resources", "may_introspect", "pkce_required", "rotation", "skip_consent"),
        *("token_lifetimes", "native_sso_group", "danger_token_endpoint_audience", "branding"),
        *("request_object_encryption_alg", "request_object_encryption_enc"),
    }
    assert {"client_name", *members.READERS} - set(own_members.OWN) == operators


def test_an_update_gains_nothing_either(newcomer: Newcomer) -> None:
    told = newcomer.register()
    greedy = {k: v for k, v in GREEDY.items() if k not in {"client_id", "client_secret"}}
    answer = newcomer.put(told, **greedy)
    assert answer.status_code == 200
    row = models.Client.objects.get(pk=told["client_id"])
    assert (row.is_self_registered, row.skip_consent, row.may_introspect) == (True, False, [])
    assert (row.rotation, row.pkce_required, row.settled) == (True, True, [])


@pytest.mark.parametrize("asked", ["admin", "users:admin", "openid admin users:admin", ""])
def test_only_scopes_open_to_everybody_are_given(newcomer: Newcomer, asked: str) -> None:
    told = newcomer.register(scope=asked)
    assert set(told["scope"].split()) <= {"openid"}


def test_a_closed_scope_stays_closed(newcomer: Newcomer, add_api: AddApi) -> None:
    name = f"closed-{secrets.token_hex(4)}"
    models.Scope.objects.create(name=name, title="Closed")
    resources.evict()
    assert name not in newcomer.register(scope=f"openid {name}")["scope"].split()
    assert name not in newcomer.register()["scope"].split()


@pytest.mark.parametrize(
    "grant_types",
    [
        ["client_credentials"],
        ["authorization_code", "client_credentials"],
        ["authorization_code", "implicit"],
        ["urn:ietf:params:oauth:grant-type:token-exchange"],
        ["password"],
        ["urn:ietf:params:oauth:grant-type:jwt-bearer"],
    ],
)
def test_other_grants_are_refused(newcomer: Newcomer, grant_types: list[str]) -> None:
    answer = newcomer.send(grant_types=grant_types)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata")
    assert "grant_types" in answer.json()["error_description"]


def test_a_machine_is_let_in_only_by_the_policy(newcomer: Newcomer) -> None:
    rules = registrations.permitting(danger_client_credentials=True)
    with policy.replaced(registration=rules):
        told = newcomer.register(grant_types=["client_credentials"], redirect_uris=[])
        rp = newcomer.party({**told, "redirect_uris": [""]})
        assert rp.client_credentials(scope="profile").status_code == 200


@pytest.mark.parametrize("response_types", [["id_token"], ["code id_token"], ["id_token code"]])
def test_tokens_in_an_address_need_the_policy(
    newcomer: Newcomer, response_types: list[str]
) -> None:
    grants = ["implicit", *(["authorization_code"] if "code" in response_types[0] else [])]
    asked: dict[str, Any] = {"response_types": response_types, "grant_types": grants}
    assert newcomer.send(**asked).status_code == 400
    rules = registrations.permitting(danger_front_channel_tokens=True)
    with policy.replaced(registration=rules):
        told = newcomer.register(**asked)
    assert told["response_types"] == [" ".join(sorted(response_types[0].split()))]


def test_token_in_an_address_stays_out_whatever_the_policy(newcomer: Newcomer) -> None:
    rules = registrations.permitting(danger_front_channel_tokens=True)
    with policy.replaced(registration=rules):
        for asked in ("token", "code token", "code id_token token", "none"):
            answer = newcomer.send(
                response_types=[asked], grant_types=["implicit", "authorization_code"]
            )
            assert answer.json()["error"] == "invalid_client_metadata", asked


def test_pkce_is_left_out_only_by_the_policy(newcomer: Newcomer) -> None:
    assert newcomer.register(pkce_required=False)["pkce_required"] is True
    with policy.replaced(registration=registrations.permitting(danger_pkce_optional=True)):
        assert newcomer.register()["pkce_required"] is False
        assert newcomer.register(pkce_required=True)["pkce_required"] is True
        public = newcomer.register(token_endpoint_auth_method="none")
        assert public["pkce_required"] is True
        rp = newcomer.party(newcomer.register())
        arrival = rp.authorize(code_challenge=None, code_challenge_method=None)
        assert rp.redeem(arrival).status_code == 200


def test_the_audience_of_assertions_follows_the_policy(newcomer: Newcomer) -> None:
    rules = registrations.permitting(danger_token_endpoint_audience=True)
    with policy.replaced(registration=rules):
        told = newcomer.register()
    assert models.Client.objects.get(pk=told["client_id"]).danger_token_endpoint_audience is True
