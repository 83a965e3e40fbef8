"""What some tests need beyond the lock file: a browser, Node. Missing means left out, and counted.

Where AUTHSERVER_TEST_BROWSER=required or AUTHSERVER_TEST_NPM=required, missing means failed.
"""

import functools
import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

NPM = Path(__file__).parent / "npm"
OLDEST_NODE = 20  # WebCrypto without asking for it
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str | None:
    """Return the path of a Chromium, as `executable_path` wants it."""
    named = os.environ.get("AUTHSERVER_TEST_CHROMIUM")
    return named or next((path for name in BROWSERS if (path := shutil.which(name))), None)


def missing(kind: str) -> str | None:
    """Say what tests marked `browser` or `npm` lack on this machine; None when nothing."""
    match kind:
        case "browser" if importlib.util.find_spec("playwright") is None:
            return "the Python package playwright is not installed (make env-browser)"
        case "browser" if chromium() is None:
            return "no Chromium found (apt install chromium, or AUTHSERVER_TEST_CHROMIUM=path)"
        case "npm" if _node() < OLDEST_NODE:
            return f"Node {OLDEST_NODE} or newer is not installed"
        case "npm" if not (NPM / "node_modules").is_dir():
            return "tests/npm/node_modules is missing (npm ci --prefix tests/npm)"
        case _:
            return None


@functools.cache
def _node() -> int:
    """Return the major version of Node; 0 for none."""
    path = shutil.which("node")
    if path is None:
        return 0
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.", said)
    return int(found[1]) if found else 0


def required(kind: str) -> bool:
    """Tell whether tests of this kind may not be left out."""
    return os.environ.get(f"AUTHSERVER_TEST_{kind.upper()}") == "required"
