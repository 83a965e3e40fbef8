"""One server for all libraries of this folder."""

from collections.abc import Iterator

import pytest

from tests.relying_parties import world
from tests.relying_parties.world import World


@pytest.fixture(scope="session")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run the server."""
    with world.running(tmp_path_factory.mktemp("relying-parties")) as found:
        yield found
