"""The contest: everybody on the same database, in turns inside every round, in one run."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import NamedTuple

import psycopg

from bench import contestants, machine, rows, stage, wire
from bench.contestants import Contestant
from bench.rows import Row
from bench.stage import On, Stage
from tests import tree

RESULTS = tree.ROOT / "bench/results"
CONNECTIONS = (1, 16)
_WARM_UP = 0.3  # seconds, once for each cell
_SLOW_ROUNDS = 2  # of DOT's slow hash, on one connection: nothing but that hash is to be seen
_MOST_CODES = 1000  # what is collected must be redeemed within a minute


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is done."""

    seconds: float
    rounds: int


class Place(NamedTuple):
    """Where a cell stands."""

    on: str
    round: int
    row: str
    who: str
    connections: int


@dataclass(slots=True, kw_only=True)
class Cell:
    """One contestant in one row of one round."""

    on: str
    round: int
    row: str
    who: str
    connections: int
    seconds: float
    good: int
    failed: int
    server_cpu: float
    database_cpu: float
    driver_cpu: float
    others_cpu: float
    statements: int
    wal: int
    latencies: list[float] = field(repr=False)

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return self.good / self.seconds

    @property
    def cpu(self) -> float:
        """Processor seconds of one good answer, the database's included."""
        return (self.server_cpu + self.database_cpu) / self.good


def run(plans: dict[On, Plan]) -> list[Cell]:
    """Do it all; return every cell."""
    cells: list[Cell] = []
    for on, plan in plans.items():
        print(f"{on.value}: starting", flush=True)
        with stage.set_up(on) as set_:
            _make_ready(set_)
            for number in range(plan.rounds):
                start = time.monotonic()
                cells += _round(set_, on, plan, number)
                took = time.monotonic() - start
                print(f"{on.value}: round {number + 1}/{plan.rounds}, {took:.0f} s", flush=True)
    return cells


def keep(cells: list[Cell]) -> Path:
    """Write every cell to a file; return it."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / time.strftime("%Y%m%d-%H%M%S.json")
    path.write_text(json.dumps([asdict(cell) for cell in cells]), encoding="ascii")
    return path


def _make_ready(set_: Stage) -> None:
    for name, who in set_.contestants.items():
        if name != rows.OPAQUE:
            who.make_ready(max(CONNECTIONS) + 1)
    set_.contestants[rows.BARE] = Contestant(
        name=rows.BARE, port=set_.bare.port, pid=set_.bare.pid, paths=contestants.OURS
    )


def _round(set_: Stage, on: On, plan: Plan, number: int) -> Iterator[Cell]:
    for row in rows.ROWS:
        for connections in CONNECTIONS:
            names = row.who[::-1] if number % 2 else row.who
            for name in names:
                if name == rows.DEFAULT and (connections > 1 or number >= _SLOW_ROUNDS):
                    continue
                who = set_.contestants[name]
                if row.name == rows.REDEMPTION:
                    _collect(who, plan)
                elif number == 0:
                    wire.run(who.port, row.play(who, connections), seconds=_WARM_UP)
                place = Place(on.value, number, row.name, name, connections)
                yield _cell(set_, plan, place, row, who)


def _collect(who: Contestant, plan: Plan) -> None:
    """Get as many codes as can be redeemed in the time, as far as that is known."""
    who.codes.clear()
    if who.name == rows.DEFAULT:
        wire.run(who.port, [who.collecting()], seconds=60, count=12)
        return
    scripts = [who.collecting() for _ in range(4)]
    wire.run(who.port, scripts, seconds=3 * plan.seconds, count=_MOST_CODES)


def _cell(set_: Stage, plan: Plan, place: Place, row: Row, who: Contestant) -> Cell:
    used: dict[str, float] = {}
    with _measured(set_, who, used):
        load = wire.run(who.port, row.play(who, place.connections), seconds=plan.seconds)
    known = used["server"] + used["database"] + load.driver_cpu
    return Cell(
        **place._asdict(),
        seconds=load.seconds,
        good=load.good,
        failed=len(load.failures),
        server_cpu=used["server"],
        database_cpu=used["database"],
        driver_cpu=load.driver_cpu,
        others_cpu=max(0.0, used["busy"] - known),
        statements=int(used["statements"]),
        wal=int(used["wal"]),
        latencies=sorted(load.latencies),
    )


@contextmanager
def _measured(set_: Stage, who: Contestant, used: dict[str, float]) -> Iterator[None]:
    before = _counters(set_, who)
    yield
    after = _counters(set_, who)
    used.update({name: after[name] - before[name] for name in before})


def _counters(set_: Stage, who: Contestant) -> dict[str, float]:
    found = {"server": machine.cpu(who.pid), "database": 0.0, "statements": 0.0, "wal": 0.0}
    if set_.postgres:
        found["database"] = machine.cpu(set_.postgres)
        url = set_.database_urls["dot" if who.name.startswith("DOT") else "ours"]
        with psycopg.connect(url, autocommit=True) as connection:
            counted = connection.execute(_COUNT).fetchone() or (0, 0)
            found["statements"], found["wal"] = float(counted[0]), float(counted[1])
    return found | {"busy": machine.busy()}


_COUNT = """
SELECT COALESCE(sum(calls), 0), pg_current_wal_lsn() - '0/0'::pg_lsn
  FROM pg_stat_statements
 WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND query NOT LIKE '%pg_stat_statements%'
"""
