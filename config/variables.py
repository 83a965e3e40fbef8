"""The AUTHSERVER_* variables: one row each, how its text is read and what may stand there."""

import ipaddress
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from urllib.parse import urlsplit

from config import blocklist, database, issuer, mail_url, policy_file, roots, upstream
from config.faults import Fault, did_you_mean

PREFIX = "AUTHSERVER_"
TEST_PREFIX = "AUTHSERVER_TEST_"  # belongs to the test suite, which the server never reads
LARGEST_FILE = 65536
HOST_PATTERN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[?[0-9A-Fa-f:.]+\]?")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Mode(Enum):
    """What the deployment is for: trying things out, or people."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class LogLevel(Enum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """How one variable is read. `parse` raises ValueError with a sentence."""

    parse: Callable[[str], object]
    allowed: str
    secret: bool = False


def _one_of(kind: type[Enum]) -> Callable[[str], Enum]:
    known = [str(each.value) for each in kind]

    def parse(text: str) -> Enum:
        if text in known:
            return kind(text)
        message = f"is not one of the allowed values.{did_you_mean(text, known)}"
        raise ValueError(message)

    return parse


def _number(at_least: int, at_most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,12}", text) or not at_least <= int(text) <= at_most:
            message = f"is not a whole number from {at_least} to {at_most}."
            raise ValueError(message)
        return int(text)

    return parse


def _path(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _existing_file(text: str) -> Path:
    path = _path(text)
    try:
        with path.open("rb"):
            return path
    except OSError as error:
        message = f"cannot be read: {error.strerror}."
        raise ValueError(message) from None


def _blocklist(text: str) -> Path:
    return blocklist.check(_path(text))


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s,]+", text) if word]


def _networks(text: str) -> tuple[Network, ...]:
    found: list[Network] = []
    for word in _words(text):
        try:
            found.append(ipaddress.ip_network(word))
        except ValueError:
            message = f"{word!r} is not an address or a network (host bits must be zero)."
            raise ValueError(message) from None
    return tuple(found)


def _host(text: str) -> str:
    if not HOST_PATTERN.fullmatch(text):
        message = "is not a host name or address."
        raise ValueError(message)
    return text.strip("[]")


def _private_hosts(text: str) -> frozenset[str]:
    for word in _words(text):
        try:
            parts = urlsplit(f"//{word}")
            host, port = parts.hostname or "", parts.port
        except ValueError:
            host, port = "", None
        shown = f"[{host}]" if ":" in host else host
        if not HOST_PATTERN.fullmatch(shown) or word.lower() not in {shown, f"{shown}:{port}"}:
            message = f"{word!r} is not a host or host:port (an IPv6 address stands in brackets)."
            raise ValueError(message)
    return frozenset(word.lower() for word in _words(text))


def _authorities(text: str) -> Path:
    path = _existing_file(text)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except (ssl.SSLError, OSError):
        message = "holds no certificates in PEM."
        raise ValueError(message) from None
    return path


def _redis_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        message = "is not a URL."
        raise ValueError(message) from None
    reachable = parts.path if parts.scheme == "unix" else parts.hostname
    if parts.scheme not in {"redis", "rediss", "unix"} or not reachable:
        message = "is not a redis:, rediss: or unix: URL."
        raise ValueError(message)
    return text


def _address(text: str) -> str:
    if not re.fullmatch(r"[^\s<>\"@,]+@[^\s<>\"@,]+|[^<>\r\n]{1,100} <[^\s<>@]+@[^\s<>@]+>", text):
        message = "is not a mail address."
        raise ValueError(message)
    return text


def _contacts(text: str) -> tuple[str, ...]:
    """Return the URIs under which weaknesses may be reported (RFC 9116 §2.5.3)."""
    found = []
    for word in _words(text):
        if not re.fullmatch(r"[!-~]{3,500}", word):
            message = "holds a character that no address has."
            raise ValueError(message)
        uri = word if ":" in word else f"mailto:{_address(word)}"
        scheme, _, rest = uri.partition(":")
        if scheme not in {"mailto", "tel", "https"} or not rest.strip("/"):
            message = f"{word!r} is not a mail address, mailto:, https: or tel:."
            raise ValueError(message)
        found.append(uri)
    return tuple(found)


FILE = "the path of a readable file"
# Each row's key is the field of Environment and, in capitals, the rest of the variable's name.
VARIABLES: Mapping[str, Variable] = {
    "issuer": Variable(parse=issuer.parse, allowed=issuer.ALLOWED),
    "mode": Variable(parse=_one_of(Mode), allowed="development, production"),
    "data_dir": Variable(parse=_path, allowed="the path of a folder"),
    "database_url": Variable(parse=database.check, allowed=database.ALLOWED, secret=True),
    "database_pool_size": Variable(parse=_number(1, 1000), allowed="1 to 1000"),
    "database_pool_idle": Variable(parse=policy_file.duration, allowed=policy_file.DURATION_FORM),
    "database_timeout": Variable(parse=policy_file.duration, allowed=policy_file.DURATION_FORM),
    "redis_url": Variable(
        parse=_redis_url,
        allowed="redis://host:6379/0, rediss://… or unix:///path/of/socket",
        secret=True,
    ),
    "root_keys": Variable(
        parse=roots.parse,
        allowed=f"base64 of 32 random bytes ({roots.HOW_TO_MAKE}); several separated by commas",
        secret=True,
    ),
    "instance_epoch": Variable(parse=_number(1, 2**31 - 1), allowed="1, 2, 3, …"),
    "trusted_proxies": Variable(
        parse=_networks, allowed="addresses and networks such as 10.0.0.2, 192.168.0.0/24"
    ),
    "allowed_private_hosts": Variable(
        parse=_private_hosts, allowed="hosts such as rp.internal, 10.0.0.7:8443, [::1]:8443"
    ),
    "extra_ca_file": Variable(parse=_authorities, allowed=f"{FILE} of CA certificates in PEM"),
    "policy_file": Variable(parse=_existing_file, allowed=f"{FILE} in TOML"),
    "email_url": Variable(parse=mail_url.parse, allowed=mail_url.ALLOWED, secret=True),
    "email_from": Variable(parse=_address, allowed="an address such as id@example.com"),
    "security_contact": Variable(
        parse=_contacts,
        allowed="mail addresses, https: or tel: addresses, the preferred one first",
    ),
    "geoip_file": Variable(parse=_existing_file, allowed=f"{FILE} in MaxMind DB format"),
    "password_blocklist_file": Variable(parse=_blocklist, allowed=f"{FILE} of {blocklist.FORM}"),
    "upstream_secrets": Variable(parse=upstream.secrets, allowed=upstream.FORM, secret=True),
    "host": Variable(parse=_host, allowed="the name or address to listen on"),
    "port": Variable(parse=_number(1, 65535), allowed="1 to 65535"),
    "workers": Variable(parse=_number(1, 256), allowed="1 to 256"),
    "threads": Variable(parse=_number(1, 256), allowed="1 to 256"),
    "tls_cert_file": Variable(parse=_existing_file, allowed=f"{FILE} in PEM"),
    "tls_key_file": Variable(parse=_existing_file, allowed=f"{FILE} in PEM"),
    "log_level": Variable(parse=_one_of(LogLevel), allowed="debug, info, warning, error"),
}


def name_of(field: str) -> str:
    """Return the variable of a field."""
    return PREFIX + field.upper()


def see(field: str) -> str:
    """Return where the variable is documented."""
    return f"docs/operations.md#{name_of(field).lower()}"


def read(given: Mapping[str, str]) -> tuple[dict[str, object], list[Fault]]:
    """Return the values of every field that is set, and everything that is wrong."""
    faults = _unknown(given)
    values: dict[str, object] = {}
    for field, variable in VARIABLES.items():
        try:
            text = _text(name_of(field), given)
            if text is not None:
                values[field] = variable.parse(text)
        except ValueError as error:
            shown = None if variable.secret else given.get(name_of(field), "").strip()
            faults.append(
                Fault(
                    key=name_of(field),
                    value=shown,
                    problem=str(error),
                    allowed=variable.allowed,
                    see=see(field),
                )
            )
    return values, faults


def _text(name: str, given: Mapping[str, str]) -> str | None:
    direct, file = given.get(name, "").strip(), given.get(f"{name}_FILE", "").strip()
    if direct and file:
        message = f"is given twice: also as {name}_FILE. Keep one of them."
        raise ValueError(message)
    if not file:
        return direct or None
    try:
        with Path(file).open("rb") as opened:
            text = opened.read(LARGEST_FILE).decode("utf-8").strip()
    except OSError as error:
        message = f"{name}_FILE={file!r} cannot be read: {error.strerror}."
        raise ValueError(message) from None
    except UnicodeDecodeError:
        message = f"{name}_FILE={file!r} is not UTF-8 text."
        raise ValueError(message) from None
    if not text:
        message = f"{name}_FILE={file!r} is empty."
        raise ValueError(message)
    return text


def _unknown(given: Mapping[str, str]) -> list[Fault]:
    known = [name_of(field) for field in VARIABLES]
    known += [f"{name}_FILE" for name in known]
    return [
        Fault(
            key=name,
            problem=f"is not a setting of authserver.{did_you_mean(name, known)}",
            see="docs/operations.md#environment",
        )
        for name in sorted(given)
        if name.startswith(PREFIX) and not name.startswith(TEST_PREFIX) and name not in known
    ]
