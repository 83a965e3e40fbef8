"""ASVS 5.0 §16.5.3 — what cannot be read lets nobody in: cookies, and what programs present."""

import json
from typing import Any

import pytest

from config import environment
from tests.doors import Door, Response
from tests.person import Person
from tests.specs.sign_in_protection.signing import here

pytestmark = pytest.mark.spec("ASVS 5.0 §16.5.3")
VALUES = {
    "empty": "",
    "NUL": "%00",
    "64 KB": "a" * 65536,
    "no UTF-8": "\xff\xfe\xfd",
    "JSON": json.dumps({"_auth_user_id": "1", "is_staff": True}),
    "equals": '"; ;=;"',
    "a list": "[null,[]]",
    "quotes": '"\\"',
    "a sealed one": "as_se_" + "A" * 64,
}
PAGES = ["/account/", "/account/security/", "/account/email/", "/admin/", "/admin/accounts/user/"]
CREDENTIALS = {
    "Bearer": "Bearer",
    "Bearer and a space": "Bearer ",
    "Bearer and a tab": "Bearer\tx",
    "Bearer 64 KB": "Bearer " + "a" * 65536,
    "Bearer null": "Bearer null",
    "two of them": "Bearer a, Bearer b",
    "Digest": "Digest x",
    "Basic nothing": "Basic ",
    "Basic colon": "Basic Og==",
    "no UTF-8": "Bearer \xff\xfe",
    "a JWT of nobody": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
    "lower case": "bearer [object Object]",
}
MACHINES = {
    "/userinfo": "GET",
    "/register": "POST",
    "/introspect": "POST",
    "/revoke": "POST",
    "/token": "POST",
    "/api/v1/users": "GET",
}


def asked(door: Door, method: str, path: str, **headers: str) -> Response:
    body: dict[str, Any] = {"body": b"{}"} if method == "POST" else {}
    kind = {"Content-Type": "application/json"} if body else {}
    url = environment.current().issuer + path
    return door.send(method, url, headers={**kind, **headers}, **body)


@pytest.fixture(params=["front", "django"])
def both(request: pytest.FixtureRequest) -> Door:
    """Return either door."""
    return Door(name=request.param)


@pytest.mark.parametrize("value", VALUES.values(), ids=list(VALUES))
@pytest.mark.parametrize("name", ["as_session", "as_accounts", "as_csrf", "as_browser", "as_trust"])
def test_a_cookie_that_cannot_be_read_is_none(both: Door, name: str, value: str) -> None:
    for path in PAGES:
        answer = asked(both, "GET", path, Cookie=f"{name}={value}")
        assert answer.status_code in {302, 303, 400, 404, 431}, (path, answer.status_code)
        if answer.location:
            assert "/login/" in answer.location


@pytest.mark.parametrize("text", ["=", ";", "=;=;", "as_session", "\x01", "a=b; as_session=; c"])
def test_nor_does_a_header_of_cookies_that_is_none(both: Door, text: str) -> None:
    for path in PAGES:
        assert asked(both, "GET", path, Cookie=text).status_code in {302, 303, 400, 404}


@pytest.mark.parametrize("value", CREDENTIALS.values(), ids=list(CREDENTIALS))
@pytest.mark.parametrize("path", MACHINES)
def test_what_a_program_presents_has_to_be_a_credential(both: Door, path: str, value: str) -> None:
    answer = asked(both, MACHINES[path], path, Authorization=value)
    assert answer.status_code in {400, 401, 403, 404, 431}, answer.status_code
    for page in PAGES:
        assert asked(both, "GET", page, Authorization=value).status_code != 200


def test_it_does_not_end_a_session_that_is_sound(someone: Person) -> None:
    someone.visit(here(""))
    someone.browser.jar.plant("as_accounts", VALUES["no UTF-8"][:0] + "%00")
    assert someone.browser.open(here("")).status_code == 200
