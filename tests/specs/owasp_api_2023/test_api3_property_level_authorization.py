"""OWASP API3:2023 — each audience is told its members, and writes its members, and no others."""

import pytest

from tests import api
from tests.api import Program

pytestmark = pytest.mark.spec("OWASP API3")
OWN = {"id", "email", "emailVerified", "name", "age", "createdAt", "updatedAt"}
SERVICE = {"id", "email", "emailVerified", "name", "isActive", "createdAt", "updatedAt"}
ADMINISTRATOR = SERVICE | {"age", "isAdministrator"}
FORBIDDEN = {
    "id": "00000000-0000-4000-8000-000000000001",
    "isAdministrator": True,
    "is_staff": True,
    "isActive": False,
    "is_active": False,
    "emailVerified": False,
    "email_verified": False,
    "password_hash": "x",
    "email_key": "x@example.com",
    "search_text": "x",
    "createdAt": "2000-01-01T00:00:00Z",
    "last_login": "2000-01-01T00:00:00Z",
    "__class__": "x",
}


def test_each_is_told_its_own_members(own: Program, service: Program, admin: Program) -> None:
    assert own.person is not None
    where = f"/{own.person.subject}"
    assert set(own.get("/me").json()) == set(own.get(where).json()) == OWN
    for program, members in ((service, SERVICE), (admin, ADMINISTRATOR)):
        assert set(program.get(where).json()) == members
        listed = program.get(query={"limit": "3"}).json()["data"]
        assert {name for one in listed for name in one} == members
    assert set(service.patch(where, {"age": 50}).json()) == SERVICE


@pytest.mark.parametrize("who", ["own", "service"])
def test_no_other_member_is_written(who: str, own: Program, service: Program) -> None:
    assert own.person is not None
    program = {"own": own, "service": service}[who]
    before = vars(api.row(own.person.subject)).copy()
    answer = program.patch(f"/{own.person.subject}", {"name": "Only This", **FORBIDDEN})
    assert answer.status_code == 200
    after = vars(api.row(own.person.subject))
    changed = {name for name in before if name != "_state" and before[name] != after[name]}
    assert changed == {"name", "search_text", "updated_at"}


def test_no_other_member_comes_with_a_new_account(service: Program) -> None:
    answer = service.post(api.new_user() | FORBIDDEN)
    row = api.row(answer.json()["id"])
    assert (row.is_staff, row.is_active, row.email_verified) == (False, True, False)
    assert answer.json()["id"] != FORBIDDEN["id"]
