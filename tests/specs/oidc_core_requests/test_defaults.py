"""OIDC Registration §2 — what a client registered is asked for when its request says nothing."""

import json
import time
from typing import Any

import pytest
import time_machine

from tests.browser import Page
from tests.parties import Enrol
from tests.person import Person

pytestmark = pytest.mark.spec("OIDC Registration §2")


def _wants_password(
    enrol: Enrol, someone: Person, changes: dict[str, Any], **metadata: Any
) -> bool:
    rp = enrol(**metadata)
    rp.tokens()
    with time_machine.travel(time.time() + 60):
        page = someone.browser.send("GET", rp.url(rp.asking(**changes)))
        is_sent_away = page.location.startswith(f"{rp.issuer}/")
        return is_sent_away and bool(Page(someone.browser.follow(page)).form_with("password"))


@pytest.mark.parametrize(
    ("age", "changes", "is_asked"),
    [
        pytest.param(30, {}, True, id="older than registered"),
        pytest.param(3_600, {}, False, id="younger than registered"),
        pytest.param(0, {}, True, id="each time"),
        pytest.param(30, {"max_age": "3600"}, False, id="the request has the last word"),
        pytest.param(3_600, {"max_age": "30"}, True, id="either way"),
        pytest.param(None, {}, False, id="nothing registered"),
    ],
)
def test_default_max_age(
    enrol: Enrol, someone: Person, age: int | None, changes: dict[str, Any], is_asked: bool
) -> None:
    metadata = {} if age is None else {"default_max_age": age}
    assert _wants_password(enrol, someone, changes, **metadata) is is_asked


def test_default_max_age_and_nobody_to_ask(enrol: Enrol) -> None:
    rp = enrol(default_max_age=0)
    rp.tokens()
    assert rp.ask(prompt="none").outcome == "login_required"


def test_require_auth_time(enrol: Enrol) -> None:
    rp = enrol(require_auth_time=True)
    tokens = rp.tokens()
    for token in (tokens, rp.refresh(tokens["refresh_token"]).json()):
        assert rp.claims(token["id_token"])["auth_time"] > 0


@pytest.mark.parametrize("values", [["1"], ["urn:example:gold", "1"], ["urn:example:gold"]])
def test_default_acr_values_are_a_wish(enrol: Enrol, values: list[str]) -> None:
    rp = enrol(default_acr_values=values)
    assert rp.claims(rp.tokens()["id_token"])["acr"] == "1"


def test_an_essential_acr_is_not_softened_by_a_default(enrol: Enrol) -> None:
    rp = enrol(default_acr_values=["1"])
    gold = {"id_token": {"acr": {"essential": True, "values": ["urn:example:gold"]}}}
    assert rp.ask(claims=json.dumps(gold)).outcome == "unmet_authentication_requirements"


@pytest.mark.spec("OIDC Core §3.1.2.1")
@pytest.mark.parametrize("display", ["page", "popup", "touch"])
def test_every_display_is_heard(enrol: Enrol, display: str) -> None:
    rp = enrol()
    assert display in rp.metadata["display_values_supported"]
    assert rp.authorize(display=display).outcome == "code"


@pytest.mark.spec("OIDC Core §3.1.2.1")
@pytest.mark.parametrize("display", ["wap", "PAGE", "page popup", "x"])
def test_no_other_display_is(enrol: Enrol, display: str) -> None:
    assert enrol().ask(display=display).outcome == "invalid_request"


@pytest.mark.spec("OIDC Core §3.1.2.1")
@pytest.mark.parametrize("name", ["ui_locales", "claims_locales", "acr_values"])
@pytest.mark.parametrize(
    "value", ["de en", "x-klingon", "'\"><svg>", "\u00fc" * 100, "1 2 3 " * 300]
)
def test_words_we_do_not_know_stop_nobody(enrol: Enrol, name: str, value: str) -> None:
    words: dict[str, Any] = {name: value}
    assert enrol().authorize(**words).outcome == "code"
