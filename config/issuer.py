"""The issuer: the one URL everything else is built from, and what it must look like."""

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

HOST = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")
PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
DEFAULT_PORTS = {"http": 80, "https": 443}
ALLOWED = (
    "an absolute http or https URL with a lower-case host, without query, fragment, user name or"
    " final slash, such as https://id.example.com or https://example.com/idp"
)


def parse(text: str) -> str:
    """Return the issuer unchanged; raise ValueError with every sentence that is wrong with it."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        message = "is not a URL."
        raise ValueError(message) from None
    if parts.scheme not in DEFAULT_PORTS or not parts.netloc:
        message = "is not an absolute http or https URL."
        raise ValueError(message)
    wrong = [sentence for holds, sentence in _rules(text, parts) if not holds]
    if port is not None and port == DEFAULT_PORTS[parts.scheme]:
        wrong.append(f"must not name port {port}, which its scheme implies.")
    if wrong:
        raise ValueError("\n".join(wrong))
    return text


def _rules(text: str, parts: SplitResult) -> list[tuple[bool, str]]:
    dotted = any(segment in {".", ".."} for segment in parts.path.split("/"))
    return [
        ("?" not in text, "must not have a query."),
        ("#" not in text, "must not have a fragment."),
        ("@" not in parts.netloc, "must not have a user name or password."),
        (not parts.path.endswith("/"), "must not end with a slash."),
        (parts.netloc == parts.netloc.lower(), "must have its host in lower case."),
        (_is_host(parts), "does not name a host."),
        (
            bool(PATH.fullmatch(parts.path.rstrip("/"))) and not dotted,
            "must have a plain path: letters, digits and . _ ~ - between single slashes.",
        ),
        (text.startswith(f"{parts.scheme}://"), "must have its scheme in lower case."),
    ]


def _is_host(parts: SplitResult) -> bool:
    host = (parts.hostname or "").lower()
    if parts.netloc.rpartition("@")[2].startswith("["):
        try:
            return ipaddress.IPv6Address(host).compressed == host
        except ValueError:
            return False
    return bool(HOST.fullmatch(host))


def is_loopback(issuer: str) -> bool:
    """Tell whether the issuer can only be reached from this machine."""
    host = urlsplit(issuer).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
