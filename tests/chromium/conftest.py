"""One server, both examples and one Chromium for all tests of this folder."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.chromium import chromium
from tests.chromium.chromium import Window
from tests.examples import world
from tests.examples.world import World

Open = Callable[..., Window]


@pytest.fixture(scope="session")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run the server and both examples."""
    with world.running(tmp_path_factory.mktemp("world")) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Run Chromium, for one file: while it runs, Django takes this thread for an event loop's."""
    with chromium.running() as found:
        yield found


@pytest.fixture
def window(browser: Any) -> Iterator[Open]:
    """Return what opens a window; none of them may have had anything to complain about."""
    opened: list[Window] = []

    def open_window(**options: Any) -> Window:
        opened.append(Window(browser.new_context(**options)))
        return opened[-1]

    yield open_window
    for each in opened:
        each.context.close()
    assert [complaint for each in opened for complaint in each.complaints] == []
