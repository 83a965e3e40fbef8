"""RFC 9110 §10.1.5 — what a device calls itself, as its owner would; and the place of an address.

The header is whatever a client says, so it is shown and believed in nothing. Places come from a
file that the operator names (AUTHSERVER_GEOIP_FILE), read on this machine; nobody else is asked.
"""

import functools
import logging
import re
from pathlib import Path
from typing import Any, Final

import maxminddb
import ua_parser
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from maxminddb import MODE_FILE, InvalidDatabaseError
from maxminddb.types import Record

from config import client_ip, environment, logs

_LONGEST: Final = 300
_BETWEEN: Final = "\n"  # no header can hold one
_VARIETY: Final = re.compile(r"^(?:Mobile|Headless) ?| (?:Mobile(?: iOS| WebView)?|iOS|WebView)$")
_SYSTEMS: Final = {"Mac OS X": "macOS", "Chrome OS": "ChromeOS"}
_HAND_HELD: Final = ("iPhone", "iPad")

log = logging.getLogger("authserver.devices")


def kind(user_agent: str) -> str:
    """Return what is kept of a User-Agent header: the names of browser and system, or ''."""
    found = ua_parser.parse(user_agent[:_LONGEST].encode("ascii", "ignore").decode())
    browser = _VARIETY.sub("", found.user_agent.family) if found.user_agent else ""
    system = found.os.family if found.os else ""
    device = found.device.family if found.device else ""
    system = device if device in _HAND_HELD else _SYSTEMS.get(system, system)
    return f"{browser}{_BETWEEN}{system}" if browser or system else ""


def in_words(kept: str) -> str:
    """Return what `kind` kept in the reader's language: `Firefox on Windows`."""
    browser, _between, system = kept.partition(_BETWEEN)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Unknown device")


def describe(user_agent: str) -> str:
    """Return what a device calls itself in the reader's language: `Firefox on Windows`."""
    return in_words(kind(user_agent))


def place(address: str) -> str:
    """Return where an address is, in the reader's language: `Berlin, Germany`; '' when unknown."""
    file = environment.current().geoip_file
    if file is None or client_ip.parse(address) is None:
        return ""
    try:
        found = _record(file, file.stat().st_mtime_ns, address)
    except (OSError, ValueError, InvalidDatabaseError) as error:
        log.warning("geoip_unreadable", extra={logs.FIELDS: {"why": type(error).__name__}})
        return ""
    names = [_name(found, part) for part in ("city", "country")] if found else []
    return ", ".join(name for name in names if name)


def where(address: str) -> str:
    """Return the place of an address and, where it is unknown, the address."""
    return place(address) or address


@functools.lru_cache(maxsize=1024)
def _record(file: Path, _changed_at: int, address: str) -> Record | None:
    """Look an address up; the file is not mapped into memory, for it may be written over."""
    with maxminddb.open_database(file, MODE_FILE) as places:
        return places.get(address)


def _name(found: object, part: str) -> str:
    names: Any = found
    for member in (part, "names"):
        names = names.get(member) if isinstance(names, dict) else None
    if not isinstance(names, dict):
        return ""
    language = get_language() or "en"
    name = names.get(language) or names.get(language.partition("-")[0]) or names.get("en")
    return name if isinstance(name, str) else ""
