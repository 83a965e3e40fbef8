"""What processes cost, read from /proc, and granian started the same way for everybody."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import wire
from tests import tree

_TICK = os.sysconf("SC_CLK_TCK")
_PATIENCE = 60.0  # seconds for a server to come up, and to stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How a server is run: the same for both sides."""

    workers: int
    threads: int


def free_port() -> int:
    """Return a port of loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind((wire.HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def granian(
    application: str,
    *,
    python: Path,
    folder: Path,
    port: int,
    shape: Shape,
    variables: Mapping[str, str],
) -> Iterator[int]:
    """Serve an application until the block ends; yield the process id. Logs go to a file."""
    command = [python, "-m", "granian", "--interface", "wsgi", "--no-ws", "--host", wire.HOST]
    command += ["--port", str(port), "--workers", str(shape.workers), "--log-level", "error"]
    command += ["--blocking-threads", str(shape.threads), "--backpressure", "128", application]
    log = folder / f"{application.partition(':')[0]}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=tree.ROOT,
            env={**inherited(), **variables},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _wait(process, port, log)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def inherited() -> dict[str, str]:
    """Return this process's variables without any deployment's."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AUTHSERVER_", "DJANGO_", "BENCH_"))
    }


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection((wire.HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"the server did not come up: {log.read_text(errors='replace')[-2000:]}")


def parent(pid: int) -> int:
    """Return the process that started this one."""
    return int(_stat(Path(f"/proc/{pid}"))[1])


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    parents = {}
    for path in Path("/proc").iterdir():
        if path.name.isdecimal() and (fields := _stat(path)):
            parents[int(path.name)] = int(fields[1])
    found = [pid]
    for each in found:  # grows while it is walked
        found += [child for child, its_parent in parents.items() if its_parent == each]
    return found


def cpu(pid: int) -> float:
    """Return the seconds of processor time a process and its descendants have used."""
    stats = (_stat(Path(f"/proc/{each}")) for each in family(pid))
    return sum(int(ticks) for fields in stats for ticks in fields[11:15]) / _TICK


def memory(pid: int) -> int:
    """Return the bytes that a process and its descendants hold, shared pages split (PSS)."""
    total = 0
    for each in family(pid):
        text = Path(f"/proc/{each}/smaps_rollup").read_text(encoding="ascii")
        total += next(int(line.split()[1]) for line in text.splitlines() if line[:4] == "Pss:")
    return total * 1024


def busy() -> float:
    """Return the seconds that all cores together have worked, for whomever."""
    with Path("/proc/stat").open(encoding="ascii") as lines:
        user, nice, system, _, _, irq, soft, steal = map(int, lines.readline().split()[1:9])
    return (user + nice + system + irq + soft + steal) / _TICK


def _stat(path: Path) -> list[str]:
    """Return the fields after the name: state, parent, …; [] for a process that has gone."""
    try:
        return (path / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return []
