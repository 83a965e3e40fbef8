"""OWASP API2:2023 — nothing answers without a credential, and none is guessed or kept readable."""

import pytest

from tests import api, doors
from tests.api import Program

pytestmark = pytest.mark.spec("OWASP API2")
CALLS = [
    *(("GET", ""), ("POST", ""), ("GET", "/me"), ("PATCH", "/me")),
    *((method, "/00000000-0000-4000-8000-000000000000") for method in ("GET", "PATCH", "DELETE")),
]


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_nobody_is_let_in(method: str, path: str, way_in: doors.Door) -> None:
    body = None if method in {"GET", "DELETE"} else {"name": "Nobody"}
    answer = Program(door=way_in).call(method, path, body)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"]
    api.codes(answer)


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_a_session_is_no_credential(method: str, path: str, own: Program) -> None:
    assert own.person is not None
    browser = own.person.browser
    page = (
        browser.open(f"/api/v1/users{path}")
        if method == "GET"
        else browser.send(method, f"/api/v1/users{path}", {"name": "By Cookie"})
    )
    assert page.status_code == 401


def test_a_password_is_never_told(own: Program, service: Program, admin: Program) -> None:
    assert own.person is not None
    hashed = api.row(own.person.subject).password
    for answer in (own.get("/me"), service.get(), admin.get(), admin.get(f"/{own.person.subject}")):
        assert answer.status_code == 200
        assert "password" not in answer.text
        assert hashed not in answer.text
        assert "argon2" not in answer.text
