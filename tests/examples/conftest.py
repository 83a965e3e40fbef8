"""One server with the examples for all tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.examples import apis, world
from tests.examples.world import World


@pytest.fixture(scope="session")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run the server and both examples."""
    with world.running(tmp_path_factory.mktemp("world")) as found:
        yield found


@pytest.fixture(scope="session")
def at_server(here: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Run the example API in all its variants at that server."""
    introspecting = here.demo["api"]
    with apis.running(
        tmp_path_factory.mktemp("apis"),
        ISSUER=here.issuer,
        AUDIENCE=f"{here.issuer}/api",
        CLIENT_ID=introspecting["client_id"],
        CLIENT_SECRET=introspecting["secret"],
        REMEMBER="1",
    ) as found:
        yield found
