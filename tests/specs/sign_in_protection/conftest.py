"""Pages are the same behind both doors; these tests use the front one."""

import pytest

from tests.doors import Door


@pytest.fixture
def way_in() -> Door:
    """Return the front door."""
    return Door(name="front")
