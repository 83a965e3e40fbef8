"""WCAG 2.2 §3.1.1 — what is shown when nothing else can be: judged in light, dark and by language.

Most of these pages come before, or instead of, everything that knows who asks; what they say is in
the browser's language all the same. Each is come to as a person comes to it, or by a server whose
insides are broken for a moment (`inside`).
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import BadRequest
from django.db import OperationalError
from django.http import HttpRequest

from accounts import sessions
from accounts.pages import home
from authserver import clients
from config import environment, policy
from config.patience import Guesses
from config.variables import Mode
from tests.chromium import inside, looks
from tests.chromium.conftest import Open
from tests.chromium.test_pages import PASSWORD
from tests.examples.world import World
from tests.specs.sign_in_protection.test_line import full

pytestmark = [
    pytest.mark.browser,
    pytest.mark.leg("sqlite"),
    pytest.mark.spec("WCAG 2.2 §3.1.1"),
]
Come = Callable[[Any], Any]
SIGN_IN = "/account/login/"


@pytest.fixture
def ours() -> Iterator[str]:
    with inside.running() as origin:
        yield origin


def judge(window: Open, name: str, status: int, come: Come, **options: Any) -> None:
    """Let somebody of each language come to a page, and judge what they see."""
    for tag in ("en", "de", "ar"):
        here = window(locale=tag, **options)
        here.may_fail = status >= 500
        tab = here.tab()
        statuses: list[int] = []
        tab.on("response", lambda one, into=statuses: into.append(one.status))
        come(tab)
        assert status in statuses, (name, statuses)
        shown = tab.locator("html")
        assert shown.get_attribute("lang") == tag, name
        assert shown.get_attribute("dir") == ("rtl" if tag == "ar" else "ltr"), name
        looks.judge(tab, f"{name}-{tag}", again=False)


def submit(tab: Any, *, email: str = "nobody@example.com") -> None:
    """Sign in on the page that is open, in whatever language it is."""
    tab.locator("[name=login]").fill(email)
    tab.locator("[name=password]").fill(PASSWORD)
    with tab.expect_navigation():
        tab.keyboard.press("Enter")


def test_a_request_that_cannot_be_read(here: World, window: Open) -> None:
    judge(window, "malformed", 400, lambda tab: tab.goto(f"{here.issuer}{SIGN_IN}?next=%00"))


def test_a_cookie_that_came_twice(here: World, window: Open) -> None:
    def come(tab: Any) -> None:
        for path in ("/", "/account/"):
            tab.context.add_cookies(
                [{"name": "as_csrf", "value": "x" * 32, "domain": "localhost", "path": path}]
            )
        tab.goto(here.issuer + SIGN_IN)

    judge(window, "cookie-twice", 400, come)


def test_another_name_of_this_machine(here: World, window: Open) -> None:
    other = here.issuer.replace("localhost", "other.localhost")
    judge(window, "another-address", 421, lambda tab: tab.goto(other))


def test_a_browser_that_keeps_no_cookie(here: World, window: Open) -> None:
    def come(tab: Any) -> None:
        tab.goto(here.issuer + SIGN_IN)
        for _ in range(2):
            tab.context.clear_cookies()
            submit(tab)

    judge(window, "no-cookie", 403, come)


@pytest.mark.parametrize("minutes", [1, 5])
def test_too_many_guesses(ours: str, window: Open, minutes: int) -> None:
    def come(tab: Any) -> None:
        for _ in range(3):
            tab.goto(ours + SIGN_IN)
            submit(tab, email=f"nobody-{tab.evaluate('navigator.language')}-{minutes}@example.com")

    patience = Guesses(free=2, first_wait=timedelta(minutes=minutes))
    with policy.replaced(guesses=patience):
        judge(window, f"too-fast-{minutes}", 429, come)


def test_too_many_passwords_at_once(
    ours: str, window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def come(tab: Any) -> None:
        tab.goto(ours + SIGN_IN)
        submit(tab)

    with full(monkeypatch):
        judge(window, "busy", 503, come)


def test_too_many_unknown_applications(
    ours: str, window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "_MISSES_AT_ONCE", 0)
    path = "/oauth2/authorize?client_id=unheard-of"
    judge(window, "very-busy", 503, lambda tab: tab.goto(ours + path))


def ended_meanwhile(request: HttpRequest) -> Any:
    """Let the session end under the request, as it does when it is ended in another browser."""
    request.session.create()
    request.session.delete()
    request.session["seen"] = True


def unlucky(_: HttpRequest) -> Any:
    raise ValueError("a secret")


def refusing(_: HttpRequest) -> Any:
    raise BadRequest("a secret")


@pytest.mark.parametrize(
    ("section", "status"), [(refusing, 400), (ended_meanwhile, 400), (unlucky, 500)]
)
def test_a_page_that_fails(
    ours: str,
    window: Open,
    monkeypatch: pytest.MonkeyPatch,
    section: Callable[[HttpRequest], Any],
    status: int,
) -> None:
    monkeypatch.setattr(home, "SECTIONS", [section])
    judge(window, f"{status}-{section.__name__}", status, lambda tab: tab.goto(f"{ours}/"))


def test_a_database_that_is_away(ours: str, window: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_: object) -> Any:
        raise OperationalError("a secret")

    def come(tab: Any) -> None:
        tab.context.add_cookies([{"name": "as_session", "value": "x" * 43, "url": ours}])
        tab.goto(ours + SIGN_IN)

    monkeypatch.setattr(sessions.SessionStore, "load", away)
    judge(window, "outage", 503, come)


def test_a_proxy_that_nobody_told_us_of(window: Open) -> None:
    told = {"X-Forwarded-Proto": "https"}
    with inside.running() as origin:
        issuer = origin.replace("http:", "https:")
        with environment.replaced(issuer=issuer, mode=Mode.PRODUCTION):
            judge(window, "proxy", 403, lambda tab: tab.goto(f"{origin}/"), extra_http_headers=told)


def test_a_form_sent_in_the_clear(window: Open) -> None:
    with inside.running() as origin:
        issuer = origin.replace("http:", "https:")

        def come(tab: Any) -> None:
            tab.route("**/favicon.ico", lambda one: one.fulfill(status=404))  # no TLS behind it
            tab.set_content(f'<form method=post action="{origin}/"><button>x</button></form>')
            tab.get_by_role("button").click()
            tab.wait_for_url(f"{origin}/")

        with environment.replaced(issuer=issuer, mode=Mode.PRODUCTION):
            judge(window, "in-the-clear", 403, come)
