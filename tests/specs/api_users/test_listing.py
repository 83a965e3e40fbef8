"""Lists in parts: by page with totals, by a sealed cursor; in an order; searched as typed."""

import secrets
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction

from accounts import directory, people
from accounts.directory import Question
from accounts.models import User
from tests import api
from tests.api import Program
from tests.doors import Response
from tests.parties import Enrol

pytestmark = pytest.mark.spec("RFC 8288 §3")


@pytest.fixture
def clan(service: Program) -> str:
    """Return a word that five people have in their names."""
    word = "".join(secrets.choice("abcdefghijklmnop") for _ in range(12))
    for first in ("Bea", "ada", "Eve", "Cyd", "Dan"):
        people.create(email=f"{first}.{word}@example.com", name=f"{first} {word}")
    return word


def names(answer: Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["name"].partition(" ")[0] for one in answer.json()["data"]]


def query(clan: str, **more: Any) -> dict[str, str]:
    return {"search": clan, **{name: str(value) for name, value in more.items()}}


def test_a_page_says_where_it_is(clan: str, service: Program) -> None:
    answer = service.get(query=query(clan, page=2, limit=2))
    assert names(answer) == ["Eve", "Cyd"]
    told = answer.json()["pagination"]
    assert told["nextCursor"]
    assert told | {"nextCursor": 0} == {
        "page": 2,
        "limit": 2,
        "total": 5,
        "totalPages": 3,
        "nextCursor": 0,
    }
    links = str(answer.headers["Link"])
    for name, page in {"first": 1, "prev": 1, "next": 3, "last": 3}.items():
        assert (
            f'page={page}&limit=2&sortBy=createdAt&sortOrder=asc&search={clan}>; rel="{name}"'
            in links
        )


def test_the_usual_page(clan: str, service: Program) -> None:
    told = service.get(query=query(clan)).json()["pagination"]
    assert (told["page"], told["limit"], told["nextCursor"]) == (1, 20, None)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ({"sortBy": "name"}, ["ada", "Bea", "Cyd", "Dan", "Eve"]),
        ({"sortBy": "email", "sortOrder": "desc"}, ["Eve", "Dan", "Cyd", "Bea", "ada"]),
        ({"sortBy": "createdAt"}, ["Bea", "ada", "Eve", "Cyd", "Dan"]),
        ({"sortOrder": "desc"}, ["Dan", "Cyd", "Eve", "ada", "Bea"]),
    ],
)
def test_the_order(order: dict[str, str], expected: list[str], clan: str, service: Program) -> None:
    assert names(service.get(query=query(clan, **order))) == expected
    walked: list[str] = []
    asked = query(clan, limit=2, **order)
    for _ in range(3):
        answer = service.get(query=asked)
        walked += names(answer)
        asked = {"cursor": answer.json()["pagination"]["nextCursor"] or "", "limit": "2"}
    assert walked == expected
    assert asked["cursor"] == ""


def test_a_cursor_minds_nobody_who_comes_or_goes(clan: str, service: Program) -> None:
    first = service.get(query=query(clan, sortBy="name", limit=2))
    people.create(email=f"aaa.{clan}@example.com", name=f"Aaa {clan}")
    cursor = first.json()["pagination"]["nextCursor"]
    assert names(service.get(query={"cursor": cursor, "limit": "2"})) == ["Cyd", "Dan"]


