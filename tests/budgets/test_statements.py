"""How many SQL statements a request costs, with clients and keys warm.

A number here is a promise to whoever runs this under load; a statement more is a change to discuss,
not to slip in.
"""

import dataclasses
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from authserver import clients, cors, resources
from config import policy
from tests.budgets.statements import Counted, counted
from tests.doors import Response
from tests.parties import MACHINE, Enrol
from tests.rp import RelyingParty
from tokens import ring

ORIGIN = "https://spa.example"


@pytest.fixture(autouse=True)
def _kept_warm() -> Iterator[None]:
    """Keep what is cached for a minute, so that a slow machine counts the same."""
    with policy.replaced(clients=policy.Clients(cache_for=timedelta(minutes=1))):
        yield


def _cold() -> None:
    """Forget everything that a process has read."""
    clients.evict_all()
    resources.evict()
    cors.evict()
    ring.forget()


def _cost(send: Callable[[], Response], status: int = 200) -> Counted:
    """Count a request that is the second of its kind."""
    with counted() as found:
        answer = send()
    assert answer.status_code == status, answer.text
    return found


def test_client_credentials_need_no_statement(machine: RelyingParty) -> None:
    assert machine.client_credentials().status_code == 200
    assert _cost(machine.client_credentials).all == []


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
def test_the_way_a_client_proves_itself_costs_nothing(enrol: Enrol, method: str) -> None:
    machine = enrol(**MACHINE, token_endpoint_auth_method=method)
    assert machine.client_credentials().status_code == 200
    assert _cost(machine.client_credentials).all == []


@pytest.mark.parametrize("method", ["private_key_jwt", "client_secret_jwt"])
def test_an_assertion_costs_the_one_row_that_uses_it_up(enrol: Enrol, method: str) -> None:
    machine = enrol(**MACHINE, token_endpoint_auth_method=method)
    assert machine.client_credentials().status_code == 200
    found = _cost(machine.client_credentials)
    assert len(found.all) == len(found.writes) == 1


def test_a_page_of_another_origin_costs_no_statement(enrol: Enrol) -> None:
    machine = enrol(**MACHINE, cors_origins=[ORIGIN])

    def send() -> Response:
        form = {"grant_type": "client_credentials"}
        return machine.post("token", form, headers={"Origin": ORIGIN})

    assert send().headers["Access-Control-Allow-Origin"] == ORIGIN
    assert _cost(send).all == []


def test_a_first_request_reads_what_later_ones_know(machine: RelyingParty) -> None:
    _cold()
    cold = _cost(machine.client_credentials)
    assert any("authserver_client" in sql for sql in cold.all)
    assert any("tokens_signingkey" in sql for sql in cold.all)
    assert _cost(machine.client_credentials).all == []


def test_the_counter_counts() -> None:
    with counted() as found, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.execute("  UPDATE tokens_replay SET expires_at = 0 WHERE 1 = 0")
    assert (len(found.all), len(found.writes)) == (2, 1)


def test_authorizing_writes_nothing_once_the_person_has_agreed(rp: RelyingParty) -> None:
    assert rp.authorize().code
    assert rp.ask().code  # last_used_at is noted once a day
    with counted() as found:
        assert rp.ask().code
    assert found.writes == []
    assert found.all, "a session that is alive is a row"


def test_a_page_posted_to_authorize_writes_nothing_either(rp: RelyingParty) -> None:
    assert rp.authorize().code
    with counted() as found:
        assert rp.ask(method="POST", response_mode="form_post").code
    assert found.writes == []


def test_asking_somebody_who_is_not_signed_in_writes_nothing(rp: RelyingParty) -> None:
    rp.ask()
    with counted() as found:
        assert rp.ask().response.status_code == 303
    assert found.writes == []


def test_redeeming_a_code_is_one_statement(rp: RelyingParty) -> None:
    assert rp.tokens()["access_token"]
    arrival = rp.ask()
    found = _cost(lambda: rp.redeem(arrival))
    assert len(found.all) == len(found.writes) == 1


@pytest.mark.parametrize(
    ("claims", "reads"),
    [
        ('{"userinfo":{"nickname":null}}', 0),
        ('{"id_token":{"acr":{"essential":true},"auth_time":null,"groups":null}}', 0),
        ('{"id_token":{"nickname":null,"email":null}}', 1),
    ],
)
def test_only_an_id_token_about_the_person_reads_the_person(
    rp: RelyingParty, claims: str, reads: int
) -> None:
    rp.tokens(claims=claims)
    arrival = rp.ask(claims=claims)
    tokens = rp.redeem(arrival)
    arrival = rp.ask(claims=claims)
    found = _cost(lambda: rp.redeem(arrival))
    assert (len(found.writes), len(found.all)) == (1, 1 + reads)
    found = _cost(lambda: rp.refresh(tokens.json()["refresh_token"]))
    assert (len(found.writes), len(found.all)) == (1, 1 + reads)


def test_claims_cost_no_statement_at_userinfo_nor_when_asking(rp: RelyingParty) -> None:
    asked: dict[str, Any] = {
        "scope": "openid",
        "claims": '{"userinfo":{"nickname":null,"email":null}}',
    }
    token = rp.tokens(**asked)["access_token"]
    assert rp.ask(scope="openid").code
    with counted() as plain:
        assert rp.ask(scope="openid").code
    with counted() as found:
        assert rp.ask(**asked).code
    assert len(found.all) == len(plain.all)
    assert len(_cost(lambda: rp.userinfo(token)).all) == 2


