"""authserver.browser_state and accounts.remembered: cookies in production and development."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings

from accounts import remembered, sessions
from authserver import browser_state
from config import policy
from config.policy import Sessions


class Session(dict[str, Any]):
    """A session that was looked at."""

    accessed = True


def answered(
    middleware: Callable[..., Any], *, sid: str = "", cookies: str = "", status: int = 200
) -> HttpResponse:
    request: HttpRequest = RequestFactory().get("/", headers={"cookie": cookies})
    request.session = Session({sessions.SID: sid} if sid else {})  # type: ignore[assignment]
    response: HttpResponse = middleware(lambda _request: HttpResponse(status=status))(request)
    return response


def test_in_production_it_reaches_frames_and_no_subdomain_can_plant_it() -> None:
    with override_settings(SESSION_COOKIE_SECURE=True):
        cookie = answered(browser_state.shown, sid="s").cookies["__Host-as_state"]
    assert (cookie["secure"], cookie["samesite"], cookie["httponly"]) == (True, "None", "")
    assert (cookie["path"], cookie["domain"]) == ("/", "")
    assert cookie["max-age"] > 0


def test_in_development_browsers_take_it_over_http() -> None:
    cookie = answered(browser_state.shown, sid="s").cookies["as_state"]
    assert (cookie["secure"], cookie["samesite"]) == ("", "Lax")


def test_it_is_a_keyed_hash_of_the_session() -> None:
    one = answered(browser_state.shown, sid="one").cookies["as_state"].value
    other = answered(browser_state.shown, sid="other").cookies["as_state"].value
    assert one != other
    assert "one" not in one


def test_it_is_set_only_when_it_changes() -> None:
    value = answered(browser_state.shown, sid="s").cookies["as_state"].value
    assert not answered(browser_state.shown, sid="s", cookies=f"as_state={value}").cookies
    planted = answered(browser_state.shown, sid="s", cookies="as_state=planted")
    assert planted.cookies["as_state"].value == value


@pytest.mark.parametrize(
    ("cookies", "is_gone"),
    [
        pytest.param("as_session=x; as_state=y", True, id="the session has ended"),
        pytest.param("as_state=y", False, id="framed on another site, the session is not sent"),
        pytest.param("as_session=x", False, id="there is none"),
    ],
)
def test_it_goes_with_the_session(cookies: str, is_gone: bool) -> None:
    found = answered(browser_state.shown, cookies=cookies).cookies
    assert ("as_state" in found and found["as_state"]["max-age"] == 0) is is_gone


def test_in_production_it_goes_as_it_came() -> None:
    with override_settings(SESSION_COOKIE_SECURE=True, SESSION_COOKIE_NAME="__Host-as_session"):
        cookies = "__Host-as_session=x; __Host-as_state=y"
        cookie = answered(browser_state.shown, cookies=cookies).cookies["__Host-as_state"]
    assert (cookie["secure"], cookie["samesite"], cookie["max-age"]) == (True, "None", 0)


def test_when_nothing_can_be_known_nothing_changes() -> None:
    gone = "as_session=x; as_state=y"
    assert not answered(browser_state.shown, cookies=gone, status=503).cookies
    with policy.replaced(sessions=Sessions(check_session_iframe=False)):
        assert not answered(browser_state.shown, sid="s").cookies


@pytest.mark.parametrize("value", ["", "x", "as_kn_AAAA", "as_se_" + "A" * 80])
def test_remembered_accounts_that_we_did_not_write_are_none(value: str) -> None:
    request = RequestFactory().get("/", headers={"cookie": f"as_accounts={value}"})
    assert remembered.is_empty(request)
    assert remembered.accounts(request) == []
