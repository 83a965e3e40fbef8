"""One server with both examples for all tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.examples import world
from tests.examples.world import World


@pytest.fixture(scope="session")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run the server and both examples."""
    with world.running(tmp_path_factory.mktemp("world")) as found:
        yield found
