"""RFC 9110 §15 — the front door and Django's views give identical answers, byte for byte.

Only what differs between any two answers may differ: the date, the request id, and what is minted.
"""

from typing import Any

import pytest

from tests.doors import FORM, Door, Response
from tests.parties import Enrol

pytestmark = pytest.mark.leg("sqlite")

OWN = frozenset({"date", "x-request-id", "ratelimit", "x-ratelimit-remaining", "x-ratelimit-reset"})
REQUESTS: dict[str, dict[str, Any]] = {
    "discovery": {"method": "GET", "url": "/.well-known/openid-configuration"},
    "metadata": {"method": "GET", "url": "/.well-known/oauth-authorization-server"},
    "keys": {"method": "GET", "url": "/oauth2/jwks"},
    "keys by HEAD": {"method": "HEAD", "url": "/oauth2/jwks"},
    "token by GET": {"method": "GET", "url": "/oauth2/token"},
    "token by OPTIONS": {"method": "OPTIONS", "url": "/oauth2/token"},
    "token without anything": {"method": "POST", "url": "/oauth2/token"},
    "token of an unknown grant": {
        "method": "POST",
        "url": "/oauth2/token",
        "body": b"grant_type=x&client_id=nobody",
    },
    "token with a query": {"method": "POST", "url": "/oauth2/token", "query": {"a": "b"}},
    "token in JSON": {
        "method": "POST",
        "url": "/oauth2/token",
        "body": b"{}",
        "headers": {"Content-Type": "application/json"},
    },
    "token with a wrong secret": {
        "method": "POST",
        "url": "/oauth2/token",
        "body": b"grant_type=client_credentials",
        "headers": {"Authorization": "Basic bm9ib2R5OndvcmRz"},
    },
    "too much": {"method": "POST", "url": "/oauth2/introspect", "body": b"a" * 70_000},
    "userinfo without a token": {"method": "GET", "url": "/oauth2/userinfo"},
    "userinfo with a bad token": {
        "method": "GET",
        "url": "/oauth2/userinfo",
        "headers": {"Authorization": "Bearer x.y.z"},
    },
    "revocation without a client": {
        "method": "POST",
        "url": "/oauth2/revoke",
        "body": b"token=x",
    },
    "alive": {"method": "GET", "url": "/livez"},
    "ready": {"method": "GET", "url": "/readyz"},
}


def _seen(answer: Response) -> tuple[int, list[tuple[str, str]], bytes]:
    headers = sorted(
        (name.lower(), value) for name, value in answer.headers.items() if name.lower() not in OWN
    )
    return answer.status_code, headers, answer.body


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_both_doors_answer_alike(request_: dict[str, Any]) -> None:
    wanted = {"headers": {"Content-Type": FORM}} | request_
    front, django = (Door(name=name).send(**wanted) for name in ("front", "django"))
    assert _seen(front) == _seen(django)


def test_both_doors_introspect_alike(enrol: Enrol) -> None:
    rp = enrol()
    token = rp.tokens()["access_token"]
    answers = []
    for name in ("front", "django"):
        rp.door = Door(name=name)
        answers.append(rp.introspect(token))
    assert answers[0].json()["active"] is True
    assert _seen(answers[0]) == _seen(answers[1])
