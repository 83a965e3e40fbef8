"""Every import contract holds, and catches a violation planted in a copy of the tree."""

import functools
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests import tree

pytestmark = pytest.mark.leg("sqlite")

LINTER = Path(sys.executable).with_name("lint-imports")

# Contract, the file to plant in (a new one, or at the end of one of ours), the import.
PLANTS = [
    ("staircase", "tokens/planted.py", "from accounts import people"),
    ("rows-of-authserver", "config/planted.py", "from authserver import models"),
    ("rows-of-accounts", "authserver/planted.py", "from accounts.models import User"),
    ("rows-of-tokens", "accounts/planted.py", "import tokens.models"),
    ("rows-of-config", "tokens/planted.py", "from config import models"),
    ("leaves", "authserver/grants/planted.py", "from authserver.endpoints import jwks"),
    ("leaves", "authserver/extensions/planted.py", "from authserver.extensions import pkce"),
    ("pyjwt", "authserver/planted.py", "import jwt"),
    ("joserfc", "tokens/planted.py", "from joserfc import jwk"),
    ("fido2", "accounts/planted.py", "from fido2 import cbor"),
    ("authlib", "accounts/planted.py", "from authlib.oauth2 import OAuth2Error"),
    ("allauth", "authserver/planted.py", "from allauth.account import app_settings"),
    ("rest-framework", "accounts/planted.py", "from rest_framework import views"),
    ("rest-framework", "authserver/planted.py", "from drf_spectacular import openapi"),
    # A module that nobody placed, then an import that climbs.
    ("layers-of-authserver", "authserver/planted.py", ""),
    ("layers-of-authserver", "authserver/errors.py", "from authserver import server"),
    ("layers-of-accounts", "accounts/planted.py", ""),
    ("layers-of-accounts", "accounts/signals.py", "from accounts import people"),
    ("layers-of-tokens", "tokens/planted.py", ""),
    ("layers-of-tokens", "tokens/names.py", "from tokens import access"),
    ("layers-of-config", "config/planted.py", ""),
    ("layers-of-config", "config/faults.py", "from config import environment"),
]


@functools.cache
def contracts() -> tuple[str, ...]:
    settings = tomllib.loads((tree.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return tuple(contract["id"] for contract in settings["tool"]["importlinter"]["contracts"])


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tree")
    shutil.copy(tree.ROOT / "pyproject.toml", folder)
    for package in tree.PACKAGES:
        only_code = shutil.ignore_patterns("__pycache__", "static", "templates")
        shutil.copytree(tree.ROOT / package, folder / package, ignore=only_code)
    return folder


def lint(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINTER, "--no-cache", *options], cwd=folder, capture_output=True, text=True, check=False
    )


def test_all_contracts_hold(copy: Path) -> None:
    answer = lint(copy)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_each_contract_has_a_plant() -> None:
    assert {contract for contract, _, _ in PLANTS} == set(contracts())


@pytest.mark.parametrize(
    ("contract", "path", "line"),
    [pytest.param(*plant, id=f"{plant[0]} in {plant[1]}") for plant in PLANTS],
)
def test_a_planted_violation_is_caught(contract: str, path: str, line: str, copy: Path) -> None:
    planted = copy / path
    before = planted.read_text(encoding="utf-8") if planted.exists() else None
    planted.write_text(f"{before or ''}\n{line}\n", encoding="utf-8")
    try:
        answer = lint(copy, "--contract", contract)
    finally:
        planted.unlink() if before is None else planted.write_text(before, encoding="utf-8")
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert path.removesuffix(".py").replace("/", ".") in answer.stdout
