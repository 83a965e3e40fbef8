"""ASVS 5.0 §16.5.3 — what cannot be read lets nobody in: cookies, and what programs present."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from config import environment, policy
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
PAGES = ["/account/security/", "/admin/accounts/user/"]
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
    "/oauth2/userinfo": "GET",
    "/oauth2/register": "POST",
    "/oauth2/introspect": "POST",
    "/oauth2/revoke": "POST",
    "/oauth2/token": "POST",
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


@pytest.fixture
def registering() -> Iterator[None]:
    """Let who has a token register clients."""
    rules = replace(policy.current().registration, mode=policy.RegistrationMode.TOKEN)
    with policy.replaced(registration=rules):
        yield


@pytest.mark.parametrize("name", ["as_session", "as_accounts", "as_csrf", "as_browser", "as_trust"])
def test_a_cookie_that_cannot_be_read_is_none(way_in: Door, name: str) -> None:
    for path, (kind, value) in itertools.product(PAGES, VALUES.items()):
        answer = asked(way_in, "GET", path, Cookie=f"{name}={value}")
        assert answer.status_code in {302, 303, 400, 431}, (path, kind, answer.status_code)
        if answer.location:
            assert "/login/" in answer.location, (path, kind)


@pytest.mark.parametrize("text", ["=", ";", "=;=;", "as_session", "\x01", "a=b; as_session=; c"])
def test_nor_does_a_header_of_cookies_that_is_none(way_in: Door, text: str) -> None:
    for path in PAGES:
        assert asked(way_in, "GET", path, Cookie=text).status_code in {302, 303, 400}


@pytest.mark.usefixtures("registering")
@pytest.mark.parametrize("path", MACHINES)
def test_what_a_program_presents_has_to_be_a_credential(both: Door, path: str) -> None:
    for kind, value in CREDENTIALS.items():
        answer = asked(both, MACHINES[path], path, Authorization=value)
        assert answer.status_code in {400, 401, 403}, (kind, answer.status_code, answer.text)


@pytest.mark.parametrize("path", PAGES)
def test_and_opens_no_page(way_in: Door, path: str) -> None:
    for kind, value in CREDENTIALS.items():
        assert asked(way_in, "GET", path, Authorization=value).status_code in {302, 303}, kind


def test_it_does_not_end_a_session_that_is_sound(someone: Person) -> None:
    someone.visit(here(""))
    someone.browser.jar.plant("as_accounts", "%00")
    assert someone.browser.open(here("")).status_code == 200
