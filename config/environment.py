"""Where this deployment runs: AUTHSERVER_* variables and *_FILE secrets as one typed object.

Everything that is wrong is told at once, with the way out; an unknown name stops the start,
because a misspelt setting is a setting that silently does not hold.
"""

import errno
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from config import (
    certificates,
    database,
    issuer,
    policy,
    policy_file,
    roots,
    upstream,
    variables,
)
from config.faults import Fault, MisconfiguredError
from config.mail_url import MailServer
from config.roots import RootKey
from config.variables import LogLevel, Mode, Network

ROOT_FOLDER = Path(__file__).resolve().parent.parent
DATABASE_NAME = "authserver.sqlite3"
EPOCH_NAME = "instance.epoch"
NEW_KEY = f"Make a new one with\n  {roots.HOW_TO_MAKE}"
NO_ROOT_KEYS = f"""is missing, and production never makes its own. {NEW_KEY}
keep it outside the database and its backups, and give it as AUTHSERVER_ROOT_KEYS
or, better, in a file named by AUTHSERVER_ROOT_KEYS_FILE."""
WAYS_OUT = """Production needs https. Three ways out:
1. a proxy that ends TLS: give its https address as AUTHSERVER_ISSUER
   and its own address in AUTHSERVER_TRUSTED_PROXIES;
2. your own certificate: AUTHSERVER_TLS_CERT_FILE and AUTHSERVER_TLS_KEY_FILE;
3. only trying things out: AUTHSERVER_MODE=development."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The deployment's surroundings; the field `data_dir` is the variable AUTHSERVER_DATA_DIR."""

    issuer: str = "http://localhost:8000"
    mode: Mode = Mode.DEVELOPMENT
    data_dir: Path = ROOT_FOLDER / "var"
    database_url: str = field(default="", repr=False)  # `load` fills it in
    database_pool_size: int = 20
    database_pool_idle: timedelta = timedelta(seconds=30)
    database_timeout: timedelta = timedelta(seconds=2)
    redis_url: str = field(default="", repr=False)
    root_keys: tuple[RootKey, ...] = ()
    instance_epoch: int = 1
    trusted_proxies: tuple[Network, ...] = ()
    allowed_private_hosts: frozenset[str] = frozenset()
    extra_ca_file: Path | None = None
    policy_file: Path | None = None
    email_url: MailServer | None = None
    email_from: str = ""
    security_contact: tuple[str, ...] = ()
    geoip_file: Path | None = None
    password_blocklist_file: Path | None = None
    upstream_secrets: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    threads: int = 8
    tls_cert_file: Path | None = None
    tls_key_file: Path | None = None
    log_level: LogLevel = LogLevel.INFO

    @property
    def is_production(self) -> bool:
        """Tell whether people rely on this deployment."""
        return self.mode is Mode.PRODUCTION

    @property
    def is_secure(self) -> bool:
        """Tell whether browsers reach us over HTTPS."""
        return self.issuer.startswith("https:")

    @property
    def issuer_path(self) -> str:
        """Return `` or `/idp`: what every path of ours begins with."""
        return urlsplit(self.issuer).path

    @property
    def issuer_origin(self) -> str:
        """Return the issuer without its path."""
        return self.issuer.removesuffix(self.issuer_path) if self.issuer_path else self.issuer

    @property
    def issuer_host(self) -> str:
        """Return host and port as a browser puts them into `Host`."""
        return urlsplit(self.issuer).netloc

    @property
    def pool(self) -> database.Pool:
        """Return the limits of the PostgreSQL pool."""
        return database.Pool(
            size=self.database_pool_size,
            idle=self.database_pool_idle,
            timeout=self.database_timeout,
        )


class _Held:
    """The one mutable place: what `current` answers."""

    environment: Environment | None = None


def current() -> Environment:
    """Return this process's surroundings, read from its variables the first time.

    Raises MisconfiguredError with every fault.
    """
    if _Held.environment is None:
        _Held.environment, rules = load(os.environ)
        policy.install(rules)
    return _Held.environment


@contextmanager
def replaced(**changes: Any) -> Iterator[Environment]:
    """Pretend other surroundings inside a `with` block, process-wide; for tests."""
    before = current()
    _Held.environment = replace(before, **changes)
    try:
        yield _Held.environment
    finally:
        _Held.environment = before


