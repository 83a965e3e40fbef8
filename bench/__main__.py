"""`make bench`, `make soak`: a comparison with a rival, our own costs, a long load."""

import argparse
import signal
import subprocess
import sys
from typing import NoReturn

from bench import compare, soak, table
from bench.compare import Plan
from bench.stage import On


def main() -> int:
    """Do what the command line asks; return how the process shall end."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.set_defaults(do=_compare)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each cell (1)")
    parser.add_argument("--rounds", type=int, default=5, help="on PostgreSQL (5)")
    parser.add_argument("--sqlite-rounds", type=int, default=3, help="on SQLite (3)")
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    verbs = parser.add_subparsers()
    costs = verbs.add_parser("costs", help="what a request of ours costs by its parts")
    costs.add_argument("arguments", nargs="*", help="profile [request …]")
    costs.set_defaults(do=_costs)
    long = verbs.add_parser("soak", help="a long mixed load, and what must hold after it")
    long.add_argument("duration", type=float, nargs="?", default=180.0, help="seconds (180)")
    long.set_defaults(do=_soak)
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, _stop)
    return int(given.do(given))


def _stop(*_: object) -> NoReturn:
    """Leave by an exception, so that every server that was started is stopped."""
    sys.exit("stopped")


def _compare(given: argparse.Namespace) -> int:
    plans = {
        On.POSTGRESQL: Plan(seconds=given.seconds, rounds=given.rounds),
        On.SQLITE: Plan(seconds=given.seconds, rounds=given.sqlite_rounds),
    }
    cells = compare.run({on: plan for on, plan in plans.items() if plan.rounds})
    kept = compare.keep(cells)
    text = table.markdown(cells)
    print(text)
    print(f"Every cell: {kept}")
    if given.write:
        print(f"Written: {table.write(text)}")
    return 0


def _costs(given: argparse.Namespace) -> int:
    """Start it as a program of its own: it loads our server into its process."""
    command = [sys.executable, "-m", "bench.costs", *given.arguments]
    return subprocess.run(command, check=False).returncode


def _soak(given: argparse.Namespace) -> int:
    findings = soak.run(given.duration)
    for finding in findings:
        print(f"{'ok    ' if finding.holds else 'FAILED'} {finding.sentence}")
    return 0 if all(finding.holds for finding in findings) else 1


if __name__ == "__main__":
    sys.exit(main())
