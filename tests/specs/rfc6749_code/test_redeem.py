"""RFC 6749 §4.1.3 — what a code is exchanged for, and by whom alone."""

import time
from collections.abc import Callable
from typing import Any

import pytest
import time_machine

from accounts import consent, people
from authserver import registrar
from tests.parties import Enrol
from tests.person import Person
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("RFC 6749 §4.1.3")

OTHER = "https://app.example/other"


@pytest.mark.spec("RFC 6749 §5.1")
def test_the_answer_is_complete_and_never_stored(rp: RelyingParty) -> None:
    answer = rp.redeem(rp.authorize(scope="openid email"))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Pragma"] == "no-cache"
    assert set(answer.json()) == {
        "access_token",
        "token_type",
        "expires_in",
        "refresh_token",
        "scope",
        "id_token",
    }
    assert answer.json()["token_type"] == "Bearer"
    assert answer.json()["expires_in"] == 900
    assert answer.json()["scope"] == "openid email"


def test_without_openid_there_is_no_id_token(rp: RelyingParty) -> None:
    assert "id_token" not in rp.tokens(scope="profile")


def test_a_client_without_the_refresh_grant_gets_no_refresh_token(enrol: Enrol) -> None:
    rp = enrol(grant_types=["authorization_code"])
    assert "refresh_token" not in rp.tokens(scope="openid offline_access")


@pytest.mark.spec("RFC 9068 §2.2")
def test_the_access_token_says_what_was_granted(rp: RelyingParty, someone: Person) -> None:
    token = rp.tokens(scope="openid email")["access_token"]
    claims = rp.claims(token, audience=f"{rp.issuer}/api")
    assert claims["sub"] == someone.subject
    assert claims["client_id"] == rp.client_id
    assert claims["scope"] == "openid email"
    assert claims["exp"] - claims["iat"] == 900
    assert {"jti", "auth_time", "acr", "amr"} <= set(claims)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        pytest.param({"code": None}, "invalid_request", id="no code"),
        pytest.param({"code": ""}, "invalid_request", id="empty code"),
        pytest.param({"code": "as_ac_x"}, "invalid_grant", id="garbage"),
        pytest.param({"code": "c\u00f6de"}, "invalid_request", id="beyond ASCII"),
        pytest.param({"redirect_uri": None}, "invalid_grant", id="no redirect_uri"),
        pytest.param({"redirect_uri": ""}, "invalid_grant", id="empty redirect_uri"),
        pytest.param({"redirect_uri": OTHER}, "invalid_grant", id="other registered redirect_uri"),
        pytest.param({"grant_type": None}, "invalid_request", id="no grant_type"),
        pytest.param({"grant_type": "bogus"}, "unsupported_grant_type", id="bogus grant_type"),
        pytest.param({"grant_type": "password"}, "unsupported_grant_type", id="password"),
        pytest.param({"grant_type": "implicit"}, "unsupported_grant_type", id="implicit"),
        pytest.param(
            {"grant_type": ["authorization_code"] * 2}, "invalid_request", id="two grant_types"
        ),
        pytest.param({"code_verifier": ["v" * 43] * 2}, "invalid_request", id="two verifiers"),
        pytest.param(
            {"client_id": "somebody"}, "invalid_client", id="another client_id in the body"
        ),
    ],
)
def test_a_faulty_request_gets_nothing(enrol: Enrol, changes: dict[str, Any], error: str) -> None:
    rp = enrol(redirect_uris=["https://app.example/cb", OTHER])
    answer = rp.redeem(rp.authorize(), **changes)
    assert answer.json()["error"] == error
    assert answer.status_code == (401 if error == "invalid_client" else 400)
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_code_that_was_asked_for_without_an_address_needs_none(enrol: Enrol) -> None:
    rp = enrol()
    answer = rp.redeem(rp.authorize(redirect_uri=None, scope="profile"), redirect_uri=None)
    assert answer.status_code == 200


@pytest.mark.parametrize("fault", ["redirect_uri", "client"])
def test_a_code_presented_wrongly_is_spent(
    rp: RelyingParty, other_rp: RelyingParty, fault: str
) -> None:
    arrival = rp.authorize()
    if fault == "client":
        wrong = other_rp.redeem(arrival)
    else:
        wrong = rp.redeem(arrival, redirect_uri=OTHER)
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_grant")
    assert rp.redeem(arrival).json()["error"] == "invalid_grant"


ALTERED: dict[str, Callable[[str], str]] = {
    "last character dropped": lambda code: code[:-1],
    "a character appended": lambda code: f"{code}A",
    "half of it": lambda code: code[: len(code) // 2],
    "in other case": str.swapcase,
    "with a space": lambda code: f"{code} ",
    "of another kind": lambda code: code.replace("as_ac_", "as_rt_"),
    "with a wildcard": lambda code: f"{code[:-1]}%",
}


@pytest.mark.parametrize("alter", ALTERED.values(), ids=ALTERED)
def test_an_altered_code_is_none(rp: RelyingParty, alter: Callable[[str], str]) -> None:
    arrival = rp.authorize()
    answer = rp.redeem(arrival, code=alter(arrival.code))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize("kind", ["access_token", "refresh_token", "id_token"])
def test_no_token_is_a_code(rp: RelyingParty, kind: str) -> None:
    answer = rp.redeem(rp.tokens()[kind])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


@pytest.mark.spec("RFC 6749 §4.1.2")
@pytest.mark.parametrize(("seconds", "status"), [(55, 200), (61, 400)])
def test_a_code_is_good_for_a_minute(rp: RelyingParty, seconds: int, status: int) -> None:
    arrival = rp.authorize()
    with time_machine.travel(time.time() + seconds):
        assert rp.redeem(arrival).status_code == status


def test_a_public_client_names_itself(public: RelyingParty) -> None:
    arrival = public.authorize()
    answer = public.redeem(arrival, client_id=None)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert public.redeem(arrival).status_code == 200


def test_a_client_not_registered_for_codes_redeems_none(
    rp: RelyingParty, machine: RelyingParty
) -> None:
    answer = machine.redeem(rp.authorize())
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


CUT_OFF: dict[str, Callable[[RelyingParty, Person], object]] = {
    "disabled": lambda _, person: people.disable(person.subject),
    "deleted": lambda _, person: people.delete(person.subject),
    "signed out": lambda _, person: person.sign_out(),
    "withdrawn": lambda rp, person: consent.withdraw(person.subject, rp.client_id),
    "client re-enabled": lambda rp, _: (
        registrar.disable(rp.client_id),
        registrar.enable(rp.client_id),
    ),
}


@pytest.mark.parametrize("cut_off", CUT_OFF.values(), ids=CUT_OFF)
def test_a_code_dies_with_what_it_rests_on(
    rp: RelyingParty, someone: Person, cut_off: Callable[[RelyingParty, Person], object]
) -> None:
    arrival = rp.authorize()
    cut_off(rp, someone)
    answer = rp.redeem(arrival)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_a_disabled_client_is_no_client(rp: RelyingParty) -> None:
    arrival = rp.authorize()
    registrar.disable(rp.client_id)
    answer = rp.redeem(arrival)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert rp.ask().outcome == "shown"