def load(given: Mapping[str, str]) -> tuple[Environment, policy.Policy]:
    """Return the surroundings and the policy, or raise MisconfiguredError with every fault.

    What it writes: the data folder, when something rests there, and in development the root keys.
    """
    values, faults = variables.read(given)
    found = _completed(Environment(**values), values)  # type: ignore[arg-type]  # read from one table
    rules = policy.Policy()
    if found.policy_file:
        rules, wrong = policy_file.read(found.policy_file)
        faults += wrong
    faults += upstream.without_secret(rules.upstream, dict(found.upstream_secrets))
    told = {fault.key for fault in faults}
    wrong = [*_contradictions(found), *_certificate(found)]
    faults += [fault for fault in wrong if fault.key not in told]
    if not faults:
        found, faults = _prepared(found)
    if faults:
        raise MisconfiguredError(faults)
    return found, rules


def _completed(found: Environment, values: Mapping[str, object]) -> Environment:
    changes: dict[str, Any] = {}
    if "issuer" not in values:
        changes["issuer"] = f"http://localhost:{found.port}"
    elif "port" not in values:
        changes["port"] = urlsplit(found.issuer).port or 8000
    if "database_url" not in values:
        changes["database_url"] = f"sqlite:///{quote(str(found.data_dir / DATABASE_NAME))}"
    if "email_from" not in values:
        changes["email_from"] = f"no-reply@{urlsplit(found.issuer).hostname}"
    if "instance_epoch" not in values:
        changes["instance_epoch"] = _epoch_of(found.data_dir / EPOCH_NAME)
    return replace(found, **changes)


def _epoch_of(path: Path) -> int:
    try:
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return 1
    return int(text) if text.isdecimal() else 1


def _contradictions(found: Environment) -> list[Fault]:
    """List what is fine alone and cannot be together."""
    rules = _production_rules(found) if found.is_production else []
    rules += [
        (
            (found.tls_cert_file is None) == (found.tls_key_file is None),
            "tls_cert_file" if found.tls_cert_file is None else "tls_key_file",
            "is missing: a certificate and its key come together.",
        ),
        (
            found.workers == 1
            or (not database.is_sqlite(found.database_url) and bool(found.redis_url)),
            "workers",
            "More than one process needs AUTHSERVER_DATABASE_URL and AUTHSERVER_REDIS_URL.",
        ),
    ]
    return [
        Fault(
            key=variables.name_of(name),
            problem=text,
            allowed=variables.VARIABLES[name].allowed,
            see=variables.see(name),
        )
        for holds, name, text in rules
        if not holds
    ]


def _certificate(found: Environment) -> list[Fault]:
    if found.tls_cert_file is None or found.tls_key_file is None:
        return []
    try:
        certificates.read(found.tls_cert_file, found.tls_key_file)
    except certificates.UnusableError as error:
        return [_fault(error.field, str(error))]
    return []


def _production_rules(found: Environment) -> list[tuple[bool, str, str]]:
    loopback = issuer.is_loopback(found.issuer)
    return [
        (
            found.is_secure or loopback,
            "issuer",
            f"{found.issuer!r} is plain http. {WAYS_OUT}",
        ),
        (
            bool(found.root_keys),
            "root_keys",
            NO_ROOT_KEYS,
        ),
        (
            not _development_keys(found),
            "root_keys",
            f"names a key that was generated for development. {NEW_KEY}",
        ),
        (
            not any(roots.is_weak(key) for key in found.root_keys),
            "root_keys",
            f"holds a key that is not random. {NEW_KEY}",
        ),
    ]


def _development_keys(found: Environment) -> set[bytes]:
    try:
        made = roots.parse((found.data_dir / roots.FILE_NAME).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return set()
    return {key.secret for key in made} & {key.secret for key in found.root_keys}


def _prepared(found: Environment) -> tuple[Environment, list[Fault]]:
    keys_file = found.data_dir / roots.FILE_NAME
    try:
        if database.is_sqlite(found.database_url):
            _claim(database.path_of(found.database_url))
        if not found.root_keys:
            found = replace(found, root_keys=roots.read_or_make(keys_file))
    except OSError as error:
        problem = (
            f"The folder {error.filename} cannot be written ({error.strerror}). Make it writable"
            " for this user, or name another one:\n  AUTHSERVER_DATA_DIR=/folder/of/yours"
        )
        return found, [_fault("data_dir", problem)]
    except ValueError as error:
        return found, [_fault("root_keys", f"The key file {keys_file} is damaged: {error}")]
    return found, []


def _claim(file: Path) -> None:
    """Make the database file, for SQLite would let everybody read the one it makes."""
    roots.make_folder(file.parent)
    if not os.access(file.parent, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(file.parent))
    if not file.exists():
        file.touch(mode=0o600)


def _fault(name: str, problem: str) -> Fault:
    return Fault(key=variables.name_of(name), problem=problem, see=variables.see(name))
