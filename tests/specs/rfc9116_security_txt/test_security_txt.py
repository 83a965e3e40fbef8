"""RFC 9116 — security.txt: whom to tell about a weakness."""

import datetime as dt
import re

import pytest

from config import environment, policy
from config.policy import Disclosure
from tests.doors import Door, Response

pytestmark = pytest.mark.spec("RFC 9116 §2.5")
CONTACTS = ("mailto:security@example.com", "https://example.com/report")


def fetched(door: Door, *contacts: str) -> Response:
    with environment.replaced(security_contact=contacts):
        return door.get("/.well-known/security.txt")


def fields(answer: Response) -> list[tuple[str, str]]:
    assert answer.text.endswith("\r\n")
    pairs = [line.partition(": ") for line in answer.text.splitlines()]
    return [(name, value) for name, _, value in pairs]


@pytest.mark.spec("RFC 9116 §3")
def test_it_is_plain_text(way_in: Door) -> None:
    answer = fetched(way_in, *CONTACTS)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"


def test_contacts_come_in_the_operators_order(way_in: Door) -> None:
    found = [value for name, value in fields(fetched(way_in, *CONTACTS)) if name == "Contact"]
    assert found == list(CONTACTS)


def test_it_expires_once_and_within_a_year(way_in: Door) -> None:
    with policy.replaced(disclosure=Disclosure(expires_after=dt.timedelta(days=30))):
        found = [value for name, value in fields(fetched(way_in, *CONTACTS)) if name == "Expires"]
    assert len(found) == 1
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found[0])
    ahead = dt.datetime.fromisoformat(found[0]) - dt.datetime.now(tz=dt.UTC)
    assert dt.timedelta(days=28) < ahead <= dt.timedelta(days=30)


def test_it_says_where_it_belongs(way_in: Door) -> None:
    origin = environment.current().issuer_origin
    canonical = [value for name, value in fields(fetched(way_in, *CONTACTS)) if name == "Canonical"]
    assert canonical == [f"{origin}/.well-known/security.txt"]


def test_without_a_contact_there_is_none(way_in: Door) -> None:
    assert fetched(way_in).status_code == 404


def test_it_is_only_read(way_in: Door) -> None:
    assert way_in.post("/.well-known/security.txt", {}).status_code == 405
