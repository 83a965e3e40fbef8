"""Pages written from the code: `make docs` writes them, `make check` finds them out of date."""

import ast
import collections
import dataclasses
import re
from collections.abc import Callable, Iterator
from typing import get_type_hints

from authserver import errors as protocol_errors
from config import environment, policy, policy_file, variables
from tests import features, tree

HEAD = "<!-- Written by `make docs`; do not edit. -->\n\n"


def specs() -> str:
    """Return docs/specs.md: every clause, the file that answers for it, the tests that hold it."""
    owners = {clause: module for module in tree.product() for clause in module.clauses}
    tests = collections.defaultdict(set)
    for module in tree.suite():
        for clause in _marks(module):
            tests[clause].add(module.path)
    rows = [
        f"| {clause} | {_file(owners.get(clause))} | {_files(tests.get(clause, set()))} |"
        for clause in sorted({*owners, *tests}, key=_order)
    ]
    intro = "Which file answers for which clause, and which tests hold it to that."
    table = ["| Clause | Implemented in | Tested by |", "|---|---|---|", *rows]
    proven = ["| Feature | Clause | Proven by |", "|---|---|---|", *_features()]
    return (
        f"{HEAD}# Specifications\n\n{intro}\n\n"
        + "\n".join(table)
        + "\n\n## OpenID Connect, feature by feature\n\n"
        + "\n".join(proven)
        + "\n"
    )


def policies() -> str:
    """Return docs/policy.md: every key of the policy file, its default and its bounds."""
    lines = [
        f"{HEAD}# Policy",
        "What this server permits. Each table is a TOML table, each key a key, of the file that",
        "`AUTHSERVER_POLICY_FILE` names; whatever is left out keeps its default.",
    ]
    text = f"{lines[0]}\n\n{lines[1]}\n{lines[2]}\n"
    for name, kind in get_type_hints(policy.Policy).items():
        text += f"\n## [{name}]\n\n{(kind.__doc__ or '').strip()}\n\n"
        text += "| Key | Default | Allowed |\n|---|---|---|\n"
        kinds = get_type_hints(kind)
        for each in dataclasses.fields(kind):
            default = policy_file.written(each.default)
            allowed = policy_file.allowed_values(kinds[each.name], each)
            text += f"| `{each.name}` | `{default}` | {allowed} |\n"
    return text


def errors() -> str:
    """Return docs/errors.md: every error a client can be told, and what to do about it."""
    entries = [
        f"## {kind.anchor()}\n\n`{kind.error or '(no code)'}`, status {kind.status_code},"
        f" {kind.clause}.\n"
        f"{kind.description}\n\nWhat to do: {(kind.__doc__ or '').strip()}\n"
        for kind in sorted(protocol_errors.tree(), key=lambda kind: kind.error)
    ]
    head = f"{HEAD}# Errors\n\nMade from `authserver/errors.py`.\n\n"
    return head + "\n".join(entries)


def environment_variables() -> str:
    """Return docs/environment.md: every variable, its default and what may stand there."""
    lines = [
        "# Environment",
        "",
        "Where a deployment runs, one variable a line. Each can also be given as `NAME_FILE`: the",
        "path of a file that holds the value. A name that is not here stops the start.",
        "What each one is for stands in [operations.md](operations.md#environment).",
        "",
        "| Variable | Default | Allowed |",
        "|---|---|---|",
    ]
    defaults = {each.name: each for each in dataclasses.fields(environment.Environment)}
    for field, variable in variables.VARIABLES.items():
        name, anchor = variables.name_of(field), variables.see(field).removeprefix("docs/")
        default = COMPUTED.get(field) or f"`{policy_file.written(defaults[field].default)}`"
        allowed = variable.allowed.replace("|", r"\|")
        lines.append(f"| [`{name}`]({anchor}) | {default} | {allowed} |")
    return HEAD + "\n".join(lines) + "\n"


# Defaults that are nothing, or that follow from something else.
COMPUTED = {
    "data_dir": "`var` beside the code",
    "database_url": "SQLite in the data folder",
    "redis_url": "none: each process has a cache of its own",
    "root_keys": "made in development; required in production",
    "instance_epoch": "the file `instance.epoch` in the data folder, else `1`",
    "email_from": "`no-reply@` and the issuer's host",
    "email_url": "none: printed in development, dropped in production",
    "port": "the issuer's port, else `8000`",
    **dict.fromkeys(
        (
            "trusted_proxies",
            "policy_file",
            "tls_cert_file",
            "tls_key_file",
        ),
        "none",
    ),
}

DOCUMENTS: dict[str, Callable[[], str]] = {
    "docs/specs.md": specs,
    "docs/policy.md": policies,
    "docs/errors.md": errors,
    "docs/environment.md": environment_variables,
}


def write() -> None:
    """Write every generated page."""
    for path, make in DOCUMENTS.items():
        target = tree.ROOT / path
        target.parent.mkdir(exist_ok=True)
        target.write_text(make(), encoding="utf-8")


def outdated() -> list[str]:
    """Return the generated pages that say something else than the code."""
    return [
        path
        for path, make in DOCUMENTS.items()
        if not (tree.ROOT / path).is_file()
        or (tree.ROOT / path).read_text(encoding="utf-8") != make()
    ]


def _features() -> Iterator[str]:
    for each in features.FEATURES:
        proofs = ", ".join(f"`{name}`" for name in each.tests)
        yield f"| {each.name} | {each.clause} | {proofs} |"


def _marks(module: tree.Module) -> Iterator[str]:
    for call in tree.calls(module):
        match call.args:
            case [ast.Constant(value=str(clause))] if tree.called(call) == "spec":
                yield from tree.clauses(clause)


def _file(module: tree.Module | None) -> str:
    return f"`{module.path}`: {module.duty}".replace("|", r"\|") if module else ""


def _files(paths: set[str]) -> str:
    return ", ".join(f"`{path.removeprefix('tests/')}`" for path in sorted(paths))


def _order(clause: str) -> list[tuple[int, int, str]]:
    """Sort §4.10 after §4.9."""
    parts = re.findall(r"\d+|\D+", clause)
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts]
