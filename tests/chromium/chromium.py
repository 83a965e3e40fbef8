"""Debian's Chromium, driven by Playwright: every complaint of its console is kept."""

import importlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import outside, tree

ARTIFACTS = tree.ROOT / "tests/artifacts"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# An error page is an answer like any other, and Chromium logs every one of them.
_EXPECTED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
_OUR_FAILURE = re.compile(r"Failed to load resource: the server responded with a status of 50[03]")


@dataclass  # no slots: Playwright notes its handlers on the object
class Window:
    """A browser context of its own: cookies, tabs, and what the console said."""

    context: Any
    complaints: list[str] = field(default_factory=list)
    may_fail: bool = False
    """Whether an answer may say that the server failed: where that is what is looked at."""

    def __post_init__(self) -> None:
        self.context.set_default_timeout(15_000)
        self.context.on("console", self._hear)
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.context.on("requestfailed", self._miss)

    def tab(self) -> Any:
        """Open a tab."""
        return self.context.new_page()

    def _hear(self, message: Any) -> None:
        text = message.text
        is_expected = _EXPECTED.search(text) or (self.may_fail and _OUR_FAILURE.search(text))
        if message.type in {"error", "warning"} and not is_expected:
            self.complaints.append(text)

    def _miss(self, request: Any) -> None:
        if request.failure != "net::ERR_ABORTED":  # the person went on before it had arrived
            self.complaints.append(f"{request.url}: {request.failure}")


@contextmanager
def running() -> Iterator[Any]:
    """Run Chromium until the block ends."""
    playwright = importlib.import_module("playwright.sync_api")  # not in every environment
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=outside.chromium(), args=QUIET)
        try:
            yield browser
        finally:
            browser.close()


def picture(tab: Any, name: str) -> Path:
    """Keep a picture of a tab, for a person to look at."""
    path = ARTIFACTS / f"{name}.png"
    tab.screenshot(path=path, full_page=True)
    return path
