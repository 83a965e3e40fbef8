"""The suite and a person, under the policy of docs/conformance.md."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import policy
from tests import peers
from tests.certification import suite as suites
from tests.certification.suite import Suite
from tests.doors import Door


@pytest.fixture
def suite(signing_keys: None, tmp_path: Path) -> Iterator[Suite]:
    """Return the suite, at an address of its own."""
    peer = peers.somewhere()
    door = Door(name="front", peer=peer)  # both doors answer alike, other tests see to that
    permitted = suites.permissions(tmp_path)
    changed = {
        each.name: getattr(permitted, each.name)
        for each in dataclasses.fields(permitted)
        if getattr(permitted, each.name) != getattr(policy.Policy(), each.name)
    }
    with policy.replaced(**changed):
        yield Suite(door=door, person=suites.somebody(door))
