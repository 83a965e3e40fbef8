"""Clients from another server: all that is wrong with a list of them, or all of them at once.

A client is recognised by its client_id, so a second import of the same file changes nothing.
Members that are absent take their defaults; clients that are not in the file stay.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from authserver import registrar, registration
from authserver.registration import Registration


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with one member of one entry; `index` is -1 for the list itself."""

    index: int
    member: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What an import did. `secrets` are those made here, by client id, shown this once."""

    created: int
    updated: int
    unchanged: int
    secrets: dict[str, str]


def read(document: object) -> tuple[list[Registration], list[Problem]]:
    """Return the entries of a parsed JSON list and everything that is wrong with any of them."""
    if not isinstance(document, list):
        return [], [Problem(index=-1, member="", message="must be a list of clients")]
    entries: list[Registration] = []
    problems: list[Problem] = []
    first: dict[str, int] = {}
    for index, metadata in enumerate(document):
        entry, faults = registration.judged(metadata)
        problems += [
            Problem(index=index, member=fault.member, message=fault.sentence) for fault in faults
        ]
        identifier = metadata.get("client_id") if isinstance(metadata, dict) else None
        if isinstance(metadata, dict) and identifier is None:
            problems.append(Problem(index=index, member="client_id", message="is missing"))
        if isinstance(identifier, str) and first.setdefault(identifier, index) != index:
            message = f"is the same as in entry {first[identifier]}"
            problems.append(Problem(index=index, member="client_id", message=message))
        if entry is not None:
            entries.append(entry)
    return entries, problems


def bring_in(entries: Sequence[Registration]) -> Done:
    """Write all entries or none."""
    with transaction.atomic():
        written = [registrar.merge(entry) for entry in entries]
    created = sum(each.is_new for each in written)
    updated = sum(not each.is_new and each.is_changed for each in written)
    return Done(
        created=created,
        updated=updated,
        unchanged=len(written) - created - updated,
        secrets={each.client_id: each.secret for each in written if each.secret},
    )
