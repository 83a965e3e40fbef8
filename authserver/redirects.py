"""RFC 9700 §2.1 — redirect URIs: exact matching, what may be registered, how an answer is added.

The one exception to string equality is the port of a literal loopback address of a native client
(RFC 8252 §7.3). A registered URI is never parsed and rebuilt: parameters are appended to its text.
"""

import re
from collections.abc import Collection, Mapping
from urllib.parse import urlencode, urlsplit

_LOOPBACK = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\]))(?::(\d{1,5}))?(/[^#]*|\?[^#]*)?")
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})
_DANGEROUS = frozenset(
    {"javascript", "data", "vbscript", "file", "blob", "about", "ftp", "ws", "wss"}
)
_URI = re.compile(r"[A-Za-z0-9\-._~:/?\[\]@!$&'()+,;=%]+")  # RFC 3986 without '#', and without '*'
_HOST = re.compile(
    r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*\Z"
)
_MAX_LENGTH = 2000
_MAX_PORT = 65535
_OUR_PARAMETERS = re.compile(
    r"[?&](?:code|id_token|access_token|state|session_state|iss|error|error_description|response)=",
    re.IGNORECASE,
)


def matches(registered: Collection[str], uri: str, *, is_native: bool) -> bool:
    """Tell whether `uri` is registered: the same string, or a native loopback on any port."""
    if uri in registered:
        return True
    if not is_native:
        return False
    asked = _without_port(uri)
    return asked is not None and any(_without_port(known) == asked for known in registered)


def _without_port(uri: str) -> tuple[str, str] | None:
    loopback = _LOOPBACK.fullmatch(uri)
    if loopback is None or not uri.isascii() or int(loopback[2] or 80) > _MAX_PORT:
        return None
    return loopback[1], loopback[3] or ""


def is_claimable(uri: str) -> bool:
    """Tell whether any application on a device can receive what is sent here (RFC 8252 §8.6)."""
    return not uri.startswith("https://")


def fault(uri: object, *, is_native: bool) -> str | None:
    """Return what keeps `uri` from being registered as a redirect URI, or None."""
    if not isinstance(uri, str) or not uri:
        return "must be a text that is not empty"
    if len(uri) > _MAX_LENGTH:
        return f"is longer than {_MAX_LENGTH} characters"
    if "#" in uri:
        return "must not have a fragment (RFC 6749 §3.1.2)"
    if not _URI.fullmatch(uri) or re.search(r"%(?![0-9A-Fa-f]{2})|%[01]|%7[fF]", uri):
        return "holds a character that is not allowed; wildcards do not exist here"
    if _OUR_PARAMETERS.search(uri):
        return "already holds a parameter that the answer adds"
    return _address_fault(uri, is_native=is_native)


def _address_fault(uri: str, *, is_native: bool) -> str | None:
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "is not a URI"
    scheme = uri.partition(":")[0]
    if not parts.scheme or scheme != scheme.lower():
        return "must be absolute, with its scheme in lower case"
    if "@" in parts.netloc or parts.netloc.endswith(":") or port == 0:
        return "must not name a user or an empty port"
    if scheme in {"http", "https"}:
        return _web_fault(scheme, host, parts.netloc)
    if scheme in _DANGEROUS:
        return "has a scheme that is never redirected to"
    if not is_native:
        return "must be https; private-use schemes are for application_type native"
    if "." not in scheme or parts.netloc:
        return "must use a reversed domain name as its scheme, as in com.example.app:/path"
    return None


def _web_fault(scheme: str, host: str, netloc: str) -> str | None:
    if netloc != netloc.lower():
        return "must have its host in lower case"
    if host == "::1":
        return None
    if not _HOST.match(host):
        return "must name a host"
    if scheme == "http" and host not in LOOPBACK_HOSTS:
        return "must be https, or http on a loopback address"
    return None


def append(uri: str, parameters: Mapping[str, str], *, fragment: bool = False) -> str:
    """Return `uri` with parameters added behind its own text, percent-encoded."""
    added = urlencode(parameters)
    if fragment:
        return f"{uri}#{added}"
    if "?" not in uri:
        return f"{uri}?{added}"
    return f"{uri}{added}" if uri.endswith(("?", "&")) else f"{uri}&{added}"


def origin_fault(origin: object) -> str | None:
    """Return what keeps `origin` from being registered for CORS, or None (RFC 6454 §6.2)."""
    if not isinstance(origin, str) or not origin.isascii():
        return "must be a text"
    broken = fault(origin, is_native=False)
    if broken:
        return broken
    parts = urlsplit(origin)
    if origin != f"{parts.scheme}://{parts.netloc}":
        return "must be scheme, host and port only"
    return None
