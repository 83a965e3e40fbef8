"""Where the contest takes place: one PostgreSQL (or two SQLite files), and the servers on it."""

import base64
import json
import secrets
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Any

import psycopg
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bench import contestants, machine, registrations, wire
from bench.contestants import Contestant
from bench.machine import Shape
from config import database
from tests import servers, tree

OWN_PYTHON = Path(sys.executable)
DOT_PYTHON = tree.ROOT / "var/bench/dot/bin/python"
DOT_REQUIREMENTS = tree.ROOT / "requirements/bench.txt"
# Unlike the suite, a comparison lets every commit reach the disk; and it counts statements.
POSTGRES = ("shared_preload_libraries=pg_stat_statements", "pg_stat_statements.track_utility=off")
_POOL = database.Pool(size=20, idle=timedelta(seconds=30), timeout=timedelta(seconds=10))


class On(Enum):
    """The two databases."""

    POSTGRESQL = "PostgreSQL"
    SQLITE = "SQLite"


SHAPES = {On.POSTGRESQL: Shape(workers=2, threads=4), On.SQLITE: Shape(workers=1, threads=8)}


@dataclass(frozen=True, slots=True)
class Bare:
    """The application that does nothing; a port of 0 when it is not wanted."""

    port: int = 0
    pid: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What is running. `postgres` is the process id of the database, 0 for SQLite."""

    contestants: dict[str, Contestant]
    bare: Bare
    postgres: int
    database_urls: dict[str, str]
    variables: dict[str, str]

    def manage(self, command: str) -> None:
        """Run a command of our manage.py on what is running."""
        _run(OWN_PYTHON, ["manage.py", command], self.variables)


@contextmanager
def set_up(on: On, *, rival: bool = True, policy: str = "") -> Iterator[Stage]:
    """Start everything; yield it ready to be asked; stop everything."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        urls, redis, postgres = _back_ends(stack, on, folder)
        shape = SHAPES[on]
        variables = _variables(folder, shape, urls["ours"], redis, policy)
        ours = stack.enter_context(_ours(folder, shape, variables))
        everyone = {who.name: who for who in ours}
        bare = Bare()
        if rival:
            rivals = stack.enter_context(_dot(folder, shape, urls["dot"]))
            everyone |= {who.name: who for who in rivals}
            port = machine.free_port()
            pid = stack.enter_context(_granian("bench.bare:application", folder, port, shape))
            bare = Bare(port, pid)
        yield Stage(
            contestants=everyone,
            bare=bare,
            postgres=postgres,
            database_urls=urls,
            variables=variables,
        )


def _back_ends(stack: ExitStack, on: On, folder: Path) -> tuple[dict[str, str], str, int]:
    if on is On.SQLITE:
        return {name: f"sqlite:///{folder}/{name}.sqlite3" for name in ("ours", "dot")}, "", 0
    root = stack.enter_context(servers.postgres(POSTGRES))
    redis = stack.enter_context(servers.valkey())
    urls = {name: stack.enter_context(servers.fresh_database(root)) for name in ("ours", "dot")}
    postgres = 0
    for url in urls.values():
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION pg_stat_statements")
            postgres = machine.parent(connection.info.backend_pid)
    return urls, redis, postgres


def _granian(
    target: str, folder: Path, port: int, shape: Shape, **more: Any
) -> AbstractContextManager[int]:
    return machine.granian(
        target,
        **{"python": OWN_PYTHON, "variables": {}, **more},
        folder=folder,
        port=port,
        shape=shape,
    )


@contextmanager
def _ours(folder: Path, shape: Shape, variables: dict[str, str]) -> Iterator[list[Contestant]]:
    _run(OWN_PYTHON, ["-m", "bench.inside"], variables)
    port = int(variables["AUTHSERVER_PORT"])
    with _granian("config.wsgi:application", folder, port, shape, variables=variables) as pid:
        common: dict[str, Any] = {"port": port, "pid": pid, "paths": contestants.OURS}
        common |= {"web": "bench-web", "api": "bench-api"}
        yield [
            Contestant(name="ours", machine="bench-machine", **common),
            Contestant(name="ours, opaque", machine="bench-opaque", **common),
        ]


