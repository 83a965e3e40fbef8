"""Small modules with honest names, SQL in its places, one file per clause."""

import ast
import collections
import re

import pytest

from tests import tree

pytestmark = pytest.mark.leg("sqlite")

LONGEST_MODULE = 300
LONGEST_FUNCTION = 40
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "service"}
VAGUE |= {"services", "core", "misc", "base"}

RAW_SQL = {"cursor", "chunked_cursor", "raw", "RawSQL", "extra", "executemany", "executescript"}
MAY_WRITE_SQL = re.compile(r"tokens/|config/throttle\.py$")
STATEMENT = re.compile(
    r"\s*(?:SELECT\s.*\sFROM\s|INSERT\s+INTO\s|UPDATE\s.*\sSET\s|DELETE\s+FROM\s"
    r"|(?:CREATE|ALTER|DROP)\s+(?:TABLE|INDEX)\s)",
    re.DOTALL,
)

# What reaches another package by a string would go around the import contracts.
# Django's settings and urls name apps in strings: that is how the ground floor mounts the rest.
MAY_NAME_OTHERS = {"config/settings.py", "config/urls.py"}
BY_STRING = {"get_model", "import_module", "import_string", "__import__"}


def test_the_tree_is_found() -> None:
    assert {module.path.partition("/")[0] for module in tree.product()} == set(tree.PACKAGES)


@pytest.mark.parametrize("which", ["product", "suite"])
def test_modules_are_short(which: str) -> None:
    modules = {"product": tree.product, "suite": tree.suite}[which]()
    assert {each.path: each.lines for each in modules if each.lines > LONGEST_MODULE} == {}


def test_functions_are_short() -> None:
    lengths = {
        f"{module.path}:{function.name}": (function.end_lineno or 0) - function.lineno + 1
        for module in tree.product()
        for function in tree.functions(module)
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


def test_no_module_has_a_vague_name() -> None:
    names = {module.path: module.path.removesuffix(".py").split("/") for module in tree.product()}
    assert [path for path, parts in names.items() if VAGUE & set(parts)] == []


def test_every_module_says_what_it_is() -> None:
    # Empty __init__.py files only make packages; management/__init__.py and the like.
    silent = [module.path for module in tree.product() if module.lines and not module.docstring]
    assert silent == []


def test_raw_sql_stays_in_its_places() -> None:
    found = [
        f"{module.path}:{call.lineno} {tree.called(call)}"
        for module in tree.product()
        if not MAY_WRITE_SQL.match(module.path)
        for call in tree.calls(module)
        if tree.called(call) in RAW_SQL
    ]
    assert found == []


def statements_in(code: ast.Module) -> list[int]:
    """Return the lines of texts that are SQL, also where they are put together."""
    return [
        node.lineno
        for node in ast.walk(code)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and STATEMENT.match(node.value)
    ]


def test_no_text_is_sql_anywhere_else() -> None:
    found = [
        f"{module.path}:{line}"
        for module in tree.product()
        if not MAY_WRITE_SQL.match(module.path)
        for line in statements_in(module.tree)
    ]
    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        "run('SELECT id FROM accounts_user WHERE name = ' + name)",
        "run(f'DELETE FROM accounts_user WHERE name = {name}')",
        "run('UPDATE accounts_user SET name = %s' % name)",
        "run('INSERT INTO accounts_user VALUES ({})'.format(name))",
        "run('DROP TABLE accounts_user')",
    ],
)
def test_sql_that_is_put_together_is_found(code: str) -> None:
    assert statements_in(ast.parse(code)) == [1]


@pytest.mark.parametrize(
    "code", ["_('Select one of these')", "_('Update your profile')", "'Delete this from the list'"]
)
def test_words_are_no_sql(code: str) -> None:
    assert statements_in(ast.parse(code)) == []


def test_nothing_of_ours_is_imported_by_string() -> None:
    found = [
        f"{module.path}:{call.lineno} {tree.called(call)}"
        for module in tree.product()
        if module.path not in MAY_NAME_OTHERS
        for call in tree.calls(module)
        if tree.called(call) in BY_STRING and not _names_own_package(module, call)
    ]
    assert found == []


def _names_own_package(module: tree.Module, call: ast.Call) -> bool:
    match call.args:
        case [ast.Constant(value=str(name)), *_]:
            return module.path.startswith(f"{name.partition('.')[0]}/")
        case _:
            return False


def test_two_files_never_claim_the_same_clause() -> None:
    owners = collections.defaultdict(list)
    for module in tree.product():
        for clause in module.clauses:
            owners[clause].append(module.path)
    assert {clause: paths for clause, paths in owners.items() if len(paths) > 1} == {}


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("RFC 7662", ["RFC 7662"]),
        ("RFC 6749 §4.1.3", ["RFC 6749 §4.1.3"]),
        ("RFC 6749 §3.1 and §3.2", ["RFC 6749 §3.1", "RFC 6749 §3.2"]),
        ("RFC 9068 §2, RFC 7519 §4.1.7", ["RFC 9068 §2", "RFC 7519 §4.1.7"]),
        ("OIDC Core §5.3, RFC 6750 §3", ["OIDC Core §5.3", "RFC 6750 §3"]),
        ("OIDC RP-Initiated Logout", ["OIDC RP-Initiated Logout"]),
        ("What is issued", []),
    ],
)
def test_clauses_are_read(claim: str, expected: list[str]) -> None:
    assert tree.clauses(claim) == expected


def test_the_flows_name_files_that_exist() -> None:
    text = (tree.ROOT / "docs/flows.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|html|css|md|toml))(?::\w+)?`", text)
    assert named, "docs/flows.md names no file"
    assert [path for path in named if not (tree.ROOT / path).is_file()] == []
