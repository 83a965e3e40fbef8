"""The tests that are named as proofs exist, and the pages name the same ones."""

import re

import pytest

from tests import documents, features, tree

pytestmark = pytest.mark.leg("sqlite")

PAGE = (tree.ROOT / "docs/conformance.md").read_text(encoding="utf-8")
TEST = re.compile(r"`([\w/]+\.py::\w+)`")
ROW = re.compile(r"^\| `(oidcc-[\w-]+)`[^|]*\| (.+) \|$", re.MULTILINE)
PLAN = re.compile(r"`(oidcc-[\w-]+-certification-test-plan)`")
PLANS = {
    *(f"{name}" for name in ("basic", "config", "formpost-basic", "dynamic", "implicit")),
    *("3rdparty-init-login", "rp-initiated-logout", "session-management"),
    *("backchannel-rp-initiated-logout", "frontchannel-rp-initiated-logout"),
}


def there() -> set[str]:
    """Return every test, as proofs name it."""
    return {
        f"{module.path.removeprefix('tests/')}::{function.name}"
        for module in tree.suite()
        for function in tree.functions(module)
        if function.name.startswith("test_")
    }


def test_every_plan_has_its_modules() -> None:
    named = set(PLAN.findall(PAGE))
    assert {f"oidcc-{name}-certification-test-plan" for name in PLANS} <= named
    assert len({module for module, _ in ROW.findall(PAGE)}) > 70


def test_every_module_is_proven_by_tests_that_exist() -> None:
    proofs = [(module, TEST.findall(cell)) for module, cell in ROW.findall(PAGE)]
    assert [module for module, tests in proofs if not tests] == []
    assert {name for _, tests in proofs for name in tests} - there() == set()


def test_every_feature_is_proven_by_tests_that_exist() -> None:
    assert [each.name for each in features.FEATURES if not each.tests] == []
    assert {name for each in features.FEATURES for name in each.tests} - there() == set()


def test_the_page_of_specifications_names_them_too() -> None:
    specs = documents.specs()
    files = {name.partition("::")[0] for name in TEST.findall(PAGE)}
    assert {name for name in files if f"`{name}" not in specs} == set()
    assert {name for each in features.FEATURES for name in each.tests if name not in specs} == set()
