"""Which URLs of others we would ever ask: read so strictly that no two parsers could disagree."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from config import addresses, environment

NOT_PUBLIC: Final = "Its host is not a public one."
_NOT_HTTPS: Final = "It is not an absolute https URL."
_LONGEST: Final = 2048
_PORTS: Final = {"https": 443, "http": 80}
_VISIBLE = re.compile(r"[!-\[\]-~]+")  # ASCII without the backslash, which browsers take for a /
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")  # such a last label makes a name an IPv4 address
_AT_HOME: Final = (".localhost", ".local", ".internal", ".home.arpa", ".onion")


class UnfitError(Exception):
    """We would never ask this URL; the text is one sentence of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A URL taken apart: `target` is path and query; an allowed host may be a private one."""

    is_tls: bool
    host: str
    port: int
    target: str
    is_allowed: bool

    @property
    def site(self) -> str:
        """Whose it is, roughly: the end of the name, for everybody can have many names below it."""
        is_name = ":" not in self.host and not self.host.rpartition(".")[2].isdigit()
        return ".".join(self.host.split(".")[-2:]) if is_name else self.host


def read(url: str) -> Place:
    """Take a URL apart.

    Raises:
        UnfitError: when it could not be asked whatever its name stands for.
    """
    if len(url) > _LONGEST or not _VISIBLE.fullmatch(url):
        raise UnfitError("It is not a URL of at most 2048 visible ASCII characters.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UnfitError("It is not a URL.") from None
    if not url.startswith(("https://", "http://")) or not parts.hostname:
        raise UnfitError(_NOT_HTTPS)
    if "#" in url:
        raise UnfitError("It has a fragment.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    whole = host if port is None else f"{host}:{port}"
    if parts.netloc.lower() != whole or port == 0:
        raise UnfitError("It names more than a host and a port, or writes them unusually.")
    port = port or _PORTS[parts.scheme]
    is_allowed = bool({host, f"{host}:{port}"} & environment.current().allowed_private_hosts)
    if parts.scheme != "https" and not is_allowed:
        raise UnfitError(_NOT_HTTPS)
    _judge(parts.hostname, is_allowed=is_allowed)
    return Place(
        is_tls=parts.scheme == "https",
        host=parts.hostname,
        port=port,
        target=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
        is_allowed=is_allowed,
    )


def _judge(host: str, *, is_allowed: bool) -> None:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        if not _NAME.fullmatch(host) or _NUMBER.fullmatch(host.rpartition(".")[2]):
            raise UnfitError(
                "Its host is neither a name nor an address as usually written."
            ) from None
        is_public = "." in host and not f".{host}".endswith(_AT_HOME)
    else:
        is_public = addresses.is_public(host)
    if not is_public and not is_allowed:
        raise UnfitError(NOT_PUBLIC)
