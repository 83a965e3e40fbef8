"""OWASP API4:2023 — parts, bodies, depths, lengths and rates all have an end."""

import time
from dataclasses import replace

import pytest

from config import policy, rates
from tests import api
from tests.api import Program

pytestmark = pytest.mark.spec("OWASP API4")


@pytest.mark.parametrize("limit", ["0", "-1", "101", "1000000000", "x", "1e3", "٣", ""])
def test_a_part_has_an_end(limit: str, service: Program) -> None:
    answer = service.get(query={"limit": limit})
    assert (answer.status_code, api.codes(answer)) == (400, {"limit": ["range"]})


def test_a_list_has_a_depth(service: Program) -> None:
    assert service.get(query={"page": "101", "limit": "100"}).status_code == 400


def test_the_longest_password_costs_no_hash(service: Program) -> None:
    began = time.perf_counter()
    answer = service.post(api.new_user(password="Aa1!" * 15_000))
    assert answer.status_code == 400
    assert "password_too_long" in api.codes(answer)["password"]
    assert time.perf_counter() - began < 5  # no more than a sign that nothing grew out of hand


def test_a_body_has_an_end(service: Program) -> None:
    assert service.post(b"[" * 60_000).status_code == 400
    assert service.post(b'{"a":1,' * 9_000).status_code == 400
    assert service.post(b" " * 100_000).status_code == 413


def test_everybody_has_a_rate(service: Program) -> None:
    with policy.replaced(throttle=replace(policy.current().throttle, api=rates.parse("2/m"))):
        assert [service.get().status_code for _ in range(3)] == [200, 200, 429]
