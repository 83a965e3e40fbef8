"""OpenID Connect as people ask for it, feature by feature, and the tests that prove each.

`make docs` writes it into docs/specs.md; a test finds a name that has moved. The modules of the
conformance suite have a table of their own, docs/conformance.md.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """What it is, which clause asks for it, and the tests that hold us to it."""

    name: str
    clause: str
    tests: tuple[str, ...]


def _read() -> tuple[Feature, ...]:
    text = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    listed = tomllib.loads(text)["feature"]
    return tuple(Feature(**{**each, "tests": tuple(each["tests"])}) for each in listed)


FEATURES: Final = _read()
PROVEN: Final = {each.name: each.tests for each in FEATURES}
