"""The libraries of other people that the tests use: pinned, and fetched from wherever npm asks."""

import json
import re

import pytest

from tests import outside

pytestmark = pytest.mark.leg("sqlite")


def test_every_library_is_pinned() -> None:
    wanted = json.loads((outside.NPM / "package.json").read_text(encoding="utf-8"))
    assert {n: v for n, v in wanted["dependencies"].items() if not re.fullmatch(r"[\d.]+", v)} == {}


def test_the_lock_names_no_registry() -> None:
    lock = json.loads((outside.NPM / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: about for name, about in lock["packages"].items() if name}
    assert packages
    assert [name for name, about in packages.items() if "resolved" in about] == []
    assert [name for name, about in packages.items() if not about["integrity"]] == []
