"""Our own source files, parsed once: what tests/architecture and the generated pages read."""

import ast
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("authserver", "accounts", "tokens", "config")
NOT_SOURCE = {"migrations", "__pycache__", "node_modules", ".venv", "var"}

SPEC = r"(?:RFC \d+|OIDC [A-Z][A-Za-z-]+(?: [A-Z][a-z]+)?|OAuth 2\.1|FAPI [\d.]+|NIST SP [\w-]+)"
CLAUSE = re.compile(rf"({SPEC})((?:(?:, | and )?(?: ?§[\w.]+))*)")
SECTION = re.compile(r"§[\w.]*\w")


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One Python file of ours."""

    path: str
    lines: int
    tree: ast.Module

    @property
    def docstring(self) -> str:
        """The first line of the module's docstring."""
        return (ast.get_docstring(self.tree) or "").partition("\n")[0]

    @property
    def clauses(self) -> list[str]:
        """The clauses this file claims for itself: what stands before the dash."""
        claim, dash, _ = self.docstring.partition(" — ")
        return clauses(claim) if dash else []

    @property
    def duty(self) -> str:
        """What the file says it is, without the clause."""
        return self.docstring.partition(" — ")[2] or self.docstring


def clauses(text: str) -> list[str]:
    """Return `["RFC 6749 §3.1", "RFC 6749 §3.2"]` for `RFC 6749 §3.1 and §3.2`."""
    found = []
    for spec, sections in CLAUSE.findall(text):
        found += [f"{spec} {section}" for section in SECTION.findall(sections)] or [spec]
    return found


@functools.cache
def product() -> tuple[Module, ...]:
    """Return every module of the four packages, migrations left out."""
    return tuple(module for package in PACKAGES for module in _modules(ROOT / package))


@functools.cache
def suite() -> tuple[Module, ...]:
    """Return every module of the tests."""
    return tuple(_modules(ROOT / "tests"))


def _modules(folder: Path) -> Iterator[Module]:
    for path in sorted(folder.rglob("*.py")):
        relative = path.relative_to(ROOT)
        if not NOT_SOURCE & set(relative.parts):
            text = path.read_text(encoding="utf-8")
            yield Module(
                path=relative.as_posix(),
                lines=text.count("\n"),
                tree=ast.parse(text, filename=relative.as_posix()),
            )


def functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield the functions and methods of a module."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def calls(module: Module) -> Iterator[ast.Call]:
    """Yield everything a module calls."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            yield node


def called(call: ast.Call) -> str:
    """Return the last name of what is called: `cursor` for `connection.cursor()`."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""
