"""RFC 9700 §4.14.2 — reuse ends the family whatever becomes of the request that reported it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from tests.rp import RelyingParty
from tokens import grants, refresh, statements
from tokens.grants import Why


def _failing_after(table: str, verb: str) -> Callable[..., Any]:
    """Return a wrapper that lets such a statement through and then loses the connection."""

    def execute_and_fail(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        result = execute(sql, *rest)
        if sql.split(maxsplit=1)[0].upper() == verb and table in sql and "revoked_why =" in sql:
            raise OperationalError("the connection was lost")
        return result

    return execute_and_fail


def test_the_family_ends_though_the_answer_is_lost(rp: RelyingParty) -> None:
    first = rp.tokens()["refresh_token"]
    second = rp.refresh(first).json()["refresh_token"]
    third = rp.refresh(second).json()
    with connection.execute_wrapper(_failing_after("tokens_grant", "UPDATE")):
        assert rp.refresh(first).status_code == 503
    assert rp.refresh(third["refresh_token"]).json()["error"] == "invalid_grant"
    assert rp.userinfo(third["access_token"]).status_code == 401


def test_the_grant_ends_though_the_answer_to_the_replay_is_lost(rp: RelyingParty) -> None:
    arrival = rp.authorize()
    issued = rp.redeem(arrival).json()
    with connection.execute_wrapper(_failing_after("tokens_grant", "UPDATE")):
        assert rp.redeem(arrival).status_code == 503
    assert rp.refresh(issued["refresh_token"]).json()["error"] == "invalid_grant"


def test_no_decision_joins_a_transaction_that_could_be_rolled_back(rp: RelyingParty) -> None:
    token = refresh.open(rp.tokens()["refresh_token"])
    assert token
    with transaction.atomic(), pytest.raises(statements.InsideTransactionError):
        grants.turn(token, grace=0)
    with transaction.atomic(), pytest.raises(statements.InsideTransactionError):
        grants.end(token.grant_id, why=Why.REFRESH_REUSED)
    assert grants.find(token.grant_id)
