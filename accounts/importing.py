"""People from another server: all that is wrong with a list of them, or all of them at once.

A record's members are OIDC claims, and `password` or `password_hash`. A person is recognised by
`sub` or by e-mail address, so a second import changes nothing but what the file says otherwise. The
password of somebody who is here already is theirs and stays.
"""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts import email_addresses, passwords, people
from accounts.models import User, email_key

_TYPES: Final[Mapping[str, type]] = {
    "sub": str,
    "email": str,
    "email_verified": bool,
    "name": str,
    "given_name": str,
    "family_name": str,
    "middle_name": str,
    "nickname": str,
    "preferred_username": str,
    "gender": str,
    "birthdate": str,
    "age": int,
    "locale": str,
    "zoneinfo": str,
    "picture": str,
    "profile": str,
    "website": str,
    "phone_number": str,
    "phone_number_verified": bool,
    "address": dict,
    "is_staff": bool,
    "is_active": bool,
    "password": str,
    "password_hash": str,
}
_NAMES: Final = {str: "text", bool: "true or false", int: "a whole number", dict: "an object"}
_NOT_COLUMNS: Final = frozenset({"sub", "password", "password_hash"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong: which record (from 0), which member, and a sentence."""

    index: int
    field: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did."""

    created: int
    changed: int
    unchanged: int


def problems(records: object) -> list[Problem]:
    """Return everything that is wrong with the list."""
    if not isinstance(records, list):
        return [Problem(index=0, field="", message="The file must hold a JSON list.")]
    found = [
        Problem(index=index, field=field, message=message)
        for index, record in enumerate(records)
        for field, message in _wrong(record)
    ]
    return [*found, *_twice(records)]


def bring_in(records: list[dict[str, Any]]) -> Imported:
    """Create or change everybody in the list, or, if anything fails, nobody."""
    with transaction.atomic():
        done = [_bring_in(record) for record in records]
    return Imported(
        created=done.count("created"),
        changed=done.count("changed"),
        unchanged=done.count("unchanged"),
    )


def _bring_in(record: dict[str, Any]) -> str:
    columns = {name: value for name, value in record.items() if name not in _NOT_COLUMNS}
    present = _present(record)
    if present is not None:
        return _change(present, columns)
    is_active = columns.pop("is_active", True)
    hashed = record.get("password_hash")
    user = people.create(
        subject=record.get("sub"),
        password=record.get("password"),
        password_hash=passwords.imported(hashed) if hashed else None,
        **{"email_verified": False, **columns},
    )
    if not is_active:
        people.disable(str(user.pk))
    return "created"


def _change(user: User, columns: dict[str, Any]) -> str:
    before = {name: _plain(getattr(user, name)) for name in columns}
    if before == columns:
        return "unchanged"
    subject = str(user.pk)
    is_active, is_staff = columns.pop("is_active", None), columns.pop("is_staff", None)
    for name, value in columns.items():
        setattr(user, name, value)
    people.save(user, [name for name, value in columns.items() if value != before[name]])
    if is_staff is not None and is_staff != before["is_staff"]:
        people.appoint(subject, is_staff=is_staff)
    if is_active is not None and is_active != before["is_active"]:
        (people.enable if is_active else people.disable)(subject)
    return "changed"


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _present(record: dict[str, Any]) -> User | None:
    if "sub" in record:
        return people.find(record["sub"])
    return people.find_by_email(record["email"])


def _wrong(record: object) -> Iterator[tuple[str, str]]:
    if not isinstance(record, dict):
        yield "", "A record must be an object."
        return
    unknown = sorted(set(record) - set(_TYPES))
    yield from ((name, "There is no such member.") for name in unknown)
    mistyped = [
        name for name, kind in _TYPES.items() if name in record and not _is(record[name], kind)
    ]
    yield from ((name, f"It must be {_NAMES[_TYPES[name]]}.") for name in mistyped)
    if "email" not in record:
        yield "email", "It is missing."
    good = {name: record[name] for name in _TYPES if name in record and name not in mistyped}
    yield from _columns(good)
    yield from _identity(good)
    yield from _password(good)


def _is(value: object, kind: type) -> bool:
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _columns(good: dict[str, Any]) -> Iterator[tuple[str, str]]:
    columns = {name: value for name, value in good.items() if name not in _NOT_COLUMNS}
    every = {field.name for field in User._meta.fields}  # noqa: SLF001  documented, for all its _
    others = every - set(columns)
    try:
        User(**columns).clean_fields(exclude=others)
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            yield from ((name, message) for message in messages)
    if sentence := email_addresses.fault(columns.get("email", "")):
        yield "email", str(sentence)
    for name, value in good.items():
        if isinstance(value, str) and "\x00" in value:
            yield name, "It must not hold NUL."


def _identity(good: dict[str, Any]) -> Iterator[tuple[str, str]]:
    owner = people.find_by_email(good["email"]) if "email" in good else None
    if "sub" not in good:
        return
    try:
        is_canonical = str(uuid.UUID(good["sub"])) == good["sub"]
    except ValueError:
        is_canonical = False
    if not is_canonical:
        yield "sub", "It must be a UUID in lower case."
    elif owner is not None and str(owner.pk) != good["sub"]:
        yield "email", "It belongs to a person with another sub."


def _password(good: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if "password" in good and "password_hash" in good:
        yield "password", "Give a password or a hash, not both."
    if "password" in good:
        try:
            password_validation.validate_password(
                good["password"], User(email=good.get("email", ""))
            )
        except ValidationError as error:
            yield from (("password", message) for message in error.messages)
    if "password_hash" in good and (sentence := passwords.refusal(good["password_hash"])):
        yield "password_hash", sentence


def _twice(records: list[object]) -> Iterator[Problem]:
    seen: dict[tuple[str, str], int] = {}
    for index, record in enumerate(records):
        for field in ("sub", "email"):
            value = record.get(field) if isinstance(record, dict) else None
            if not isinstance(value, str):
                continue
            first = seen.setdefault((field, email_key(value)), index)
            if first != index:
                yield Problem(index=index, field=field, message=f"Record {first} has the same.")
