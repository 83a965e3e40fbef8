"""What the documents name exists: links, anchors, files, commands, targets, and their examples."""

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands

from accounts import history
from accounts import importing as people
from authserver import importing as clients
from config import policy_file, variables
from tests import documents, features, tree

pytestmark = pytest.mark.leg("sqlite")

FENCE = re.compile(r"^ *```([^\n]*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.+)$", re.MULTILINE)
FILE = re.compile(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|html|css|js|toml|json|md))(?::\w+)?`")
OURS = {"config", "tokens", "accounts", "authserver"}


def documents_of_ours() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.md"],
        cwd=tree.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [tree.ROOT / name for name in listed.stdout.splitlines() if (tree.ROOT / name).exists()]


def anchors(document: Path) -> set[str]:
    """Return the names GitHub gives to the headings."""
    text = FENCE.sub("", document.read_text(encoding="utf-8"))
    bare = (re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", title) for title in HEADING.findall(text))
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in bare}


def names(document: Path, pattern: re.Pattern[str]) -> Iterator[str]:
    yield from pattern.findall(document.read_text(encoding="utf-8"))


def written() -> list[Path]:
    """Return the documents people wrote; the generated ones follow from the code."""
    return [path for path in documents_of_ours() if str(path) not in _generated()]


def _generated() -> set[str]:
    return {str(tree.ROOT / name) for name in documents.DOCUMENTS}


def test_the_documents_are_found() -> None:
    assert {"README.md", "operations.md", "flows.md"} <= {path.name for path in documents_of_ours()}


def test_every_relative_link_resolves() -> None:
    broken = []
    for document in documents_of_ours():
        for link in LINK.findall(FENCE.sub("", document.read_text(encoding="utf-8"))):
            if "://" in link or link.startswith("mailto:"):
                continue
            name, _, anchor = link.partition("#")
            target = (document.parent / name).resolve() if name else document
            is_there = target.exists() and (not anchor or anchor in anchors(target))
            broken += [] if is_there else [f"{document.name}: {link}"]
    assert broken == []


def test_every_anchor_the_validator_prints_exists() -> None:
    printed = {variables.see(field) for field in variables.VARIABLES}
    printed |= {policy_file.SEE, "docs/operations.md#environment"}
    missing = [
        place
        for place in sorted(printed)
        if place.partition("#")[2] not in anchors(tree.ROOT / place.partition("#")[0])
    ]
    assert missing == []


def test_every_file_named_exists() -> None:
    missing = [
        f"{document.name}: {name}"
        for document in written()
        for name in names(document, FILE)
        if not name.startswith("var/")  # what a deployment makes
        and not (tree.ROOT / name).exists()
        and not (document.parent / name).exists()
    ]
    assert missing == []


def test_every_command_named_exists() -> None:
    known = get_commands()
    missing = [
        f"{document.name}: manage.py {name}"
        for document in written()
        for name in names(document, re.compile(r"manage\.py ([a-z][a-z-]*)"))
        if name not in known
    ]
    assert missing == []


def test_every_make_target_named_exists() -> None:
    makefile = (tree.ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    missing = [
        f"{document.name}: make {name}"
        for document in written()
        for name in names(document, re.compile(r"(?:`|^ *\$ |^)make ([a-z-]+)", re.MULTILINE))
        if name not in targets
    ]
    assert missing == []


def test_every_variable_named_exists() -> None:
    known = {variables.name_of(field) for field in variables.VARIABLES}
    known |= {f"{name}_FILE" for name in known}
    pattern = re.compile(r"\bAUTHSERVER_(?!TEST_|CI_)[A-Z_]*[A-Z]\b(?!_)")
    missing = {name for document in written() for name in names(document, pattern)} - known
    assert missing == set()


def test_every_command_of_ours_is_described() -> None:
    ours = {name for name, package in get_commands().items() if package in OURS}
    text = (tree.ROOT / "docs/operations.md").read_text(encoding="utf-8")
    assert {name for name in ours if f"`{name}" not in text} == set()


def test_every_security_event_is_described() -> None:
    events = {
        str(call.args[0].value)
        for module in tree.product()
        for call in tree.calls(module)
        if tree.called(call) == "security_event"
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }
    events |= set(history.TITLES)
    text = (tree.ROOT / "docs/operations.md").read_text(encoding="utf-8")
    assert {name for name in events if f"`{name}`" not in text} == set()


def test_everything_noted_in_a_history_has_a_title() -> None:
    noted = {
        str(call.args[1].value)
        for module in tree.product()
        for call in tree.calls(module)
        if tree.called(call) == "note"
        and len(call.args) > 1
        and isinstance(call.args[1], ast.Constant)
    }
    assert noted <= set(history.TITLES)


def test_every_feature_is_proven_by_tests_that_exist() -> None:
    there = {
        f"{module.path.removeprefix('tests/')}::{function.name}"
        for module in tree.suite()
        for function in tree.functions(module)
    }
    missing = [name for names in features.PROVEN.values() for name in names if name not in there]
    assert missing == []
    assert all(features.PROVEN.values())


def example(name: str) -> list[dict[str, object]]:
    """Return the JSON of the block that is fenced as ```json NAME."""
    text = (tree.ROOT / "docs/operations.md").read_text(encoding="utf-8")
    found = [body for info, body in FENCE.findall(text) if info == f"json {name}"]
    parsed: list[dict[str, object]] = json.loads(found[0])
    return parsed


def test_the_example_of_clients_can_be_imported() -> None:
    entries, problems = clients.read(example("clients.json"))
    assert problems == []
    assert len(entries) > 1


def test_the_example_of_people_can_be_imported() -> None:
    assert people.problems(example("users.json")) == []
