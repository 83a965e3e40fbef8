"""Run the whole suite: `make test`. Further arguments go to pytest, on both legs.

The last line is the count of all tests, and nothing else: `N passed, N failed, N skipped`.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType

from tests import tally
from tests.leg import Leg

ROOT = Path(__file__).parent.parent
TITLES = {
    Leg.SQLITE: "SQLite and the in-process cache",
    Leg.SERVERS: "PostgreSQL and Valkey",
}
NOTHING_COLLECTED = 5  # pytest's exit code; `-k` may match on one leg only


def main(arguments: list[str]) -> int:
    """Run the legs one after the other and count."""
    legs = list(Leg)
    if "--leg" in arguments:
        at = arguments.index("--leg")
        legs = [Leg(arguments[at + 1])]
        arguments = arguments[:at] + arguments[at + 2 :]
    signal.signal(signal.SIGTERM, _leave)
    total, sound = tally.Tally(), True
    for leg in legs:
        found, clean = _run(leg, arguments)
        total, sound = total + found, sound and clean
    for reason, count in sorted(total.left_out.items()):
        print(f"{count} {reason}")
    if not total.left_out:
        print("No browser or npm test was left out.")
    must_not_skip = any(
        os.environ.get(f"AUTHSERVER_TEST_{kind}") == "required" for kind in ("BROWSER", "NPM")
    )
    if must_not_skip and total.skipped:
        print("Tests were skipped where none may be.")
        sound = False
    if not total.passed + total.failed + total.skipped:
        print("No test was found.")
        sound = False
    print(total, flush=True)
    return 0 if sound and not total.failed else 1


def _run(leg: Leg, arguments: list[str]) -> tuple[tally.Tally, bool]:
    """Run one leg in a process of its own; return its count and whether it ended well."""
    print(f"── {TITLES[leg]} ──", flush=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tally.json"
        environment = {
            **os.environ,
            "AUTHSERVER_TEST_LEG": leg.value,
            "AUTHSERVER_TEST_TALLY": str(path),
        }
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        environment.pop("PYTEST_ADDOPTS", None)
        command = [sys.executable, "-m", "pytest", "-q", "--continue-on-collection-errors"]
        with subprocess.Popen([*command, *arguments], cwd=ROOT, env=environment) as process:
            try:
                code = process.wait()
            except BaseException:
                process.terminate()
                raise
        found = tally.load(path)
    print(f"{TITLES[leg]}: {time.monotonic() - started:.0f} s", flush=True)
    if found is None:
        print(f"The run ended with exit code {code} before it could count.", flush=True)
        return tally.Tally(failed=1), False
    return found, code in {0, NOTHING_COLLECTED}


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
