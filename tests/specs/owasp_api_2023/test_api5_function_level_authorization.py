"""OWASP API5:2023 — what only administrators or services may do, nobody else does."""

import pytest

from tests import api
from tests.api import Program
from tests.parties import Enrol
from tests.person import Person

pytestmark = pytest.mark.spec("OWASP API5")


def test_a_person_neither_lists_nor_creates(own: Program) -> None:
    for answer in (own.get(), own.get(query={"search": "a"}), own.post(api.new_user())):
        assert answer.status_code == 403
        assert 'scope="users:admin"' in (answer.headers["WWW-Authenticate"] or "")


def test_only_administrators_disable(own: Program, service: Program) -> None:
    assert own.person is not None
    for program in (own, service):
        assert program.delete(f"/{own.person.subject}").status_code == 403
    assert api.row(own.person.subject).is_active


def test_an_administrator_without_the_scope_is_like_anybody(enrol: Enrol, admin: Program) -> None:
    assert isinstance(admin.person, Person)
    program = api.of_person(enrol(scope=api.SCOPE), admin.person, "openid users:read users:write")
    assert program.get("/me").status_code == 200
    assert program.get().status_code == 403
    assert program.post(api.new_user()).status_code == 403


def test_no_header_changes_the_method(own: Program) -> None:
    assert own.person is not None
    tricks = {"X-HTTP-Method-Override": "DELETE", "X-Original-URL": "/api/v1/users"}
    answer = own.get("/me", headers=tricks, query={"_method": "DELETE"})
    assert answer.status_code == 200
    assert answer.json()["id"] == own.person.subject
    assert api.row(own.person.subject).is_active