@pytest.mark.parametrize(
    ("parameters", "codes"),
    [
        ({"page": "0"}, {"page": ["range"]}),
        ({"page": "-1", "limit": "0"}, {"page": ["range"], "limit": ["range"]}),
        ({"limit": "101"}, {"limit": ["range"]}),
        ({"limit": "1000000000000"}, {"limit": ["range"]}),
        ({"page": "x", "limit": "1.5"}, {"page": ["range"], "limit": ["range"]}),
        ({"page": "٣"}, {"page": ["range"]}),
        ({"page": "999999999"}, {"page": ["too_deep"]}),
        ({"sortBy": "password"}, {"sortBy": ["choice"]}),
        (
            {"sortBy": "-name;--", "sortOrder": "up"},
            {"sortBy": ["choice"], "sortOrder": ["choice"]},
        ),
        ({"search": "a\0b"}, {"search": ["invalid"]}),
        ({"search": "a" * 255}, {"search": ["invalid"]}),
        ({"page": ["1", "2"]}, {"page": ["repeated"]}),
        ({"cursor": "as_cu_AAAA"}, {"cursor": ["invalid"]}),
        ({"cursor": "' OR 1=1 --"}, {"cursor": ["invalid"]}),
        ({"cursor": "x", "sortBy": "name"}, {"sortBy": ["with_cursor"]}),
    ],
)
def test_what_cannot_be_asked(
    parameters: Any, codes: dict[str, list[str]], service: Program
) -> None:
    answer = service.get(query=parameters)
    assert (answer.status_code, api.codes(answer)) == (400, codes)
    assert {fault["pointer"] for fault in answer.json()["errors"]} == {""}


def test_bytes_that_are_no_text_are_refused(service: Program) -> None:
    assert service.get("?search=%ff").status_code == 400


def test_a_cursor_is_for_its_caller(clan: str, service: Program, enrol: Enrol) -> None:
    cursor = service.get(query=query(clan, limit=2)).json()["pagination"]["nextCursor"]
    other = api.with_key(service.door, "users:read")
    assert api.codes(other.get(query={"cursor": cursor})) == {"cursor": ["invalid"]}
    flipped = cursor[:-3] + ("A" if cursor[-3] != "A" else "B") + cursor[-2:]
    assert api.codes(service.get(query={"cursor": flipped})) == {"cursor": ["invalid"]}


def test_letters_are_letters(service: Program) -> None:
    word = "".join(secrets.choice("abcdefghijklmnop") for _ in range(12))
    people.create(email=f"q{word}%_x@example.com", name="Percy Cent")
    people.create(email=f"q{word}aax@example.com", name="Percy Other")
    for text in (f"{word}%_x", f"{word.upper()}%", f"Q{word}%_X@EXAMPLE"):
        assert service.get(query={"search": text}).json()["pagination"]["total"] == 1
    for text in (f"{word}%x", f"{word}__x", f"{word}\\%", f"{word}' OR '1'='1"):
        assert service.get(query={"search": text}).json()["pagination"]["total"] == 0


def test_a_search_folds_both_sides(service: Program) -> None:
    word = secrets.token_hex(6)
    people.create(email=f"{word}@example.com", name="Jürgen Weiß")
    for text in ("JÜRGEN WEISS", "ju\u0308rgen"):
        found = service.get(query={"search": text, "sortOrder": "desc", "limit": "100"})
        assert f"{word}@example.com" in found.text
    found = service.get(query={"search": word})
    assert found.json()["pagination"]["total"] == 1


def test_a_name_that_changes_is_found_anew(own: Program, service: Program) -> None:
    word = "".join(secrets.choice("abcdefghijklmnop") for _ in range(12))
    assert own.patch("/me", {"name": f"New {word}"}).status_code == 200
    assert service.get(query={"search": word}).json()["pagination"]["total"] == 1


@pytest.mark.leg("servers")
def test_searching_and_walking_use_indexes() -> None:
    with transaction.atomic():
        User.objects.bulk_create(
            User(email=f"{n}@example.org", email_key=f"{n}@example.org", search_text=uuid4().hex)
            for n in range(20_000)
        )
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE accounts_user")
        searched = directory._found(Question(search="lovelace")).order_by()
        by_name, by_age = Question(order="name"), Question()
        plans = [
            (searched.explain(), "people_by_search"),
            (directory._ordered(by_name)[:20].explain(), "people_by_name"),
            (directory._ordered(by_age)[:20].explain(), "people_by_age_of_account"),
        ]
        transaction.set_rollback(True)
    for plan, index in plans:
        assert index in plan
        assert "Seq Scan" not in plan
