"""Run the whole suite: `make test`. Further arguments go to pytest, on both legs.

The last line is the count of all tests, and nothing else: `N passed, N failed, N skipped`.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
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
    """Run the legs and count."""
    legs = list(Leg)
    if "--leg" in arguments:
        at = arguments.index("--leg")
        legs = [Leg(arguments[at + 1])]
        arguments = arguments[:at] + arguments[at + 2 :]
    signal.signal(signal.SIGTERM, _leave)
    total, sound = tally.Tally(), True
    for found, clean in _runs(legs, arguments):
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


def _runs(legs: list[Leg], arguments: list[str]) -> list[tuple[tally.Tally, bool]]:
    """Run the legs and return their counts; side by side where there is a core for each.

    The first one is watched as it goes, the other's output follows when it has ended.
    """
    if len(legs) > 1 and (os.cpu_count() or 1) < len(legs):
        return [found for leg in legs for found in _runs([leg], arguments)]
    with contextlib.ExitStack() as stack:
        started = [
            stack.enter_context(_started(leg, arguments, is_watched=leg is legs[0])) for leg in legs
        ]
        return [_ended(each) for each in started]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leg:
    """One leg under way, in a process of its own; `output` is None where it is watched."""

    title: str
    process: subprocess.Popen[bytes]
    tally: Path
    output: Path | None
    started_at: float


@contextlib.contextmanager
def _started(leg: Leg, arguments: list[str], *, is_watched: bool) -> Iterator[_Leg]:
    if is_watched:
        print(f"── {TITLES[leg]} ──", flush=True)
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        path = Path(folder) / "tally.json"
        output = None if is_watched else Path(folder) / "output"
        environment = {
            **os.environ,
            "AUTHSERVER_TEST_LEG": leg.value,
            "AUTHSERVER_TEST_TALLY": str(path),
        }
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        environment.pop("PYTEST_ADDOPTS", None)
        command = [sys.executable, "-m", "pytest", "-q", "--continue-on-collection-errors"]
        process = subprocess.Popen(
            [*command, *arguments],
            cwd=ROOT,
            env=environment,
            stdout=stack.enter_context(output.open("wb")) if output else None,
            stderr=subprocess.STDOUT if output else None,
        )
        with process:
            try:
                yield _Leg(
                    title=TITLES[leg],
                    process=process,
                    tally=path,
                    output=output,
                    started_at=time.monotonic(),
                )
            except BaseException:
                process.terminate()
                raise


def _ended(leg: _Leg) -> tuple[tally.Tally, bool]:
    """Wait for a leg; return its count and whether it ended well."""
    code = leg.process.wait()
    if leg.output is not None:
        print(f"── {leg.title} ──", flush=True)
        sys.stdout.buffer.write(leg.output.read_bytes())
    found = tally.load(leg.tally)
    print(f"{leg.title}: {time.monotonic() - leg.started_at:.0f} s", flush=True)
    if found is None:
        print(f"The run ended with exit code {code} before it could count.", flush=True)
        return tally.Tally(failed=1), False
    return found, code in {0, NOTHING_COLLECTED}


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
