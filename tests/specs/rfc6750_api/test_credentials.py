"""Which credentials open the API, and what is said to all others."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from accounts import people
from accounts.api import authentication, challenges
from accounts.api.authentication import Caller
from config import policy, rates
from tests import api, peers, person
from tests.api import Program
from tests.doors import Door, Response
from tests.parties import MACHINE, AddApi, Enrol
from tests.person import Person
from tests.rp import RelyingParty
from tokens import grants
from tokens.grants import Why

pytestmark = pytest.mark.spec("RFC 6750 §3.1")
READ = "openid users:read"


def challenge(answer: Response) -> str:
    api.codes(answer)
    return answer.headers["WWW-Authenticate"] or ""


@pytest.fixture
def rp(enrol: Enrol) -> RelyingParty:
    return enrol(scope=f"{api.SCOPE} offline_access")


def refused(answer: Response, error: str = "invalid_token", status: int = 401) -> None:
    assert answer.status_code == status, answer.text
    assert f'error="{error}"' in challenge(answer)
    assert answer.json()["error"] == error


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer x",
        'Bearer "><script>alert(1)</script>',
        "Bearer eyJhbGciOiJub25lIn0.e30.",
        "Bearer " + "a" * 20_000,
        "Bearer a, Bearer b",
        "Bearer \xe9",
    ],
)
def test_what_is_no_token(header: str, way_in: Door) -> None:
    answer = Program(door=way_in, headers={"Authorization": header}).get("/me")
    refused(answer)
    assert "<script" not in answer.text + str(answer.headers)


@pytest.mark.parametrize("header", ["", "Basic YTpi", "DPoP abc", "Digest x"])
def test_who_sends_none_is_told_how(header: str, way_in: Door) -> None:
    answer = Program(door=way_in, headers={"Authorization": header}).get("/me")
    assert answer.status_code == 401
    assert "error=" not in challenge(answer)
    assert 'scope="users:read"' in challenge(answer)


def test_other_tokens_of_ours_are_none(rp: RelyingParty, someone: Person) -> None:
    issued = rp.tokens(someone, scope=f"{READ} offline_access")
    for name in ("id_token", "refresh_token"):
        refused(api.with_token(rp.door, issued[name]).get("/me"))
    assert api.with_token(rp.door, issued["access_token"]).get("/me").status_code == 200
    header, body, signature = issued["access_token"].split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["scope"] += " users:admin"
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    refused(api.with_token(rp.door, f"{header}.{forged}.{signature}").get("/me"))


def test_a_token_for_another_resource(enrol: Enrol, someone: Person, add_api: AddApi) -> None:
    other = add_api()
    rp = enrol(scope=f"{READ} {other}")
    token = rp.tokens(someone, scope=READ, resource=other)["access_token"]
    refused(api.with_token(rp.door, token).get("/me"))


def test_what_ends_a_token_ends_it_here_at_once(rp: RelyingParty, someone: Person) -> None:
    issued = rp.tokens(someone, scope=READ)
    program = api.with_token(rp.door, issued["access_token"])
    assert program.get("/me").status_code == 200
    rp.revoke(issued["access_token"])
    refused(program.get("/me"))
    other = rp.tokens(someone, scope=READ)["access_token"]
    people.sign_out(someone.subject)
    people.disable(someone.subject)
    refused(api.with_token(rp.door, other).get("/me"))


def test_two_credentials_are_one_too_many(rp: RelyingParty, someone: Person) -> None:
    token = rp.tokens(someone, scope=READ)["access_token"]
    key = api.with_key(rp.door, "users:read").headers
    both = Program(door=rp.door, headers={"Authorization": f"Bearer {token}", **key})
    refused(both.get("/me"), "invalid_request", 400)
    in_query = Program(door=rp.door).get("/me", query={"access_token": token})
    refused(in_query, "invalid_request", 400)


def test_a_token_without_the_scope(rp: RelyingParty, someone: Person) -> None:
    program = api.of_person(rp, someone, "openid")
    for answer, scope in [
        (program.get("/me"), "users:read"),
        (program.patch("/me", {"age": 20}), "users:write"),
    ]:
        refused(answer, "insufficient_scope", 403)
        assert f'scope="{scope}"' in challenge(answer)


def test_a_token_bound_to_a_key_is_no_bearer_token() -> None:
    caller = Caller(subject="x", scopes=frozenset(), cnf={"jkt": "x"})
    with pytest.raises(challenges.InvalidToken):
        authentication.Bearer().check_sender(None, caller)  # type: ignore[arg-type]


def test_only_administrators_are_granted_the_scope(
    rp: RelyingParty, someone: Person, way_in: Door
) -> None:
    assert rp.tokens(someone, scope=api.SCOPE)["scope"] == "openid users:read users:write"
    boss = api.administrator(way_in)
    assert "users:admin" in rp.tokens(boss, scope=api.SCOPE)["scope"].split()
    alone = rp.authorize(someone, scope="users:admin")
    assert alone.error == "invalid_scope"


def test_no_program_is_granted_it(enrol: Enrol) -> None:
    machine = enrol(**MACHINE, scope="users:read users:write users:admin")
    asked = machine.client_credentials(scope="users:admin users:read")
    assert (asked.status_code, asked.json()["error"]) == (400, "invalid_scope")


def test_a_client_acts_for_itself(enrol: Enrol) -> None:
    machine = enrol(**MACHINE, scope="users:read users:write")
    token = machine.client_credentials(scope="users:read").json()["access_token"]
    program = api.with_token(machine.door, token)
    assert program.get(query={"limit": "1"}).status_code == 200
    assert program.post(api.new_user()).status_code == 403
    assert program.get("/me").status_code == 403


def test_who_is_no_administrator_any_more(rp: RelyingParty, way_in: Door) -> None:
    boss = api.administrator(way_in)
    program = api.of_person(rp, boss)
    assert program.get(query={"limit": "1"}).status_code == 200
    people.appoint(boss.subject, is_staff=False)
    refused(program.get(query={"limit": "1"}))


def test_the_row_decides_whatever_the_token_says(rp: RelyingParty, way_in: Door) -> None:
    boss = api.administrator(way_in)
    program = api.of_person(rp, boss)
    row = api.row(boss.subject)
    type(row).objects.filter(pk=row.pk).update(is_staff=False)  # around what would end the token
    refused(program.get(query={"limit": "1"}), "insufficient_scope", 403)
    refused(program.delete(f"/{boss.subject}"), "insufficient_scope", 403)


def test_an_application_that_knows_a_pairwise_person(enrol: Enrol, someone: Person) -> None:
    rp = enrol(scope=api.SCOPE, subject_type="pairwise")
    issued = rp.tokens(someone, scope=READ)
    known_as = rp.claims(issued["id_token"])["sub"]
    program = api.with_token(rp.door, issued["access_token"])
    assert known_as != someone.subject
    assert program.get("/me").json()["id"] == known_as
    assert someone.subject not in program.get("/me").text


@pytest.fixture
def scarce() -> Any:
    tight = replace(
        policy.current().throttle, api=rates.parse("3/m 5/h"), api_failures=rates.parse("2/m 4/h")
    )
    with policy.replaced(throttle=tight):
        yield


@pytest.mark.spec("RFC 6585 §4")
def test_too_many_requests(scarce: None, rp: RelyingParty, someone: Person) -> None:
    program = api.of_person(rp, someone, READ)
    left = []
    for _ in range(3):
        answer = program.get("/me")
        assert answer.status_code == 200
        left.append(answer.headers["X-RateLimit-Remaining"])
        assert answer.headers["RateLimit-Policy"] == '"minute";q=3;w=60, "hour";q=5;w=3600'
    assert left == ["2", "1", "0"]
    over = program.get("/me")
    api.codes(over)
    told = over.json()
    assert (over.status_code, told["error"]) == (429, "too_many_requests")
    assert told["type"] == "https://iana.org/assignments/http-problem-types#quota-exceeded"
    assert over.headers["Retry-After"] == str(told["retryAfter"])
    assert 0 < told["retryAfter"] <= 66
    assert program.get(f"/{someone.subject}").status_code == 200  # another endpoint
    other = api.of_person(rp, person.registered(rp.door), READ)
    assert other.get("/me").status_code == 200


@pytest.mark.spec("RFC 6585 §4")
def test_strangers_are_counted_by_their_network(scarce: None, way_in: Door) -> None:
    prefix = peers.network()
    statuses = [
        Program(door=replace(way_in, peer=f"{prefix}::{n}")).get("/me").status_code
        for n in range(1, 6)
    ]
    assert statuses == [401, 401, 401, 429, 429]


@pytest.mark.spec("RFC 6585 §4")
def test_wrong_keys_are_counted_too(scarce: None, way_in: Door) -> None:
    door = replace(way_in, peer=peers.somewhere())
    paths = ("/me", "", "/none/1", "/me")
    statuses = [
        Program(door=door, headers={"X-API-Key": "ask_x"}).get(path).status_code for path in paths
    ]
    assert statuses == [401, 401, 429, 429]


def test_a_grant_that_ended_is_gone(rp: RelyingParty, someone: Person) -> None:
    token = rp.tokens(someone, scope=READ)["access_token"]
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    grants.end(claims["gid"], why=Why.REVOKED)
    refused(api.with_token(rp.door, token).get("/me"))