def _variables(folder: Path, shape: Shape, url: str, redis: str, policy: str) -> dict[str, str]:
    port = machine.free_port()
    variables = {
        "AUTHSERVER_PORT": str(port),
        "AUTHSERVER_MODE": "production",
        "AUTHSERVER_ISSUER": f"http://{wire.HOST}:{port}",
        "AUTHSERVER_DATA_DIR": str(folder / "ours"),
        "AUTHSERVER_DATABASE_URL": url,
        "AUTHSERVER_ROOT_KEYS": base64.b64encode(secrets.token_bytes(32)).decode(),
        "AUTHSERVER_WORKERS": str(shape.workers),
        "AUTHSERVER_THREADS": str(shape.threads),
        **({"AUTHSERVER_REDIS_URL": redis} if redis else {}),
    }
    # A load is one caller: it is counted as always, and never refused.
    text = registrations.RATES + policy
    (folder / "policy.toml").write_text(text, encoding="utf-8")
    variables["AUTHSERVER_POLICY_FILE"] = str(folder / "policy.toml")
    return variables


@contextmanager
def _dot(folder: Path, shape: Shape, url: str) -> Iterator[list[Contestant]]:
    install()
    port, own = machine.free_port(), folder / "dot"
    own.mkdir()
    (own / "rsa.pem").write_bytes(_rsa_pem())
    entry = database.entry(url, _POOL)
    entry.pop("TEST", None)
    variables = {
        "DJANGO_SETTINGS_MODULE": "bench.dot.settings",
        "BENCH_DOT_FOLDER": str(own),
        "BENCH_DOT_DATABASE": json.dumps(entry, default=str),
    }
    wanted = {
        "email": registrations.EMAIL,
        "password": registrations.PASSWORD,
        "clients": _applications(),
    }
    _run(DOT_PYTHON, ["-m", "bench.dot.prepare"], variables, json.dumps(wanted))
    with _granian(
        "bench.dot.wsgi:application",
        folder,
        port,
        shape,
        python=DOT_PYTHON,
        variables=variables,
    ) as pid:
        yield [
            Contestant(
                name=f"DOT, {secret}",
                port=port,
                pid=pid,
                paths=contestants.DOT,
                machine=f"machine-{secret}",
                web=f"web-{secret}",
                api=f"machine-{secret}",
            )
            for secret in ("plain", "default")
        ]


def _applications() -> list[dict[str, object]]:
    return [
        {
            "name": f"{name}-{secret}",
            "client_id": f"{name}-{secret}",
            "client_secret": registrations.SECRET,
            "hash_client_secret": secret == "default",
            "authorization_grant_type": grant,
            "redirect_uris": registrations.REDIRECT,
            "algorithm": "RS256",
            "skip_authorization": True,
        }
        for secret in ("plain", "default")
        for name, grant in (("machine", "client-credentials"), ("web", "authorization-code"))
    ]


def _rsa_pem() -> bytes:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def install() -> None:
    """Install the rival into an environment of its own, where it is not there yet."""
    stamp = DOT_PYTHON.parent.parent / "requirements.txt"
    wanted = DOT_REQUIREMENTS.read_bytes()
    if stamp.is_file() and stamp.read_bytes() == wanted:
        return
    print("Installing django-oauth-toolkit (once; about half a minute) …", flush=True)
    venv.create(DOT_PYTHON.parent.parent, with_pip=True, clear=True)
    pip = [str(DOT_PYTHON), "-m", "pip", "install", "--quiet", "--require-hashes"]
    subprocess.run([*pip, "-r", str(DOT_REQUIREMENTS)], check=True)
    stamp.write_bytes(wanted)


def _run(python: Path, what: list[str], variables: dict[str, str], given: str = "") -> None:
    done = subprocess.run(
        [str(python), *what],
        cwd=tree.ROOT,
        env={**machine.inherited(), **variables},
        input=given,
        text=True,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{what} failed: {done.stderr[-2000:]}")
