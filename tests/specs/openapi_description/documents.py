"""The description as it is served, and walks through it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from config import policy
from config.policy import RegistrationMode
from tests.doors import Door

PLACE = "/api/v1/openapi.json"
Part = dict[str, Any]


def served(door: Door) -> Part:
    """Return the description, registration included."""
    rules = replace(policy.current().registration, mode=RegistrationMode.OPEN)
    with policy.replaced(registration=rules):
        found: Part = door.get(PLACE).json()
    return found


def operations(document: Part) -> Iterator[tuple[str, Part]]:
    """Yield each operation by its method and path."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def bodies(operation: Part) -> Iterator[tuple[str, Part]]:
    """Yield each body of an operation, by the status it comes with (`sent` for the request's)."""
    answers = {"sent": operation.get("requestBody", {}), **operation["responses"]}
    for status, answer in answers.items():
        for content in answer.get("content", {}).values():
            yield status, content
