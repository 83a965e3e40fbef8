"""The description as it is served, and walks through it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from config import policy
from config.policy import RegistrationMode
from tests.doors import Door

PLACE = "/api/v1/openapi.json"
Part = dict[str, Any]


@contextmanager
def everything() -> Iterator[None]:
    """Offer registration too while the block runs."""
    rules = replace(policy.current().registration, mode=RegistrationMode.OPEN)
    with policy.replaced(registration=rules):
        yield


def served(door: Door) -> Part:
    """Return the description."""
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


def example_of(operation: Part, place: str) -> dict[str, str]:
    """Return the examples of the parameters that stand in `query` or `path`."""
    return {
        parameter["name"]: str(parameter["example"])
        for parameter in operation.get("parameters", [])
        if parameter["in"] == place and "example" in parameter
    }


def example_body(operation: Part) -> tuple[bytes, dict[str, str]]:
    """Return the first example of the body, and the headers that say what it is."""
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        value = next(iter(content["examples"].values()))["value"]
        is_json = kind == "application/json"
        text = json.dumps(value) if is_json else urlencode(value)
        return text.encode(), {"Content-Type": kind}
    return b"", {}
