"""RFC 7239 §7.4 — whose address to believe: the peer's, or what a trusted proxy says of it.

X-Forwarded-For is walked from the right; trusted proxies are skipped and the first other address is
the client. A word that is no address ends the walk at the last good one. Nothing here ever raises.
"""

import functools
import ipaddress
from collections.abc import Mapping
from typing import Any

from config import environment

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
NOBODY = "0.0.0.0"  # noqa: S104  what stands for a peer without address, such as a Unix socket
LONGEST = 4096


def of(environ: Mapping[str, Any]) -> str:
    """Return the client's address in its canonical form; an IPv4-mapped one as IPv4."""
    peer = _peer(environ)
    if peer is None:
        return NOBODY
    if not is_trusted(peer):
        return str(peer)
    client = peer
    for word in reversed(str(environ.get("HTTP_X_FORWARDED_FOR", ""))[-LONGEST:].split(",")):
        address = parse(word)
        if address is None:
            break
        client = address
        if not is_trusted(address):
            break
    return str(client)


def peer_is_trusted(environ: Mapping[str, Any]) -> bool:
    """Tell whether whoever holds the other end of the connection is one of our proxies."""
    peer = _peer(environ)
    return peer is not None and is_trusted(peer)


def is_trusted(address: Address) -> bool:
    """Tell whether the address belongs to AUTHSERVER_TRUSTED_PROXIES."""
    return any(address in network for network in environment.current().trusted_proxies)


@functools.lru_cache(maxsize=4096)
def parse(word: str) -> Address | None:
    """Return the address of a word, without port and zone, or None."""
    text = word.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _peer(environ: Mapping[str, Any]) -> Address | None:
    return parse(str(environ.get("REMOTE_ADDR", "")))
