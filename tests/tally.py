"""The count of one pytest run: each test once, by the worst that happened to it."""

import json
import os
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pytest

RANK = {"passed": 0, "skipped": 1, "failed": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many tests of a run passed, failed and were skipped; and which kinds were left out."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    left_out: dict[str, int] = field(default_factory=dict)

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            passed=self.passed + other.passed,
            failed=self.failed + other.failed,
            skipped=self.skipped + other.skipped,
            left_out=dict(Counter(self.left_out) + Counter(other.left_out)),
        )

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"

    def save(self, path: Path) -> None:
        """Write the tally where the runner reads it."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")


def load(path: Path) -> Tally | None:
    """Read a tally; None when the run died before it could write one."""
    return Tally(**json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None


class Counting:
    """A pytest plugin that counts, and writes the tally when the run ends.

    What fails is told at once to the file descriptor `tell`: the run may take half an hour.
    """

    def __init__(self, path: Path, *, tell: int) -> None:
        self._path = path
        self._tell = tell
        self._worst: dict[str, str] = {}
        self._left_out: Counter[str] = Counter()

    def _note(self, node: str, outcome: str) -> None:
        self._worst[node] = max(self._worst.get(node, "passed"), outcome, key=RANK.__getitem__)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a test; a failing fixture counts like a failing test."""
        self._note(report.nodeid, report.outcome)
        if report.failed:
            os.write(self._tell, f"\nFAILED {report.nodeid}\n".encode())
        if report.skipped and isinstance(report.longrepr, tuple):
            for kind in {"browser", "npm"} & set(report.keywords):
                reason = report.longrepr[2].removeprefix("Skipped: ")
                self._left_out[f"{kind} tests left out: {reason}"] += 1

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Count a file that could not be read, or that skips itself, as one test."""
        if not report.passed:
            self._note(report.nodeid, report.outcome)

    def pytest_sessionfinish(self) -> None:
        """Write the tally."""
        counts = Counter(self._worst.values())
        Tally(
            passed=counts["passed"],
            failed=counts["failed"],
            skipped=counts["skipped"],
            left_out=dict(self._left_out),
        ).save(self._path)
