"""OWASP API9:2023 — there is one version, and whatever else is asked for is not there."""

import pytest
from django.urls import get_resolver

from accounts.api import views
from tests.api import Program

pytestmark = pytest.mark.spec("OWASP API9")


@pytest.mark.parametrize(
    "path", ["/api/v0/users", "/api/v2/users", "/api/users", "/api/v1/admin", "/api/v1/users.json"]
)
def test_nothing_old_or_hidden(path: str, own: Program) -> None:
    assert own.door.get(path, headers=own.headers).status_code == 404


def test_every_endpoint_says_who_may() -> None:
    kinds = [views.Users, views.Person, views.Me]
    for kind in kinds:
        methods = {name.upper() for name in kind.http_method_names if hasattr(kind, name)}
        assert methods - {"OPTIONS", "HEAD"} - set(kind.rules) <= {"DELETE"} & methods
        assert all(kind.rules.values())


def test_no_endpoint_was_forgotten() -> None:
    names = {str(name) for name in get_resolver().reverse_dict if str(name).startswith("api-")}
    assert names >= {"api-users", "api-user", "api-me", "api-nothing"}