def test_a_code_that_is_not_ours_is_refused_without_a_statement(rp: RelyingParty) -> None:
    arrival = rp.authorize()
    assert rp.redeem("warm").status_code == 400
    forged = arrival.code[:-1] + ("A" if arrival.code[-1] != "A" else "Q")
    altered = dataclasses.replace(arrival, pairs=(("code", forged),))
    assert _cost(lambda: rp.redeem(altered), status=400).all == []
    assert rp.redeem(arrival).status_code == 200, "and it costs the real one nothing either"


def test_refreshing_is_one_statement(rp: RelyingParty) -> None:
    first = rp.tokens()["refresh_token"]
    second = rp.refresh(first).json()["refresh_token"]
    found = _cost(lambda: rp.refresh(second))
    assert len(found.all) == len(found.writes) == 1


def test_a_retry_inside_the_grace_is_two(rp: RelyingParty) -> None:
    token = rp.tokens()["refresh_token"]
    assert rp.refresh(token).status_code == 200
    found = _cost(lambda: rp.refresh(token))
    assert len(found.all) == 2


def test_a_narrower_scope_is_two(rp: RelyingParty) -> None:
    token = rp.tokens()["refresh_token"]
    found = _cost(lambda: rp.refresh(token, scope="openid"))
    assert len(found.all) == 2
    assert len(found.writes) == 1


def test_a_wider_scope_writes_nothing(rp: RelyingParty) -> None:
    token = rp.tokens(scope="openid")["refresh_token"]
    found = _cost(lambda: rp.refresh(token, scope="openid email"), status=400)
    assert found.writes == []
    assert rp.refresh(token).status_code == 200


KINDS = ["access token of a person", "refresh token", "access token of a client", "nonsense"]


def _issued(kind: str, rp: RelyingParty, machine: RelyingParty) -> tuple[RelyingParty, str]:
    match kind:
        case "access token of a person":
            return rp, rp.tokens()["access_token"]
        case "refresh token":
            return rp, rp.tokens()["refresh_token"]
        case "access token of a client":
            return machine, machine.client_credentials().json()["access_token"]
        case _:
            return rp, "nonsense"


@pytest.mark.parametrize("kind", KINDS)
def test_introspecting_is_at_most_one_statement(
    rp: RelyingParty, machine: RelyingParty, kind: str
) -> None:
    owner, text = _issued(kind, rp, machine)
    assert owner.introspect(text).json()["active"] is (kind != "nonsense")
    found = _cost(lambda: owner.introspect(text))
    assert found.writes == []
    assert len(found.all) == (0 if kind == "nonsense" else 1)


@pytest.mark.parametrize("kind", KINDS)
def test_revoking_is_at_most_one_statement(
    rp: RelyingParty, machine: RelyingParty, kind: str
) -> None:
    owner, text = _issued(kind, rp, machine)
    assert owner.revoke("warm").status_code == 200
    found = _cost(lambda: owner.revoke(text))
    assert len(found.all) == (0 if kind == "nonsense" else 1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_foreign_token_is_not_revoked_and_costs_nothing(
    rp: RelyingParty, machine: RelyingParty, other_rp: RelyingParty, kind: str
) -> None:
    _, text = _issued(kind, rp, machine)
    assert other_rp.revoke("warm").status_code == 200
    assert _cost(lambda: other_rp.revoke(text)).all == []


def test_userinfo_is_two_statements(rp: RelyingParty) -> None:
    token = rp.tokens()["access_token"]
    assert rp.userinfo(token).status_code == 200
    found = _cost(lambda: rp.userinfo(token))
    assert len(found.all) == 2
    assert found.writes == []


@pytest.mark.parametrize("address", ["jwks_uri", "discovery", "metadata"])
def test_public_documents_cost_nothing(rp: RelyingParty, address: str) -> None:
    known = {
        "jwks_uri": rp.metadata["jwks_uri"],
        "discovery": f"{rp.issuer}/.well-known/openid-configuration",
        "metadata": f"{rp.issuer}/.well-known/oauth-authorization-server",
    }

    def send() -> Response:
        return rp.door.get(known[address])

    assert send().status_code == 200
    assert _cost(send).all == []
    _cold()
    assert _cost(send).all, "a cold start reads"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        pytest.param({"grant_type": None}, 400, id="no grant type"),
        pytest.param({"grant_type": "password"}, 400, id="an unknown grant type"),
        pytest.param({"scope": "nobody:knows"}, 400, id="an unknown scope"),
        pytest.param({"resource": "https://nobody.example"}, 400, id="an unknown resource"),
        pytest.param({"client_secret": "as_cs_x"}, 400, id="two ways of authentication"),
    ],
)
def test_what_is_malformed_is_refused_before_anything_is_asked(
    machine: RelyingParty, changes: dict[str, str | None], status: int
) -> None:
    assert machine.client_credentials().status_code == 200
    assert _cost(lambda: machine.client_credentials(**changes), status=status).all == []
