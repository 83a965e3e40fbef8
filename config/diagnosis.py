"""What `doctor` looks at: everything a deployment needs, each in one sentence."""

import datetime as dt
import http.client
import socket
import ssl
import stat
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

from django.contrib.auth import hashers
from django.core.cache import cache
from django.db import connection

from config import (
    blocklist,
    certificates,
    clock,
    environment,
    hashing,
    health,
    invocation,
    policy,
)
from config.outbox import upkeep

PATIENCE = 3.0  # seconds for the issuer to answer
SLOW_HASH, FAST_HASH = 1.0, 0.03  # seconds
_HASHES = 3


class State(Enum):
    """How a finding stands."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one look told."""

    name: str
    state: State
    sentence: str


def look(*, online: bool) -> list[Finding]:
    """Look at everything; `online` also asks the issuer's own address."""
    looks: dict[str, Callable[[], tuple[State, str]]] = {
        "configuration": _configuration,
        "data folder": _data_folder,
        "database": _database,
        "cache": _cache,
        "clock": _clock,
        "outbox": _outbox,
        "password hashing": _hashing,
        "password blocklist": _blocklist,
    }
    here = environment.current()
    if here.tls_cert_file and here.tls_key_file:
        looks["certificate"] = _certificate
    if online:
        looks["issuer"] = _issuer
        if here.is_secure:
            looks["issuer's certificate"] = _issuers_certificate
    return [_tried(name, each) for name, each in looks.items()]


def _tried(name: str, each: Callable[[], tuple[State, str]]) -> Finding:
    try:
        state, sentence = each()
    except Exception as error:  # noqa: BLE001  the point is to tell what is broken, all of it
        reason = str(error).strip().partition("\n")[0]
        state, sentence = State.FAILED, f"{type(error).__name__}: {reason}"
    return Finding(name=name, state=state, sentence=sentence)


def _configuration() -> tuple[State, str]:
    here = environment.current()
    return (
        State.OK,
        f"{here.mode.value} mode, issuer {here.issuer}, {len(here.root_keys)} root key(s).",
    )


def _data_folder() -> tuple[State, str]:
    folder = environment.current().data_dir
    if not folder.exists():
        return State.OK, f"{folder} does not exist; nothing needs it."
    loose = [
        path.name
        for path in [folder, *folder.iterdir()]
        if path.suffix in {"", ".keys", ".sqlite3"} and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    if loose:
        return State.WARNING, (
            f"Other users of this machine can read {', '.join(loose)}: chmod -R go= {folder}"
        )
    return State.OK, f"{folder} is private."


def _database() -> tuple[State, str]:
    health.database()
    missing = health.migrations()
    state = State.FAILED if missing else State.OK
    return state, missing or f"{connection.vendor} answers and its schema is current."


def _cache() -> tuple[State, str]:
    cache.set("doctor", "well", 10)
    if cache.get("doctor") != "well":
        return State.FAILED, "What was put into the cache did not come back."
    kind = "Redis" if environment.current().redis_url else "This process's own cache"
    return State.OK, f"{kind} answers."


def _clock() -> tuple[State, str]:
    wrong = clock.fault() or clock.fault_beside_database()
    return (State.FAILED, wrong) if wrong else (State.OK, "Plausible.")


def _outbox() -> tuple[State, str]:
    found = upkeep.standing()
    if found.dead:
        return State.WARNING, (
            f"{found.dead} deliveries were given up: {invocation.manage('outbox list --dead')}"
        )
    if found.overdue:
        return State.WARNING, (
            f"{found.overdue} deliveries are overdue: no server runs, or it cannot keep up."
        )
    return State.OK, f"{found.waiting} deliveries wait."


def _hashing() -> tuple[State, str]:
    costs, (at_once, line) = policy.current().passwords, hashing.room()
    times = sorted(_seconds_of_a_hash() for _ in range(_HASHES))
    seconds, mebibytes = times[len(times) // 2], costs.argon2_memory_kib / 1024
    here = environment.current()
    sentence = (
        f"One Argon2id hash (t={costs.argon2_time_cost}, m={mebibytes:.0f} MiB,"
        f" p={costs.argon2_parallelism}) takes {seconds * 1000:.0f} ms; each of {here.workers}"
        f" worker(s) makes {at_once} at once, so about {here.workers * at_once / seconds:.0f} a"
        f" second in {here.workers * at_once * mebibytes:.0f} MiB, and lets {line} wait"
    )
    if seconds > SLOW_HASH:
        return State.WARNING, f"{sentence}: people will notice; lower passwords.argon2_time_cost."
    if seconds < FAST_HASH:
        return State.WARNING, f"{sentence}: this machine can afford more."
    return State.OK, f"{sentence}."


def _seconds_of_a_hash() -> float:
    start = time.perf_counter()
    hashers.make_password("a password nobody has")
    return time.perf_counter() - start


def _blocklist() -> tuple[State, str]:
    path = environment.current().password_blocklist_file
    if path is None:
        return State.OK, "Only the lists that come along: AUTHSERVER_PASSWORD_BLOCKLIST_FILE."
    blocklist.check(path)
    start = time.perf_counter()
    blocklist.holds(path, "a password nobody has")
    took = (time.perf_counter() - start) * 1000
    size = path.stat().st_size / 1e6
    return State.OK, f"{path} ({size:.1f} MB) is in order; one look into it takes {took:.1f} ms."


def _certificate() -> tuple[State, str]:
    here = environment.current()
    if not (here.tls_cert_file and here.tls_key_file):
        return State.OK, "Somebody else speaks TLS for this server."
    found = certificates.read(here.tls_cert_file, here.tls_key_file)
    if here.tls_key_file.stat().st_mode & stat.S_IROTH:
        return (
            State.WARNING,
            f"Everybody on this machine can read the key: chmod o= {here.tls_key_file}",
        )
    return _judged(found)


def _issuers_certificate() -> tuple[State, str]:
    """Look at the certificate that is really served, by us or by a proxy."""
    at = urlsplit(environment.current().issuer)
    host = at.hostname or ""
    plain = socket.create_connection((host, at.port or 443), timeout=PATIENCE)
    with plain, _trusting().wrap_socket(plain, server_hostname=host) as secured:
        return _judged(certificates.parse(secured.getpeercert(binary_form=True) or b""))


def _trusting() -> ssl.SSLContext:
    """Trust what the server trusts when it asks others."""
    context = ssl.create_default_context()
    if (authorities := environment.current().extra_ca_file) is not None:
        context.load_verify_locations(authorities)
    return context


def _judged(found: certificates.Certificate) -> tuple[State, str]:
    host = urlsplit(environment.current().issuer).hostname or ""
    now = dt.datetime.now(tz=dt.UTC)
    if wrong := found.warning(host, now):
        return State.FAILED if found.expires <= now else State.WARNING, wrong
    return State.OK, f"Good until {found.expires:%Y-%m-%d}."


def _issuer() -> tuple[State, str]:
    address = f"{environment.current().issuer}/livez"
    try:
        with urllib.request.urlopen(  # noqa: S310  our issuer
            address, timeout=PATIENCE, context=_trusting()
        ) as response:
            status = response.status
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        return State.FAILED, f"{address} cannot be reached from here: {reason}"
    return State.OK, f"{address} answers {status}."
