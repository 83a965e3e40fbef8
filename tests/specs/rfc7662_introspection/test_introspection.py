"""RFC 7662 — what an introspection says, of which token, and to whom."""

import time

import pytest
import time_machine

from tests.credentials import Basic
from tests.doors import Response
from tests.parties import MACHINE, AddApi, Enrol
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 7662 §2")

INACTIVE = {"active": False}


def _says(answer: Response) -> dict[str, object]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    return dict(answer.json())


@pytest.mark.spec("RFC 7662 §2.2")
def test_a_person_s_access_token(rp: RelyingParty, resource_server: RelyingParty) -> None:
    token = rp.tokens(scope="openid email")["access_token"]
    told = _says(resource_server.introspect(token))
    claims = rp.claims(token, audience=f"{rp.issuer}/api")
    assert told == {"active": True, "token_type": "Bearer", **claims}
    assert told["client_id"] == rp.client_id
    assert told["scope"] == "openid email"
    assert {"iss", "sub", "aud", "exp", "iat", "jti"} <= set(told)


def test_a_client_s_own_token(machine: RelyingParty, resource_server: RelyingParty) -> None:
    token = machine.client_credentials().json()["access_token"]
    told = _says(resource_server.introspect(token))
    assert told["active"]
    assert told["sub"] == told["client_id"] == machine.client_id
    assert "born" not in told, "what only we need is not shown"


def test_an_opaque_access_token(
    enrol: Enrol, add_api: AddApi, resource_server: RelyingParty
) -> None:
    api = add_api(token_format="opaque")
    machine = enrol(**{**MACHINE, "scope": api}, resources=[api])
    token = machine.client_credentials(resource=api).json()["access_token"]
    told = _says(resource_server.introspect(token))
    assert (told["active"], told["aud"], told["client_id"]) == (True, api, machine.client_id)


def test_a_refresh_token_has_an_identifier_and_an_end(rp: RelyingParty) -> None:
    issued = rp.tokens(scope="openid offline_access")
    told = _says(rp.introspect(issued["refresh_token"]))
    assert told["active"]
    assert told["token_type"] == "refresh_token"
    assert told["client_id"] == rp.client_id
    assert told["jti"]
    assert isinstance(told["exp"], int)
    assert told["exp"] > time.time()
    again = rp.refresh(issued["refresh_token"]).json()["refresh_token"]
    assert _says(rp.introspect(again))["jti"] != told["jti"], "another token, another identifier"
    assert _says(rp.introspect(issued["refresh_token"])) == INACTIVE, "only the latest counts"


def test_a_refresh_token_is_nobody_s_business_but_its_client_s(
    rp: RelyingParty, other_rp: RelyingParty, resource_server: RelyingParty
) -> None:
    token = rp.tokens()["refresh_token"]
    assert _says(other_rp.introspect(token)) == INACTIVE
    assert _says(resource_server.introspect(token)) == INACTIVE
    assert rp.refresh(token).status_code == 200, "and asking ends nothing"


@pytest.mark.spec("RFC 7662 §4")
def test_who_may_see_an_access_token(enrol: Enrol, add_api: AddApi) -> None:
    api, other_api = add_api(), add_api()
    owner = enrol(**{**MACHINE, "scope": api}, resources=[api])
    token = owner.client_credentials(resource=api).json()["access_token"]
    seers = {
        "its client": owner,
        "its resource": enrol(**MACHINE, may_introspect=[api]),
        "another resource": enrol(**MACHINE, may_introspect=[other_api]),
        "every resource": enrol(**MACHINE, may_introspect=True),
        "another client": enrol(**MACHINE),
    }
    seen = {name: _says(seer.introspect(token))["active"] for name, seer in seers.items()}
    assert seen == {
        "its client": True,
        "its resource": True,
        "another resource": False,
        "every resource": True,
        "another client": False,
    }


def test_a_public_client_sees_nothing_not_even_its_own(public: RelyingParty) -> None:
    issued = public.tokens()
    assert _says(public.introspect(issued["access_token"])) == INACTIVE
    assert _says(public.introspect(issued["refresh_token"])) == INACTIVE


@pytest.mark.spec("RFC 7662 §2.1")
@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "id_token", "anything"])
def test_the_hint_changes_nothing(rp: RelyingParty, hint: str) -> None:
    issued = rp.tokens()
    for name in ("access_token", "refresh_token"):
        told = _says(rp.introspect(issued[name], token_type_hint=hint))
        assert told == _says(rp.introspect(issued[name]))
        assert told["active"]


@pytest.mark.spec("RFC 7662 §2.2")
@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "as_rt_" + "A" * 200,
        "as_at_" + "A" * 200,
        "a.b.c",
        "eyJhbGciOiJub25lIn0.eyJhY3RpdmUiOnRydWV9.",
    ],
)
def test_what_is_no_token_of_ours_is_inactive_and_nothing_more(
    resource_server: RelyingParty, text: str
) -> None:
    assert _says(resource_server.introspect(text)) == INACTIVE


def test_an_id_token_is_not_an_access_token(rp: RelyingParty) -> None:
    assert _says(rp.introspect(rp.tokens()["id_token"])) == INACTIVE


def test_a_code_is_not_a_token(rp: RelyingParty) -> None:
    arrival = rp.authorize()
    assert _says(rp.introspect(arrival.code)) == INACTIVE
    assert rp.redeem(arrival).status_code == 200


def test_an_altered_token_is_inactive(rp: RelyingParty) -> None:
    head, body, mark = rp.tokens()["access_token"].split(".")
    changed = mark[:-2] + ("AA" if mark[-2:] != "AA" else "BB")
    assert _says(rp.introspect(f"{head}.{body}.{changed}")) == INACTIVE


def test_an_expired_token_is_inactive(rp: RelyingParty) -> None:
    issued = rp.tokens(scope="openid offline_access")
    with time_machine.travel(time.time() + 901):
        assert _says(rp.introspect(issued["access_token"])) == INACTIVE
        assert _says(rp.introspect(issued["refresh_token"]))["active"]


@pytest.mark.spec("RFC 7662 §2.1")
def test_a_token_is_needed(rp: RelyingParty) -> None:
    answer = rp.post("introspection", {})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.spec("RFC 7662 §2.1")
def test_the_caller_comes_first(rp: RelyingParty) -> None:
    token = rp.tokens()["access_token"]
    nobody = Basic(client_id=rp.client_id, secret="as_cs_wrong")
    answer = rp.post("introspection", {"token": token}, nobody)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    anonymous = rp.door.post(rp.address("introspection"), {"token": token})
    assert (anonymous.status_code, anonymous.json()["error"]) == (401, "invalid_client")


@pytest.mark.spec("RFC 7662 §2.1")
def test_a_token_in_the_query_is_not_read(rp: RelyingParty) -> None:
    token = rp.tokens()["access_token"]
    headers, _ = rp.credentials.proof(rp.issuer)
    answer = rp.door.post(f"{rp.address('introspection')}?token={token}", {}, headers=headers)
    assert answer.status_code == 400
    assert rp.door.get(rp.address("introspection"), query={"token": token}).status_code == 405
