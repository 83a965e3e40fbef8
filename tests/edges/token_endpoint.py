"""Codes, refresh tokens, introspection and revocation, where Authlib leaves work."""

import dataclasses
import threading
from collections.abc import Mapping
from datetime import timedelta

import jwt
import time_machine
from django.db import connections

from config import policy
from tests.doors import Response
from tests.edges.world import PUBLIC, World

NO_GRACE = policy.Refresh(grace=timedelta(0))


def _error(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("error", "")


def a_host_that_is_not_loopback(here: World) -> None:
    """Behind a proxy that does not say https, or with any Host a stranger sends."""
    rp = here.enrol()
    form = {"grant_type": "client_credentials"}
    assert rp.post("token", form, headers={"Host": "id.example"}).status_code == 200


def a_code_redeemed_twice(here: World) -> None:
    rp = here.enrol()
    arrival = rp.authorize()
    issued = rp.redeem(arrival).json()
    assert _error(rp.redeem(arrival)) == (400, "invalid_grant")
    assert rp.is_dead(issued["access_token"])
    assert _error(rp.refresh(issued["refresh_token"])) == (400, "invalid_grant")


def a_code_redeemed_by_many(here: World) -> None:
    rp = here.enrol()
    for _ in range(30):
        arrival, answers = rp.authorize(), list[int]()
        gate = threading.Barrier(6)

        def redeem(arrival: object = arrival, gate: threading.Barrier = gate) -> None:
            gate.wait(10)
            answers.append(rp.redeem(arrival).status_code)  # type: ignore[arg-type] # noqa: B023
            connections.close_all()

        threads = [threading.Thread(target=redeem) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        assert sorted(answers) == [200, 400, 400, 400, 400, 400]


def a_code_with_a_wrong_verifier(here: World) -> None:
    rp = here.enrol(**PUBLIC)
    arrival = rp.authorize()
    assert _error(rp.redeem(arrival, code_verifier="w" * 43)) == (400, "invalid_grant")
    assert _error(rp.redeem(arrival)) == (400, "invalid_grant"), "a guess spends it"


def a_verifier_with_a_line_break(here: World) -> None:
    rp = here.enrol()
    arrival = rp.authorize()
    assert arrival.asked.verifier
    padded = dataclasses.replace(arrival.asked, verifier=f"{arrival.asked.verifier}\n")
    answer = rp.redeem(dataclasses.replace(arrival, asked=padded))
    assert _error(answer) == (400, "invalid_request")


def a_refresh_token_used_twice(here: World) -> None:
    rp = here.enrol()
    first = rp.tokens()["refresh_token"]
    with policy.replaced(refresh=NO_GRACE):
        second = rp.refresh(first).json()
        assert _error(rp.refresh(first)) == (400, "invalid_grant")
        assert _error(rp.refresh(second["refresh_token"])) == (400, "invalid_grant")
    assert rp.is_dead(second["access_token"])


def a_lost_answer_to_a_refresh(here: World) -> None:
    """Let a second tab, or a retry, sign nobody out."""
    rp = here.enrol()
    token = rp.tokens()["refresh_token"]
    answers = [rp.refresh(token) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1


def a_scope_narrowed_for_good(here: World) -> None:
    rp = here.enrol()
    first = rp.tokens(scope="openid email")["refresh_token"]
    narrow = rp.refresh(first, scope="openid").json()
    assert narrow["scope"] == "openid"
    assert set(rp.refresh(narrow["refresh_token"]).json()["scope"].split()) == {"openid", "email"}


def refreshing_by_another_method_than_basic(here: World) -> None:
    for changes in ({"token_endpoint_auth_method": "client_secret_post"}, PUBLIC):
        rp = here.enrol(**changes)
        assert rp.refresh(rp.tokens()["refresh_token"]).status_code == 200


def auth_time_of_now(here: World) -> None:
    """When the person signed in, not when the token was made."""
    rp = here.enrol()
    signed_in = jwt.decode(rp.tokens()["id_token"], options={"verify_signature": False})
    with time_machine.travel(signed_in["iat"] + 40):
        token = rp.tokens()["id_token"]
    later = jwt.decode(token, options={"verify_signature": False})
    assert later["auth_time"] <= signed_in["iat"] < later["iat"]


def no_kid_and_no_type(here: World) -> None:
    rp = here.enrol()
    token = rp.tokens()["access_token"]
    header = jwt.get_unverified_header(token) if token.count(".") == 2 else {}
    assert header.get("typ") == "at+jwt"
    assert header.get("kid")


def a_token_for_ten_days(here: World) -> None:
    answer = here.enrol().client_credentials(scope="profile").json()
    assert answer["expires_in"] <= 900


def parameters_in_the_query(here: World) -> None:
    rp = here.enrol()
    headers, _ = rp.credentials.proof(rp.issuer)
    url = f"{rp.address('token')}?grant_type=client_credentials&scope=profile"
    assert _error(rp.door.post(url, {}, headers=headers)) == (400, "invalid_request")


def a_parameter_sent_twice(here: World) -> None:
    rp = here.enrol()
    for name, value in (("grant_type", "client_credentials"), ("scope", "profile")):
        form: Mapping[str, list[str] | str] = {
            "grant_type": "client_credentials",
            name: [value] * 2,
        }
        assert _error(rp.post("token", form)) == (400, "invalid_request"), name


def a_hint_nobody_knows(here: World) -> None:
    rp = here.enrol()
    token = rp.tokens()["access_token"]
    assert rp.introspect(token, token_type_hint="pat").status_code == 200
    assert rp.revoke(token, token_type_hint="pat").status_code == 200


def a_foreign_token_revoked(here: World) -> None:
    rp, other = here.enrol(), here.enrol()
    token = rp.tokens()["access_token"]
    assert other.revoke(token).status_code == 200
    assert not rp.is_dead(token)


def an_error_without_words(here: World) -> None:
    for endpoint in ("introspection", "revocation"):
        answer = here.enrol().post(endpoint, {})
        assert _error(answer) == (400, "invalid_request")
        assert answer.json().get("error_description")


EDGES = (
    a_host_that_is_not_loopback,
    a_code_redeemed_twice,
    a_code_with_a_wrong_verifier,
    a_verifier_with_a_line_break,
    a_refresh_token_used_twice,
    a_lost_answer_to_a_refresh,
    a_scope_narrowed_for_good,
    refreshing_by_another_method_than_basic,
    auth_time_of_now,
    no_kid_and_no_type,
    a_token_for_ten_days,
    parameters_in_the_query,
    a_parameter_sent_twice,
    a_hint_nobody_knows,
    a_foreign_token_revoked,
    an_error_without_words,
)
