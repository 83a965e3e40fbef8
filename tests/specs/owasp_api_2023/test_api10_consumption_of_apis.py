"""OWASP API10:2023 — what others send is judged here like anybody's, however it was vouched for."""

import pytest

from tests import api
from tests.api import Program

pytestmark = pytest.mark.spec("OWASP API10")


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "<script>alert(1)</script>"},
        {"name": {"first": "Ada"}},
        {"email": "a@example.com\r\nBcc: b@example.com"},
        {"age": "NaN"},
        {"password": None},
    ],
)
def test_a_trusted_service_is_not_believed(changes: dict[str, object], service: Program) -> None:
    answer = service.post(api.new_user(**changes))
    assert answer.status_code == 400
    assert set(api.codes(answer)) == set(changes)


def test_half_an_account_is_never_made(service: Program) -> None:
    wanted = api.new_user(name="1")
    service.post(wanted)
    assert service.get(query={"search": wanted["email"]}).json()["data"] == []
