"""OWASP API1:2023 — whose account it is decides, for every path that names one."""

from typing import Any

import pytest

from tests import api, person
from tests.api import Program
from tests.parties import Enrol
from tests.person import Person

pytestmark = pytest.mark.spec("OWASP API1")
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize("scope", ["openid users:read users:write", api.SCOPE])
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_another_account_is_closed(
    method: str, scope: str, enrol: Enrol, someone: Person, somebody_else: Person
) -> None:
    program = api.of_person(enrol(scope=api.SCOPE), someone, scope)
    before = vars(api.row(somebody_else.subject)).copy()
    body: Any = {"name": "Eve Dropper"} if method == "PATCH" else None
    theirs = program.call(method, f"/{somebody_else.subject}", body)
    nobodys = program.call(method, f"/{NOBODY}", body)
    assert theirs.status_code == nobodys.status_code == 403
    assert api.codes(theirs) == {}
    assert theirs.json() | {"instance": 0} == nobodys.json() | {"instance": 0}
    after = vars(api.row(somebody_else.subject))
    assert {name: after[name] for name in ("name", "email", "is_active")} == {
        name: before[name] for name in ("name", "email", "is_active")
    }


def test_oneself_is_open_by_either_name(own: Program) -> None:
    assert own.person is not None
    assert own.get(f"/{own.person.subject}").json() == own.get("/me").json()


@pytest.mark.parametrize("name", ["1", "' OR 1=1 --", "..%2fme", "me%00", "*", f"{NOBODY}x"])
def test_a_name_that_is_none_finds_nobody(name: str, admin: Program) -> None:
    answer = admin.get(f"/{name}".replace(" ", "%20"))
    assert answer.status_code == 404
    api.codes(answer)


def test_services_leave_administrators_alone(service: Program, admin: Program) -> None:
    assert admin.person is not None
    where = f"/{admin.person.subject}"
    for body in ({"name": "Taken Over"}, {"email": person.address()}):
        assert service.patch(where, body).status_code == 403
    assert api.row(admin.person.subject).email == admin.person.email
