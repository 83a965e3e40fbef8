"""Run the whole suite: `make test`. Further arguments go to pytest, in each of its parts.

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
from tests.parts import PARTS, Part

ROOT = Path(__file__).parent.parent
NOTHING_COLLECTED = 5  # pytest's exit code; `-k` may match on one leg only


def main(arguments: list[str]) -> int:
    """Run the parts and count."""
    parts = PARTS
    if "--leg" in arguments:
        at = arguments.index("--leg")
        leg = Leg(arguments[at + 1])
        parts = [part for part in parts if part.leg is leg]
        arguments = arguments[:at] + arguments[at + 2 :]
    signal.signal(signal.SIGTERM, _leave)
    total, sound = tally.Tally(), True
    for found, clean in _runs(parts, arguments):
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


def _runs(parts: list[Part], arguments: list[str]) -> list[tuple[tally.Tally, bool]]:
    """Run the parts and return their counts; side by side where there is more than one core.

    The first one is watched as it goes, the others' output follows when it has ended; but a test
    that failed is told at once.
    """
    if len(parts) > 1 and (os.cpu_count() or 1) == 1:
        return [found for part in parts for found in _runs([part], arguments)]
    with contextlib.ExitStack() as stack:
        started = [
            stack.enter_context(_started(part, arguments, is_watched=part is parts[0]))
            for part in parts
        ]
        return [_ended(each) for each in started]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One part under way, in a process of its own; `output` is None where it is watched."""

    title: str
    process: subprocess.Popen[bytes]
    tally: Path
    output: Path | None
    started_at: float


@contextlib.contextmanager
def _started(part: Part, arguments: list[str], *, is_watched: bool) -> Iterator[_Run]:
    if is_watched:
        print(f"── {part.title} ──", flush=True)
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        tell = os.dup(sys.stdout.fileno())
        stack.callback(os.close, tell)
        path = Path(folder) / "tally.json"
        output = None if is_watched else Path(folder) / "output"
        environment = {
            **os.environ,
            "AUTHSERVER_TEST_LEG": part.leg.value,
            "AUTHSERVER_TEST_PART": part.name,
            "AUTHSERVER_TEST_TALLY": str(path),
            "AUTHSERVER_TEST_TELL": str(tell),
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
            pass_fds=[tell],
        )
        with process:
            try:
                yield _Run(
                    title=part.title,
                    process=process,
                    tally=path,
                    output=output,
                    started_at=time.monotonic(),
                )
            except BaseException:
                process.terminate()
                raise


def _ended(run: _Run) -> tuple[tally.Tally, bool]:
    """Wait for a part; return its count and whether it ended well."""
    code = run.process.wait()
    if run.output is not None:
        print(f"── {run.title} ──", flush=True)
        sys.stdout.buffer.write(run.output.read_bytes())
    found = tally.load(run.tally)
    print(f"{run.title}: {time.monotonic() - run.started_at:.0f} s", flush=True)
    if found is None:
        print(f"The run ended with exit code {code} before it could count.", flush=True)
        return tally.Tally(failed=1), False
    return found, code in {0, NOTHING_COLLECTED}


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
