"""People from the command line: all errors at once, nothing half done, twice as good as once."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts import people
from accounts.models import User
from tests.unit.accounts import visitor
from tokens import epochs


def _users(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("users", *arguments, "--json", stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def _import(folder: Path, records: object) -> dict[str, Any]:
    file = folder / "people.json"
    file.write_text(json.dumps(records), encoding="utf-8")
    return _users("import", str(file))


def test_add(monkeypatch: pytest.MonkeyPatch) -> None:
    email = visitor.address()
    monkeypatch.setattr("sys.stdin", StringIO(f"{visitor.PASSWORD}\n"))
    added = _users("add", "--email", email, "--name", "Jane", "--password-stdin", "--administrator")
    user = people.find(added["sub"])
    assert user is not None
    assert user.check_password(visitor.PASSWORD)
    assert (user.email, user.name, user.is_staff) == (email, "Jane", True)
    people.delete(added["sub"])


def test_add_lists_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", StringIO("short\n"))
    with pytest.raises(CommandError) as refused:
        _users("add", "--email", "nobody", "--password-stdin")
    assert str(refused.value).count("\n") >= 3
    with pytest.raises(CommandError, match="already"):
        _users("add", "--email", visitor.someone().email)


def test_disable() -> None:
    user = visitor.someone()
    assert _users("disable", user.email)["is_active"] is False
    assert people.claims(str(user.pk), []) is None
    with pytest.raises(CommandError, match="no person"):
        _users("disable", "nobody@example.com")


def test_import_twice(tmp_path: Path) -> None:
    emails = [visitor.address() for _ in range(3)]
    present = visitor.someone()
    records: list[dict[str, Any]] = [
        {"email": emails[0], "password": visitor.PASSWORD, "email_verified": True, "age": 33},
        {"email": emails[1], "password_hash": present.password, "birthdate": "1980-02-03"},
        {
            "email": emails[2],
            "sub": "0b5d3f0a-0000-4000-8000-" + emails[2][:12],
            "is_active": False,
        },
        {"email": present.email, "password": visitor.NEW_PASSWORD, "name": "Renamed"},
    ]
    assert _import(tmp_path, records) == {"created": 3, "changed": 1, "unchanged": 0}
    assert _import(tmp_path, records) == {"created": 0, "changed": 0, "unchanged": 4}
    first, second, third = (people.find_by_email(email) for email in emails)
    assert first is not None
    assert second is not None
    assert third is not None
    assert (first.email_verified, first.age) == (True, 33)
    assert first.check_password(visitor.PASSWORD)
    assert second.check_password(visitor.PASSWORD)
    assert (second.email_verified, third.is_active) == (False, False)
    assert str(third.pk) == records[2]["sub"]
    present.refresh_from_db()
    assert present.name == "Renamed"
    assert present.check_password(visitor.PASSWORD)  # theirs, and it stays


def test_an_import_may_disable_and_a_new_address_keeps_the_sub(tmp_path: Path) -> None:
    user, new = visitor.someone(), visitor.address()
    subject = str(user.pk)
    assert _import(tmp_path, [{"sub": subject, "email": new, "is_active": False}])["changed"] == 1
    user.refresh_from_db()
    assert (user.email, user.is_active) == (new, False)
    assert epochs.read(epochs.PERSON, subject) > 0


def test_every_error_and_nothing_written(tmp_path: Path) -> None:
    good, taken = visitor.address(), visitor.someone()
    records: list[object] = [
        {"email": good, "password": visitor.PASSWORD},
        {"email": "nobody", "shoe_size": 42, "age": "7", "email_verified": "yes"},
        {"password": "weak"},
        {"email": good.upper(), "password_hash": "plain", "password": visitor.PASSWORD},
        {"email": taken.email, "sub": "0b5d3f0a-1111-4000-8000-000000000000"},
        {"email": visitor.address(), "sub": "user-7", "birthdate": "yesterday", "age": True},
        {"email": visitor.address(), "name": "x" * 201, "locale": "a\u0000b"},
        "a person",
    ]
    out = StringIO()
    file = tmp_path / "people.json"
    file.write_text(json.dumps(records), encoding="utf-8")
    with pytest.raises(CommandError, match="Nothing was imported"):
        call_command("users", "import", str(file), "--json", stdout=out)
    errors = json.loads(out.getvalue())["errors"]
    assert {(one["index"], one["field"]) for one in errors} == {
        (1, "email"),
        (1, "shoe_size"),
        (1, "age"),
        (1, "email_verified"),
        (2, "email"),
        (2, "password"),
        (3, "email"),
        (3, "password"),
        (3, "password_hash"),
        (4, "email"),
        (5, "sub"),
        (5, "birthdate"),
        (5, "age"),
        (6, "name"),
        (6, "locale"),
        (7, ""),
    }
    assert people.find_by_email(good) is None


def test_an_import_does_not_undo_what_happened_while_it_ran(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = visitor.someone()
    stale = User.objects.get(pk=user.pk)
    people.disable(str(user.pk))
    people.set_password(user, visitor.NEW_PASSWORD)
    monkeypatch.setattr(people, "find_by_email", lambda _email: stale)
    _import(tmp_path, [{"email": user.email, "name": "Renamed", "locale": ""}])
    user.refresh_from_db()
    assert (user.name, user.is_active) == ("Renamed", False)
    assert user.check_password(visitor.NEW_PASSWORD)


def test_a_hash_too_dear_to_check_is_not_imported(tmp_path: Path) -> None:
    email = visitor.address()
    with pytest.raises(CommandError, match="14"):
        _import(tmp_path, [{"email": email, "password_hash": "$2b$15$" + "a" * 53}])
    assert people.find_by_email(email) is None


@pytest.mark.parametrize("text", ["", "{", '{"email": "a@example.com"}', "\x00"])
def test_a_file_that_is_no_list(tmp_path: Path, text: str) -> None:
    file = tmp_path / "people.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError):
        _users("import", str(file))
