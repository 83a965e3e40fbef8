"""OWASP API9:2023 — the description and its page: where they are shown, and what they may do."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest

from config import environment, policy
from config.variables import Mode
from tests import person
from tests.doors import Door, Response
from tests.specs.openapi_description import documents

pytestmark = pytest.mark.spec("OWASP API9:2023")
PAGE = "/api/v1/docs"
RETURN = "/api/v1/docs/oauth2-redirect"


@contextmanager
def production(*, shows_docs: bool) -> Iterator[None]:
    """Be a production server that shows the description, or not."""
    api = replace(policy.current().api, docs_in_production=shows_docs)
    with ExitStack() as stack:
        stack.enter_context(environment.replaced(mode=Mode.PRODUCTION))
        stack.enter_context(policy.replaced(api=api))
        yield


def page(door: Door, path: str = PAGE) -> Response:
    return person.browser(door).send("GET", path)


def test_production_shows_nothing(way_in: Door) -> None:
    with production(shows_docs=False):
        assert way_in.get(documents.PLACE).status_code == 404
        assert (page(way_in).status_code, page(way_in, RETURN).status_code) == (404, 404)


def test_where_the_policy_shows_it_nothing_can_be_tried(way_in: Door) -> None:
    with production(shows_docs=True):
        assert way_in.get(documents.PLACE).status_code == 200
        shown = page(way_in)
    assert shown.status_code == 200
    assert 'data-methods=""' in shown.text
    assert 'data-client-id=""' in shown.text


def test_in_development_it_can_be_tried(way_in: Door) -> None:
    shown = page(way_in)
    assert shown.status_code == 200
    assert 'data-methods="get post put patch delete"' in shown.text


@pytest.mark.parametrize("path", [PAGE, RETURN])
def test_scripts_and_styles_are_files_of_ours(way_in: Door, path: str) -> None:
    shown = page(way_in, path)
    rules = shown.headers["Content-Security-Policy"] or ""
    assert "unsafe" not in rules
    assert "default-src 'none'" in rules
    assert "script-src 'self'" in rules
    assert "https:" not in rules
    assert "<script>" not in shown.text
    assert "style=" not in shown.text
    assert "//" not in shown.text.replace(environment.current().issuer, "")


def test_only_the_documentation_may_ask_other_addresses_of_ours(way_in: Door) -> None:
    assert "connect-src 'self'" in (page(way_in).headers["Content-Security-Policy"] or "")
    assert "connect-src" not in (page(way_in, RETURN).headers["Content-Security-Policy"] or "")


def test_anybody_may_read_the_description_from_anywhere(way_in: Door) -> None:
    answer = way_in.get(documents.PLACE, headers={"Origin": "https://tool.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "max-age" in (answer.headers["Cache-Control"] or "")
