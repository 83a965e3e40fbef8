"""RFC 6585 §4 — every machine endpoint has its limit, answers 429 and says when to come back."""

import secrets
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from authserver import client_secrets, limits
from tests.budgets.statements import counted
from tests.credentials import Basic
from tests.doors import Response
from tests.parties import Enrol
from tests.registrations import Newcomer
from tests.rp import RelyingParty
from tests.specs.rfc6585_throttling.limiting import (
    STANDING,
    elsewhere,
    somewhere,
    told,
    waits,
)
from tests.throttling import permitting

pytestmark = pytest.mark.spec("RFC 6585 §4")

ENDPOINTS: dict[str, Callable[[RelyingParty], Response]] = {
    "token": lambda party: party.client_credentials(),
    "introspection": lambda party: party.introspect("nonsense"),
    "revocation": lambda party: party.revoke("nonsense"),
}


@pytest.mark.parametrize("rule", ENDPOINTS)
def test_a_client_has_so_many_wherever_it_comes_from(rule: str, machine: RelyingParty) -> None:
    with permitting(**{rule: "2/h 3/d"}):
        answers = [ENDPOINTS[rule](elsewhere(machine)) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert 3590 < waits(answers[2]) <= 3960
    assert all(told(one) == set(STANDING) for one in answers)
    assert [one.headers["X-RateLimit-Remaining"] for one in answers] == ["1", "0", "0"]
    assert answers[0].headers["X-RateLimit-Limit"] == "2"
    assert answers[0].headers["RateLimit-Policy"] == '"hour";q=2;w=3600, "day";q=3;w=86400'
    wait = waits(answers[2])
    assert answers[2].headers["RateLimit"] == f'"hour";r=0;t={wait}'
    assert abs(int(answers[2].headers["X-RateLimit-Reset"] or 0) - time.time() - wait) < 5


def test_no_other_client_is_concerned(enrol: Enrol, machine: RelyingParty) -> None:
    other = enrol(grant_types=["client_credentials"], redirect_uris=[])
    with permitting(token="1/h"):
        assert [machine.client_credentials().status_code for _ in range(2)] == [200, 429]
        assert other.client_credentials().status_code == 200


def test_a_public_client_is_counted_where_it_is(public: RelyingParty) -> None:
    here, there = elsewhere(public), elsewhere(public)
    with permitting(token="2/h"):
        # Whoever names a public client from one place takes nothing from it in another.
        statuses = [here.redeem("nonsense").status_code for _ in range(3)]
        assert statuses == [400, 400, 429]
        assert there.redeem("nonsense").status_code == 400


def test_errors_say_where_one_stands_too(machine: RelyingParty) -> None:
    with permitting(token="5/h"):
        answer = machine.post("token", {"grant_type": "authorization_code", "code": "x"})
    assert answer.status_code == 400
    assert told(answer) == set(STANDING)


def test_a_refusal_costs_the_database_nothing(machine: RelyingParty) -> None:
    with permitting(introspection="1/h"):
        machine.introspect("nonsense")
        machine.introspect("nonsense")
        with counted() as statements:
            waits(machine.introspect("nonsense"))
    assert statements.all == []


def test_userinfo_counts_by_the_grant_of_the_token(rp: RelyingParty) -> None:
    one, other = rp.tokens()["access_token"], rp.tokens()["access_token"]
    with permitting(userinfo="2/h"):
        answers = [rp.userinfo(one) for _ in range(3)]
        assert [each.status_code for each in answers] == [200, 200, 429]
        assert told(answers[0]) == set(STANDING)
        waits(answers[2])
        assert rp.userinfo(other).status_code == 200


def test_registration_counts_by_address(newcomer: Newcomer) -> None:
    here = replace(newcomer, door=somewhere(newcomer.door))
    with permitting(registration="2/h"):
        answers = [here.send({"redirect_uris": "nonsense"}) for _ in range(3)]
        assert [one.status_code for one in answers] == [400, 400, 429]
        waits(answers[2])
        there = replace(newcomer, door=somewhere(newcomer.door))
        assert there.send().status_code == 201


@pytest.mark.parametrize(
    "path", ["/oauth2/jwks", "/.well-known/openid-configuration", "/oauth2/check-session"]
)
def test_documents_count_by_address_and_tell_caches_nothing(path: str, rp: RelyingParty) -> None:
    door = somewhere(rp.door)
    with permitting(documents="2/h"):
        answers = [door.get(f"{rp.issuer}{path}") for _ in range(3)]
        assert [one.status_code for one in answers] == [200, 200, 429]
        assert all(told(one) == set() for one in answers)
        waits(answers[2])
        assert somewhere(rp.door).get(f"{rp.issuer}{path}").status_code == 200


def test_browsers_may_read_the_headers(enrol: Enrol) -> None:
    party = enrol(
        grant_types=["client_credentials"], redirect_uris=[], cors_origins=["https://spa.example"]
    )
    with permitting(token="1/h"):
        answers = [
            party.post(
                "token",
                {"grant_type": "client_credentials"},
                headers={"Origin": "https://spa.example"},
            )
            for _ in range(2)
        ]
    for answer in answers:
        exposed = answer.headers["Access-Control-Expose-Headers"] or ""
        assert {*STANDING, "Retry-After"} <= set(exposed.split(", "))


# Wrong credentials


def wrong(party: RelyingParty) -> RelyingParty:
    return replace(
        party, credentials=Basic(client_id=party.client_id, secret=secrets.token_hex(16))
    )


@pytest.mark.spec("RFC 6749 §2.3.1")
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_wrong_secrets_count_by_client_and_address(endpoint: str, machine: RelyingParty) -> None:
    here = elsewhere(machine)
    with permitting(token_failures="2/h"):
        answers = [ENDPOINTS[endpoint](wrong(here)) for _ in range(4)]
        assert [one.status_code for one in answers] == [401, 401, 429, 429]
        assert waits(answers[2]) > 3000
        assert 3000 < waits(answers[3]) <= waits(answers[2]) + 1
        assert all(told(one) == set() for one in answers), "how often it failed is told to nobody"
        # From there a right secret looks like a wrong one, also where no refusal is remembered.
        limits._Refused.until.clear()
        assert ENDPOINTS[endpoint](here).status_code == 429
        # The client itself is not locked out.
        assert ENDPOINTS[endpoint](elsewhere(machine)).status_code == 200


def test_after_a_refusal_no_secret_is_hashed(
    machine: RelyingParty, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[object] = []
    with permitting(token_failures="1/h"):
        here = elsewhere(machine)
        assert [wrong(here).client_credentials().status_code for _ in range(2)] == [401, 429]
        monkeypatch.setattr(client_secrets, "check", lambda *_: looked.append(1))
        monkeypatch.setattr(client_secrets, "pretend", lambda *_: looked.append(1))
        assert wrong(here).client_credentials().status_code == 429
    assert looked == []


def test_right_secrets_never_count_as_failures(machine: RelyingParty) -> None:
    with permitting(token_failures="1/h", token_failures_address="1/h"):
        here = elsewhere(machine)
        assert all(here.client_credentials().status_code == 200 for _ in range(5))
        assert wrong(here).client_credentials().status_code == 401
        assert wrong(here).client_credentials().status_code == 429


def test_guessing_many_clients_counts_by_the_address(enrol: Enrol, machine: RelyingParty) -> None:
    door = somewhere(machine.door)
    with permitting(token_failures_address="3/h"):
        found = []
        for _ in range(4):
            nobody = Basic(client_id=secrets.token_hex(8), secret="x" * 20)
            found.append(replace(machine, door=door, credentials=nobody).client_credentials())
        assert [one.status_code for one in found] == [401, 401, 401, 429]
        assert replace(machine, door=door).client_credentials().status_code == 429
        assert elsewhere(machine).client_credentials().status_code == 200


def test_in_the_shadow_everybody_is_served(machine: RelyingParty) -> None:
    with permitting(token="1/h", token_failures="1/h", is_shadow=True):
        assert [machine.client_credentials().status_code for _ in range(3)] == [200, 200, 200]
        here = wrong(elsewhere(machine))
        assert [here.client_credentials().status_code for _ in range(3)] == [401, 401, 401]


def test_without_limits_nothing_is_told(machine: RelyingParty) -> None:
    with permitting(token="1/h", danger_off=True):
        answers = [machine.client_credentials() for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 200]
    assert told(answers[0]) == set()
