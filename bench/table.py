"""The numbers of a run as Markdown: medians with their range, ratios of the same round."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import rows
from bench.compare import Cell
from bench.stage import On
from tests import tree

PAGE = tree.ROOT / "docs/performance.md"
RATES = """\
Good answers per second, median (least to most) of the rounds; the ratio, ours to DOT, is of cells
of the same round."""
COSTS = """\
What one request costs with the most connections: milliseconds from sending to answer (median /
99th of 100), processor microseconds of the server + of PostgreSQL, SQL statements, bytes of
write-ahead log; medians of the rounds. The last column is DOT's processor time to ours, in the
same round."""
_BEGIN, _END = "<!-- numbers of a run: begin -->", "<!-- numbers of a run: end -->"


@dataclass(frozen=True, slots=True)
class Pair:
    """A line of the tables: what of ours is set against what of theirs."""

    title: str
    row: str
    ours: str = rows.OURS
    theirs: str = rows.PLAIN


PAIRS = (
    Pair("client_credentials, ours JWT", "client_credentials"),
    Pair("client_credentials, ours opaque", "client_credentials", ours=rows.OPAQUE),
    Pair("client_credentials, DOT default", "client_credentials", theirs=rows.DEFAULT),
    Pair("introspection", "introspection"),
    Pair("introspection, DOT default", "introspection", theirs=rows.DEFAULT),
    Pair("refresh", "refresh"),
    Pair("refresh, DOT default", "refresh", theirs=rows.DEFAULT),
    Pair("authorize, live session", "authorize"),
    Pair("code redemption", rows.REDEMPTION),
    Pair("code redemption, DOT default", rows.REDEMPTION, theirs=rows.DEFAULT),
    Pair("userinfo", "userinfo"),
    Pair("JWKS", "JWKS"),
    Pair("discovery", "discovery"),
)


def markdown(cells: Sequence[Cell]) -> str:
    """Return all tables of a run."""
    parts = []
    for on in dict.fromkeys(cell.on for cell in cells):
        here = [cell for cell in cells if cell.on == on]
        parts += [f"### On {on}", _rates(here), _costs(here), _noise(here)]
    return "\n\n".join(parts) + "\n"


def write(text: str) -> Path:
    """Put the tables into docs/performance.md; return it."""
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(_BEGIN)
    after = rest.split(_END)[1]
    PAGE.write_text(f"{before}{_BEGIN}\n\n{text}\n{_END}{after}", encoding="utf-8")
    return PAGE


def _rates(cells: Sequence[Cell]) -> str:
    lines = [
        RATES,
        "",
        "| row | connections | ours | DOT | ratio |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for pair in PAIRS:
        for c in sorted({cell.connections for cell in cells}):
            ours, theirs = (_of(cells, pair.row, who, c) for who in (pair.ours, pair.theirs))
            if not theirs:
                continue
            ratio = _spread([a.rate / b.rate for a, b in _same_round(ours, theirs)], _ratio)
            shown = (_spread([cell.rate for cell in side], _number) for side in (ours, theirs))
            lines.append(f"| {pair.title} | {c} | {' | '.join(shown)} | {ratio} |")
    return "\n".join(lines)


def _costs(cells: Sequence[Cell]) -> str:
    most = max(cell.connections for cell in cells)
    lines = [
        COSTS,
        "",
        "| row | ours: ms | CPU µs | SQL | WAL | DOT: ms | CPU µs | SQL | WAL | CPU ratio |",
        f"|{' --- |'}{' ---: |' * 9}",
    ]
    for pair in PAIRS:
        if pair.theirs == rows.DEFAULT:
            continue
        ours, theirs = (_of(cells, pair.row, who, most) for who in (pair.ours, pair.theirs))
        ratio = _spread([b.cpu / a.cpu for a, b in _same_round(ours, theirs)], _ratio)
        lines.append(f"| {pair.title} | {_cost(ours)} | {_cost(theirs)} | {ratio} |")
    return "\n".join(lines)


def _cost(cells: Sequence[Cell]) -> str:
    def each(name: str, unit: float = 1) -> str:
        values = (getattr(cell, name) / max(cell.good, 1) / unit for cell in cells)
        return _number(statistics.median(values))

    def late(part: float) -> float:
        return statistics.median(_at(cell.latencies, part) * 1000 for cell in cells)

    times = f"{late(0.5):.1f} / {late(0.99):.1f}"
    if cells[0].on == On.SQLITE.value:
        return f"{times} | {each('server_cpu', 1e-6)} | - | -"
    cpu = f"{each('server_cpu', 1e-6)} + {each('database_cpu', 1e-6)}"
    return f"{times} | {cpu} | {each('statements')} | {each('wal')}"


def _at(ordered: Sequence[float], part: float) -> float:
    return ordered[int(len(ordered) * part)]


def _same_round(ours: Iterable[Cell], theirs: Sequence[Cell]) -> list[tuple[Cell, Cell]]:
    return [
        (mine, its)
        for mine in ours
        for its in theirs
        if mine.round == its.round and mine.good and its.good
    ]


def _noise(cells: Sequence[Cell]) -> str:
    lines = []
    for c in sorted({cell.connections for cell in cells}):
        bare = [cell for cell in cells if cell.who == rows.BARE and cell.connections == c]
        driver = statistics.median(cell.driver_cpu / max(cell.good, 1) for cell in bare) * 1e6
        rate = _spread([cell.rate for cell in bare], _number)
        lines.append(
            f"The driver against an application that does nothing, {c} connection(s): {rate} per"
            f" second, of which the driver itself takes {driver:.0f} µs a request."
        )
    others = sorted(cell.others_cpu / cell.seconds for cell in cells)
    failed = sum(cell.failed for cell in cells)
    asked = sum(cell.good + cell.failed for cell in cells)
    lines.append(
        f"Other programs on the machine took {statistics.median(others):.2f} cores in the middle"
        f" cell and {others[-1]:.2f} in the worst of {len(others)}. Answers that were errors:"
        f" {failed} of {asked}{_who_failed(cells)}."
    )
    return "\n".join(lines)


def _who_failed(cells: Sequence[Cell]) -> str:
    found = {(cell.who, cell.row) for cell in cells if cell.failed}
    return f" ({'; '.join(f'{who}: {row}' for who, row in sorted(found))})" if found else ""


def _of(cells: Iterable[Cell], row: str, who: str, connections: int) -> list[Cell]:
    return [
        cell for cell in cells if (cell.row, cell.who, cell.connections) == (row, who, connections)
    ]


def _spread(values: Sequence[float], shown: Callable[[float], str]) -> str:
    if not values:
        return "-"
    return f"{shown(statistics.median(values))} ({shown(min(values))} to {shown(max(values))})"


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"


def _ratio(value: float) -> str:
    return f"{value:.0f}" if value >= 20 else f"{value:.1f}"
